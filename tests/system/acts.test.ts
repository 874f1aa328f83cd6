/** Supervision by hand on real processes: what each act does, and what it says before. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { consequence, crashesList, noticesList, processDetail } from "../../bus/contracts/hub.ts";
import { isBusError } from "../../bus/errors.ts";
import {
  byHand,
  eventually,
  fixture,
  type HubUnderTest,
  isAlive,
  QUICK,
  startHub,
} from "./hub-harness.ts";

let hub: HubUnderTest;
beforeEach(async () => {
  hub = await startHub({
    drill: {
      timings: QUICK,
      children: [
        { name: "steady", script: fixture("steady") },
        { name: "upper", script: fixture("steady"), dependsOn: ["steady"] },
        { name: "lazy", script: fixture("steady"), lazy: true },
      ],
    },
  });
  await hub.until("upper", "ready");
});
afterEach(() => hub.end());

test("kill is a real SIGKILL, restarts at once and is never counted", async () => {
  for (let round = 1; round <= 8; round += 1) {
    const { pid } = await hub.until("steady", "ready", (row) => row.epoch === round);
    await byHand(hub.peer, "steady", "kill");
    await eventually("the old process is gone", () => (isAlive(Number(pid)) ? undefined : true));
  }
  const row = await hub.until("steady", "ready", (now) => now.epoch === 9);
  expect(row).toMatchObject({ restarts: 8, reason: "signal SIGKILL (kill by a person)" });
  expect((await hub.peer.request(crashesList, {})).crashes).toEqual([]);
});

test("what depends on an ended process is stopped and started after it", async () => {
  await byHand(hub.peer, "steady", "kill");
  const upper = await hub.until("upper", "ready", (row) => row.epoch === 2);
  expect(upper.reason).toBe("exit code 0 (steady ended)");
  const { moves } = await hub.peer.request(processDetail, { name: "upper" });
  expect(moves.map((move) => move.to)).toEqual([
    "starting",
    "ready",
    "stopping",
    "backing-off",
    "starting",
    "ready",
  ]);
});

test("the consequence counts the calls that fail, and the notice the calls that failed", async () => {
  const call = hub.peer.requestRaw("steady.wait", {}).catch((error: unknown) => error);
  await hub.until("steady", "ready", (row) => row.callsInFlight === 1);
  const before = await hub.peer.request(consequence, { name: "steady", act: "kill" });
  expect(before).toMatchObject({
    offered: true,
    callsFail: 1,
    callsWait: 0,
    sentence: "Kill steady: 1 call fails, 0 wait",
  });
  await byHand(hub.peer, "steady", "kill");
  expect(isBusError(await call, "bus/down")).toBe(true);
  const notice = await eventually("a notice", async () =>
    (await hub.peer.request(noticesList, {})).notices.find((one) => one.process === "steady"),
  );
  expect(notice.title).toMatch(/^steady restarted in [\d.]+ m?s$/);
  expect(notice.text).toBe("1 call failed.");
  expect(notice.durationMs).toBeGreaterThan(0);
});

test("a lazy process starts with the first message for it, which is answered", async () => {
  expect((await hub.row("lazy")).state).toBe("dormant");
  expect(await hub.peer.requestRaw("lazy.echo", "x")).toBe("x");
  expect((await hub.row("lazy")).state).toBe("ready");
});

test("a paused process holds its messages and gets them in order when resumed", async () => {
  await byHand(hub.peer, "steady", "suspend");
  await hub.until("steady", "suspended");
  const calls = [1, 2, 3].map((value) => hub.peer.requestRaw("steady.echo", value));
  const row = await hub.until("steady", "suspended", (now) => now.held === 3);
  expect(row.acts).toEqual(["kill", "restart", "resume", "park"]);
  await byHand(hub.peer, "steady", "resume");
  expect(await Promise.all(calls)).toEqual([1, 2, 3]);
});

test("a stopped process stays stopped until it is started, and takes its dependents along", async () => {
  await byHand(hub.peer, "steady", "park");
  const row = await hub.until("steady", "parked");
  expect(row.reason).toBe("exit code 0 (stopped by a person)");
  await hub.until("upper", "dormant");
  await byHand(hub.peer, "steady", "retry");
  await hub.until("steady", "ready");
  await hub.until("upper", "ready");
});

test("restart ends the process in order and starts it again", async () => {
  const { pid } = await hub.row("steady");
  await byHand(hub.peer, "steady", "restart");
  const row = await hub.until("steady", "ready", (now) => now.epoch === 2);
  expect(row.pid).not.toBe(pid);
  expect(row.reason).toBe("exit code 0 (restarted by a person)");
});

test("an act that is not offered is refused with what is", async () => {
  const error = await byHand(hub.peer, "steady", "resume").catch((caught: unknown) => caught);
  expect(isBusError(error, "hub/not-offered")).toBe(true);
  expect((error as Error).message).toBe(
    "resume is not offered for steady while it is ready; offered: kill, restart, suspend, freeze, park",
  );
  const unknown = await byHand(hub.peer, "nobody", "kill").catch((caught: unknown) => caught);
  expect(isBusError(unknown, "hub/no-such-process")).toBe(true);
});

test("suspend and freeze are not offered for the hub, and its kill goes to the root", async () => {
  expect((await hub.row("hub")).acts).toEqual(["kill", "restart"]);
  await byHand(hub.peer, "hub", "kill");
  expect(hub.rootActs).toEqual(["kill hub"]);
});
