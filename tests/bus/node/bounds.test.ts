/** Everything the hub keeps has a bound: lines, log, crash reports, interface state, notices. */
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type CrashDraft, openCrashStore } from "../../../bus/node/hub/crash-store.ts";
import { openHubLog } from "../../../bus/node/hub/hub-log.ts";
import { createLineRing, LINE_CHARS_MAX, LINES_MAX } from "../../../bus/node/hub/line-ring.ts";
import { createNoticeBoard } from "../../../bus/node/hub/notices.ts";
import { readUiState, writeUiState } from "../../../bus/node/hub/ui-state.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bh-bounds-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("lines are the same however the bytes arrive", () => {
  const texts = fc.array(
    fc.string({ unit: "grapheme", maxLength: 30 }).filter((text) => !/[\r\n]/.test(text)),
    { maxLength: 10 },
  );
  fc.assert(
    fc.property(
      texts,
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
      (lines, cuts) => {
        const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
        const ring = createLineRing(() => undefined);
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = cuts[turn % cuts.length] ?? 1;
          ring.write(bytes.subarray(at, at + size));
          at += size;
        }
        expect(ring.lines()).toEqual(lines);
      },
    ),
  );
});

test("a ring keeps the last lines, each cut, also one that never ends", () => {
  const ring = createLineRing(() => undefined);
  for (let line = 0; line < LINES_MAX + 5; line += 1) ring.write(Buffer.from(`${line}\n`));
  for (let part = 0; part < 100; part += 1) ring.write(Buffer.from("x".repeat(1000)));
  ring.flush();
  expect(ring.lines().length).toBe(LINES_MAX);
  expect(ring.lines()[0]).toBe("6");
  expect(ring.lines().at(-1)?.length).toBe(LINE_CHARS_MAX);
});

test("a source that floods the log loses lines, and the count is written", () => {
  let nowMs = 0;
  const log = openHubLog(join(folder, "hub.log"), () => new Date(nowMs));
  for (let line = 0; line < 1000; line += 1) log.write("flood", "x");
  log.write("quiet", "heard");
  nowMs = 1000;
  log.write("flood", "later");
  log.close();
  const lines = readFileSync(join(folder, "hub.log"), "utf8").trimEnd().split("\n");
  expect(lines.length).toBe(200 + 1 + 2);
  expect(lines.slice(-3).map((line) => line.slice(25))).toEqual([
    "quiet heard",
    "flood [800 lines left out]",
    "flood later",
  ]);
});

test("the log is at most two files of 4 MiB, mode 0600", () => {
  const path = join(folder, "hub.log");
  let nowMs = 0;
  const log = openHubLog(path, () => new Date(nowMs));
  for (let line = 0; line < 10_000; line += 1) {
    nowMs += 10;
    log.write("a", "x".repeat(2000));
  }
  log.close();
  expect(readdirSync(folder).toSorted()).toEqual(["hub.log", "hub.log.1"]);
  expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThan(9 * 1024 * 1024);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

function draft(atMs: number): CrashDraft {
  return {
    head: { process: "mcp/search", epoch: 1, atMs, class: "crash", reason: "exit code 1" },
    stack: "",
    stderr: [],
    uptimeMs: 1,
    mailbox: [],
    callsInFlight: [],
    frames: [],
    memory: [],
  };
}

test("crash reports are 0600 files, the newest 100 are kept", () => {
  const store = openCrashStore(join(folder, "crashes"));
  for (let count = 0; count < 105; count += 1) store.add(draft(count * 1000));
  const heads = store.list();
  expect(heads.length).toBe(100);
  expect(heads[0]?.atMs).toBe(5000);
  const report = store.get(heads.at(-1)?.id ?? "");
  expect(report?.head.process).toBe("mcp/search");
  expect(statSync(report?.path ?? "").mode & 0o777).toBe(0o600);
});

test("a crash report is found by its id alone, never by a path", () => {
  const store = openCrashStore(join(folder, "crashes"));
  writeFileSync(join(folder, "secret.json"), "{}");
  expect(store.get("../secret")).toBeUndefined();
});

test("of reports the disk refused the newest 20 are kept in memory, marked", () => {
  writeFileSync(join(folder, "crashes"), "a file where the folder belongs");
  const store = openCrashStore(join(folder, "crashes"));
  for (let count = 0; count < 25; count += 1) store.add(draft(count));
  const heads = store.list();
  expect(heads.map((head) => head.saved)).toEqual(Array(20).fill(false));
  expect(heads[0]).toMatchObject({ atMs: 5, saveError: expect.stringContaining("crashes") });
});

test("interface state has keys of a plain form and values up to 256 KiB", () => {
  writeUiState(folder, { key: "layout-1", value: { panes: [1, 2] } });
  expect(readUiState(folder, "layout-1")).toEqual({ panes: [1, 2] });
  expect(readUiState(folder, "nothing")).toBeNull();
  expect(() => writeUiState(folder, { key: "../x", value: 1 })).toThrow(
    'key "../x" does not match',
  );
  expect(() => writeUiState(folder, { key: "big", value: "x".repeat(300_000) })).toThrow(
    'value of "big" has 300002 bytes, at most 262144',
  );
  expect(existsSync(join(folder, "ui", "big.json"))).toBe(false);
});

test("a broken state file reads as nothing", () => {
  writeUiState(folder, { key: "layout", value: 1 });
  writeFileSync(join(folder, "ui", "layout.json"), "{");
  expect(readUiState(folder, "layout")).toBeNull();
});

test("the last 200 notices are kept", () => {
  let published = 0;
  const board = createNoticeBoard(
    () => 5,
    () => {
      published += 1;
    },
  );
  for (let count = 0; count < 250; count += 1) {
    board.add({
      kind: "info",
      level: "info",
      process: "",
      title: "t",
      text: "",
      crash: null,
      durationMs: null,
      repeats: 1,
    });
  }
  expect([board.list().length, board.list()[0]?.id, published]).toEqual([200, 51, 250]);
});
