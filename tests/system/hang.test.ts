/** Processes that do not answer: found by missed checks, their stack taken, restarted. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { crashesList, crashGet, noticesList, processDetail } from "../../bus/contracts/hub.ts";
import { isBusError } from "../../bus/errors.ts";
import {
  ALERT,
  byHand,
  eventually,
  fixture,
  type HubUnderTest,
  isAlive,
  listeningPorts,
  startHub,
} from "./hub-harness.ts";

let hub: HubUnderTest;
beforeEach(async () => {
  hub = await startHub({
    drill: { timings: ALERT, children: [{ name: "hang", script: fixture("hang") }] },
  });
  await hub.until("hang", "ready");
});
afterEach(() => hub.end());

/** Makes trouble for the pid, waits for the next incarnation, and gives the report of the last one. */
async function reportAfter(trouble: (pid: number) => Promise<unknown>) {
  const before = await hub.row("hang");
  const call = trouble(Number(before.pid));
  const after = await hub.until("hang", "ready", (row) => row.epoch > before.epoch);
  await call;
  const { crashes } = await hub.peer.request(crashesList, {});
  const report = await hub.peer.request(crashGet, { id: crashes.at(-1)?.id ?? "" });
  return { before, after, report };
}

test("a busy loop in JavaScript is found, its stack taken, and the process restarted", async () => {
  let failure: unknown;
  const { before, after, report } = await reportAfter(() =>
    hub.peer.requestRaw("hang.javascript", {}).catch((error: unknown) => {
      failure = error;
    }),
  );
  expect(report.head).toMatchObject({
    class: "watchdog",
    reason: "did not answer: 10 checks missed",
  });
  expect(report.stack).toMatch(/at spinForever \(file:.*hang\.ts:\d+:\d+\)/);
  expect(report.callsInFlight).toMatchObject([{ subject: "hang.javascript", source: "cli/1" }]);
  expect(isBusError(failure, "bus/down")).toBe(true);
  expect(after.pid).not.toBe(before.pid);
  const { notices } = await hub.peer.request(noticesList, {});
  expect(notices.at(-1)).toMatchObject({
    kind: "hang",
    text: "The stuck code was recorded, 1 call failed.",
  });
});

test("a loop in native code is found and reported as such", async () => {
  const { report } = await reportAfter(() =>
    hub.peer.requestRaw("hang.native", {}).catch(() => undefined),
  );
  expect(report.stack).toBe(
    "no stack: native code (the loop did not come back to JavaScript in time)",
  );
});

test("SIGSTOP from outside is found and reported as such", async () => {
  const { report } = await reportAfter(async (pid) => process.kill(pid, "SIGSTOP"));
  expect(report.stack).toBe("no stack: stopped (SIGSTOP)");
});

test("a loop that ends by itself is left alone, and the process listens nowhere afterwards", async () => {
  const { pid } = await hub.row("hang");
  const call = hub.peer.requestRaw("hang.brief", { ms: 1500 });
  await hub.until("hang", "unresponsive");
  await call;
  expect(await hub.until("hang", "ready")).toMatchObject({ pid, epoch: 1 });
  const { stderr } = await hub.peer.request(processDetail, { name: "hang" });
  expect(stderr.join("\n")).toContain("Debugger listening on ws://127.0.0.1:");
  await eventually("the inspector is closed", () =>
    listeningPorts(Number(pid)).length === 0 ? true : undefined,
  );
  expect((await hub.peer.request(crashesList, {})).crashes).toEqual([]);
});

test("a person's freeze is no hang: the watchdog is off until it is resumed", async () => {
  const { pid } = await hub.row("hang");
  await byHand(hub.peer, "hang", "freeze");
  await hub.until("hang", "frozen");
  // Twice the time after which a silent process would be dead.
  const { moves } = await eventually("4 s of frost", async () => {
    const detail = await hub.peer.request(processDetail, { name: "hang" });
    return Date.now() - detail.row.sinceMs > 4000 ? detail : undefined;
  });
  expect(moves.at(-1)?.to).toBe("frozen");
  await byHand(hub.peer, "hang", "resume");
  expect(await hub.until("hang", "ready")).toMatchObject({ pid, epoch: 1 });
  expect(isAlive(Number(pid))).toBe(true);
});
