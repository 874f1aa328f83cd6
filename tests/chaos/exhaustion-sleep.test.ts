/** A machine that goes to sleep: every process of an instance stands still for a while, and nobody pays for it. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { noticesList, type ProcessRow, processesList } from "../../bus/contracts/hub.ts";
import { isBusError } from "../../bus/errors.ts";
import type { Peer } from "../../bus/peer.ts";
import { eventually } from "../window/harness/processes.ts";
import { startWhole, type Whole } from "./hostile/whole.ts";

/** Longer than any watchdog waits: ten checks of a second. */
const ASLEEP_MS = 12_000;
/** A watchdog that misjudges does it within this time after. */
const AWAKE_MS = 3_000;

let whole: Whole | undefined;
afterEach(async () => {
  for (const { pid } of whole?.kin.alive() ?? []) process.kill(pid, "SIGCONT");
  await whole?.end();
  whole = undefined;
});

/** Name, pid and incarnation of everything that runs. */
async function running(peer: Peer): Promise<string[]> {
  const { processes } = await peer.request(processesList, {});
  const isOurs = (row: ProcessRow): boolean => row.pid !== null && row.kind !== "client";
  return processes.filter(isOurs).map((row) => `${row.name} ${row.pid} ${row.epoch}`);
}

test("after a sleep every process is the one it was, and nobody was found silent", {
  timeout: 180_000,
}, async () => {
  whole = startWhole({ BULKHEAD_DRILL: "" });
  await whole.ready();
  const peer = await whole.attached();
  await peer.requestRaw("terminal.create", { cols: 80, rows: 24 }, { timeoutMs: 60_000 });
  await eventually("all that start with the hub are ready", async () => {
    const { processes } = await peer.request(processesList, {});
    const atOnce = ["terminal", "file-guard", "editor-sync", "keeper"];
    const ready = processes.filter((row) => atOnce.includes(row.name) && row.state === "ready");
    return ready.length === atOnce.length || undefined;
  });
  const before = await running(peer);
  const late = peer.requestRaw("terminal.list", {}, { timeoutMs: 60_000 });
  const pids = whole.kin.alive().map(({ pid }) => pid);
  for (const pid of pids) process.kill(pid, "SIGSTOP");
  const tooLate = peer
    .requestRaw("terminal.list", {}, { timeoutMs: ASLEEP_MS / 2 })
    .catch((error: unknown) => error);
  await sleep(ASLEEP_MS);
  for (const pid of pids) process.kill(pid, "SIGCONT");
  expect(isBusError(await tooLate, "bus/expired")).toBe(true);
  expect(await late).toHaveProperty("sessions");
  await sleep(AWAKE_MS);
  expect(await running(peer)).toEqual(before);
  const { notices } = await peer.request(noticesList, {});
  expect(notices.filter((notice) => notice.level !== "ok")).toEqual([]);
  expect(readdirSync(join(whole.place.stateDir, "crashes"))).toEqual([]);
  peer.close();
});
