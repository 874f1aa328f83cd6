import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ChangeSet } from "@codemirror/state";
import { afterAll, expect, it, vi } from "vitest";
import { Journal } from "../../../actors/editor-sync/journal.ts";
import { JOURNAL_FORMAT } from "../../../actors/editor-sync/journal-record.ts";
import { Kept } from "../../../actors/editor-sync/kept.ts";
import { clientUpdate } from "../../../actors/editor-sync/update.ts";
import { SimulatedClock } from "../../../bus/clock.ts";

/** Calls of the system, in order. */
const calls: string[] = vi.hoisted(() => []);
const disk = vi.hoisted(() => ({ isBroken: false }));
vi.mock("node:fs", async (original) => {
  const fs = await original<typeof import("node:fs")>();
  const noted =
    <Args extends unknown[], R>(name: string, call: (...args: Args) => R) =>
    (...args: Args): R => {
      calls.push(`${name} ${args.filter((one) => typeof one === "string").join(" ")}`.trim());
      return call(...args);
    };
  return {
    ...fs,
    openSync: noted("open", fs.openSync),
    renameSync: noted("rename", fs.renameSync),
    fdatasyncSync: noted("fdatasync", fs.fdatasyncSync),
    fsyncSync: noted("fsync", fs.fsyncSync),
    fdatasync: (_fd: number, done: (error: Error | null) => void) =>
      done(disk.isBroken ? new Error("EIO") : null),
  };
});

const folder = mkdtempSync(join(tmpdir(), "bulkhead-durable-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("a journal written anew is there after a power cut: its bytes first, then its name", () => {
  const file = join(folder, "a.journal");
  Journal.create(file, [], new SimulatedClock()).close();
  expect(calls.slice(0, 5)).toEqual([
    `open ${file}.next w`,
    "fdatasync",
    `rename ${file}.next ${file}`,
    `open ${folder} r`,
    "fsync",
  ]);
});

it("a journal the disk refused is written anew before the next edit is taken", () => {
  const file = join(folder, "b.journal");
  const clock = new SimulatedClock();
  const head = {
    ...{ format: JOURNAL_FORMAT, document: "0123456789abcdef", path: "/b", hash: "00" },
    ...{ version: 0, clients: [], isRestored: false },
    marks: { conflicts: [], proposals: [], nextId: 1 },
  };
  const state = () => ({ head, base: () => new Uint8Array(0), past: [], dirty: undefined });
  const kept = new Kept({ file, says: "", clock }, state);
  const edit = [clientUpdate(ChangeSet.of({ from: 0, insert: "x" }, 0), "me", 1)];
  kept.append(edit);
  disk.isBroken = true;
  clock.advance(1_000);
  disk.isBroken = false;
  expect(kept.isKept).toBe(false);
  calls.length = 0;
  kept.append(edit);
  expect(calls).toContain(`rename ${file}.next ${file}`);
  expect(kept.isKept).toBe(true);
  kept.close();
});
