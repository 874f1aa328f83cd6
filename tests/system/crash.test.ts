/** Processes that fail at start: restarted, parked with their last words, started again by hand. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { crashesList, crashGet, noticesList, processDetail } from "../../bus/contracts/hub.ts";
import { isBusError } from "../../bus/errors.ts";
import { byHand, eventually, fixture, type HubUnderTest, QUICK, startHub } from "./hub-harness.ts";

let hub: HubUnderTest | undefined;
afterEach(async () => {
  await hub?.end();
  hub = undefined;
});

async function startCrashing(): Promise<HubUnderTest> {
  hub = await startHub({
    drill: {
      timings: QUICK,
      children: [{ name: "crash", script: fixture("crash"), delayFirstMs: 10 }],
    },
  });
  return hub;
}

test("a process that crashes at start is parked after 6 crashes, with its stderr", async () => {
  const { peer, until } = await startCrashing();
  const row = await until("crash", "parked");
  expect(row.restarts).toBe(5);
  expect(row.reason).toBe("exit code 1: start failed: TypeError: Cannot find module 'x'");
  expect(row.acts).toEqual(["retry"]);
  const detail = await peer.request(processDetail, { name: "crash" });
  expect(detail.stderr.join("\n")).toContain("info about to fail");
  expect(detail.moves.at(-1)).toMatchObject({ to: "parked", why: "6 crashes in 30 s" });
  const { notices } = await peer.request(noticesList, {});
  expect(notices.at(-1)).toMatchObject({
    kind: "parked",
    level: "error",
    title: "crash stopped: 6 crashes in 30 s",
    text: "Exit code 1: start failed: TypeError: Cannot find module 'x'.",
  });
});

test("each crash leaves a report on disk with class, reason and stderr", async () => {
  const { peer, until, stateDir } = await startCrashing();
  await until("crash", "parked");
  const { crashes } = await peer.request(crashesList, {});
  expect(crashes.map((crash) => crash.class)).toEqual(Array(6).fill("crash"));
  const report = await peer.request(crashGet, { id: crashes.at(-1)?.id ?? "" });
  expect(report.head).toMatchObject({ process: "crash", epoch: 6, saved: true });
  expect(report.path.startsWith(join(stateDir, "crashes"))).toBe(true);
  expect(report.stderr.join("\n")).toContain("Cannot find module");
});

test("a parked process answers calls at once with bus/down, and starts again by hand", async () => {
  const { peer, until, stateDir } = await startCrashing();
  await until("crash", "parked");
  const refused = await peer.requestRaw("crash.anything", {}).catch((error: unknown) => error);
  expect(isBusError(refused, "bus/down")).toBe(true);
  writeFileSync(join(stateDir, "mended"), "");
  await byHand(peer, "crash", "retry");
  const row = await until("crash", "ready");
  expect(row.epoch).toBe(7);
});

test("a start by hand that fails again counts from the beginning", async () => {
  const { peer, until } = await startCrashing();
  const parked = await until("crash", "parked");
  await byHand(peer, "crash", "retry");
  const again = await until("crash", "parked", (row) => row.epoch > parked.epoch);
  expect(again.epoch).toBe(12);
});

test("exit code 78 parks at once and says so", async () => {
  hub = await startHub({
    drill: { timings: QUICK, children: [{ name: "permanent", script: fixture("permanent") }] },
  });
  const row = await hub.until("permanent", "parked");
  expect(row).toMatchObject({ epoch: 1, restarts: 0 });
  expect(row.reason).toContain("policy.json line 12: pattern is not supported");
  const { notices } = await hub.peer.request(noticesList, {});
  expect(notices.at(-1)).toMatchObject({ kind: "start-failed", title: "permanent cannot start" });
});

test("a script that is missing parks the process with the path in its reason", async () => {
  hub = await startHub({
    drill: {
      timings: QUICK,
      children: [{ name: "gone", script: "/nowhere/gone.mjs", delayFirstMs: 5 }],
    },
  });
  const row = await hub.until("gone", "parked");
  expect(row.reason).toBe(
    "could not be started: /nowhere/gone.mjs is missing: build Bulkhead again (npm start)",
  );
});

test("a process that cannot save its crash report keeps it in memory and says why", async () => {
  const dir = (await startCrashing()).stateDir;
  const { peer, until } = hub as HubUnderTest;
  await until("crash", "parked");
  // A file where the folder was: the disk refuses, whoever runs the test.
  const { rmSync } = await import("node:fs");
  rmSync(join(dir, "crashes"), { recursive: true });
  writeFileSync(join(dir, "crashes"), "");
  await byHand(peer, "crash", "retry");
  const head = await eventually("an unsaved report", async () =>
    (await peer.request(crashesList, {})).crashes.find((crash) => !crash.saved),
  );
  expect(head.saveError).toContain("EEXIST");
  expect((await peer.request(crashGet, { id: head.id })).stderr.length).toBeGreaterThan(0);
});
