/** The head of the audit log at the hub: a log that was cut does not become whole by growing past what the hub has seen. */
import { writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import * as fileGuard from "../../../bus/contracts/file-guard.ts";
import { auditVerify } from "../../../bus/contracts/hub.ts";
import type { KnownHead } from "../../../bus/node/audit/verify.ts";
import { keepAuditHead, readAuditHead } from "../../../bus/node/hub/audit-head.ts";
import { settled, testHub } from "../harness.ts";
import { chain, intent, type MadeHead, number16, writeLog } from "./audit-log.ts";

const text = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join("");
const MANY = Array.from({ length: 9 }, (_, index) => intent(`/ws/${index}`));
const FIRST = chain(MANY);
/** The log without its last record, which went on. */
const SHORT = chain(MANY.slice(0, 8));
const OTHER = chain([intent("/ws/a"), intent("/ws/b"), intent("/ws/c")], SHORT.head);

const cleanups: Array<() => void> = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});

/** A hub whose log has `lines`, and a guard that tells its heads. */
async function scene(lines: readonly string[]) {
  const log = writeLog(new Map([[1, text(lines)]]));
  cleanups.push(log.remove);
  const stateDir = dirname(log.folder);
  const start = async () => {
    const hub = testHub();
    const peer = await hub.broker.connectHub({ clock: hub.clock });
    const titles: string[] = [];
    const files = {
      write: (path: string, words: string) => writeFileSync(path, words),
      close() {},
    };
    const parts = { peer, files, options: { stateDir }, log: { write() {} } };
    keepAuditHead(parts, ({ title }) => void titles.push(title));
    const guard = await hub.actor("file-guard");
    const ui = await hub.edge();
    return {
      titles,
      tell: (head: MadeHead, problem = "") =>
        guard.peer.publish(fileGuard.auditHead, { ...head, problem }),
      verify: () => ui.request(auditVerify, {}),
    };
  };
  const rewrite = (now: readonly string[]): void =>
    writeFileSync(join(log.folder, number16(1)), text(now));
  const keeps = (count: number): Promise<KnownHead | undefined> =>
    vi.waitFor(() => {
      const kept = readAuditHead(stateDir);
      expect(kept?.count).toBe(count);
      return kept;
    });
  return { start, rewrite, keeps };
}

describe("the head that the hub keeps", () => {
  it("goes on with a log that goes on", async () => {
    const { start, rewrite, keeps } = await scene(SHORT.lines);
    const hub = await start();
    hub.tell(SHORT.head);
    await keeps(8);
    rewrite(FIRST.lines);
    hub.tell(FIRST.head);
    expect(await keeps(9)).toEqual(FIRST.head);
    // The guard before it, which ends, tells what it has seen last.
    hub.tell(SHORT.head);
    await settled();
    expect(await hub.verify()).toMatchObject({ isWhole: true, records: 9 });
    expect(hub.titles).toEqual([]);
  });

  it("does not forget a record that was cut off when others take its place", async () => {
    const { start, rewrite, keeps } = await scene(FIRST.lines);
    const hub = await start();
    hub.tell(FIRST.head);
    await keeps(9);
    rewrite([...SHORT.lines, ...OTHER.lines]);
    hub.tell(OTHER.head);
    const kept = await keeps(11);
    expect(await hub.verify()).toMatchObject({ isWhole: false, wrong: { number: 9 } });
    expect(hub.titles).toEqual(["The audit log was changed from outside"]);
    expect(kept?.lost).toEqual(FIRST.head);
  });

  it("finds what was cut while the hub was down, and tells it once", async () => {
    const { start, rewrite, keeps } = await scene(FIRST.lines);
    const before = await start();
    before.tell(FIRST.head);
    await keeps(9);
    rewrite(SHORT.lines);
    const hub = await start();
    hub.tell(SHORT.head);
    await vi.waitFor(() => expect(hub.titles).toHaveLength(1));
    rewrite([...SHORT.lines, ...OTHER.lines]);
    hub.tell(OTHER.head);
    await keeps(11);
    const after = await start();
    expect(await after.verify()).toMatchObject({ isWhole: false, wrong: { number: 9 } });
    expect(hub.titles).toHaveLength(1);
  });

  it("takes a log that cannot be read for no shorter one", async () => {
    const { start, keeps } = await scene(FIRST.lines);
    const hub = await start();
    hub.tell(FIRST.head);
    await keeps(9);
    hub.tell({ count: 0, hash: "" }, "disk full");
    await vi.waitFor(() => expect(hub.titles).toHaveLength(1));
    expect(await hub.verify()).toMatchObject({ isWhole: true, records: 9 });
    expect(hub.titles).toEqual(["The audit log cannot be written"]);
  });
});
