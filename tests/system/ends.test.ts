/** How everything ends: orderly, by force, and when the parent is gone. Nothing of ours may be left. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { crashesList, noticesList, processDetail } from "../../bus/contracts/hub.ts";
import {
  byHand,
  eventually,
  fixture,
  type HubUnderTest,
  isAlive,
  QUICK,
  startHub,
} from "./hub-harness.ts";

let hub: HubUnderTest | undefined;
afterEach(async () => {
  await hub?.end();
  hub = undefined;
});

async function started(
  ...children: Array<{ name: string; script: string; [key: string]: unknown }>
): Promise<HubUnderTest> {
  hub = await startHub({ drill: { timings: QUICK, children } });
  return hub;
}

async function allGone(pids: readonly number[]): Promise<void> {
  await eventually(`${pids.join()} are gone`, () => (pids.some(isAlive) ? undefined : true));
}

async function pids(under: HubUnderTest): Promise<number[]> {
  const rows = await under.rows();
  return rows
    .filter((row) => row.kind === "actor")
    .flatMap((row) => (row.pid === null ? [] : [row.pid]));
}

test("a hub that was restarted counts its restarts before the root has told of them", async () => {
  hub = await startHub({ drill: { timings: QUICK, children: [] }, hubEpoch: 3 });
  expect((await hub.row("hub")).restarts).toBe(2);
});

test("SIGTERM to the hub stops the processes in reverse order and ends with code 0", async () => {
  const under = await started(
    { name: "steady", script: fixture("steady") },
    { name: "upper", script: fixture("steady"), dependsOn: ["steady"] },
  );
  await under.until("upper", "ready");
  const running = await pids(under);
  under.process.kill("SIGTERM");
  const code = await new Promise((resolve) => under.process.once("exit", resolve));
  expect(code).toBe(0);
  expect(running.filter(isAlive)).toEqual([]);
  const log = readFileSync(join(under.stateDir, "hub.log"), "utf8");
  expect(log.indexOf("upper (")).toBeLessThan(log.indexOf("steady ("));
});

test("a process that ignores STOP and SIGTERM is killed after the graces", async () => {
  const under = await started({ name: "deaf", script: fixture("deaf") });
  const { pid } = await under.until("deaf", "ready");
  await byHand(under.peer, "deaf", "park");
  const row = await under.until("deaf", "parked");
  expect(row.reason).toBe("signal SIGKILL (stopped by a person)");
  expect(isAlive(Number(pid))).toBe(false);
});

test("when the root's link closes everything ends at once, also a process that hangs", async () => {
  const under = await started(
    { name: "hang", script: fixture("hang") },
    { name: "deaf", script: fixture("deaf") },
  );
  await under.until("hang", "ready");
  await under.until("deaf", "ready");
  const running = await pids(under);
  under.peer.requestRaw("hang.javascript", {}).catch(() => undefined);
  under.rootLink.destroy();
  await allGone([Number(under.process.pid), ...running]);
});

test("SIGKILL of the hub leaves no process behind", async () => {
  const under = await started(
    { name: "hang", script: fixture("hang") },
    { name: "deaf", script: fixture("deaf") },
  );
  await under.until("hang", "ready");
  await under.until("deaf", "ready");
  const running = await pids(under);
  under.peer.requestRaw("hang.javascript", {}).catch(() => undefined);
  under.process.kill("SIGKILL");
  await allGone(running);
});

test("a killed process takes the children in its group along", async () => {
  const under = await started({ name: "parent", script: fixture("parent") });
  await under.until("parent", "ready");
  const { stderr } = await under.peer.request(processDetail, { name: "parent" });
  const grandchild = Number(/pid=(\d+)/.exec(stderr.join("\n"))?.[1]);
  expect(isAlive(grandchild)).toBe(true);
  await byHand(under.peer, "parent", "kill");
  await allGone([grandchild]);
});

test("a process that closes its link and lives on is killed", async () => {
  const under = await started({ name: "unlinked", script: fixture("unlinked"), delayFirstMs: 5 });
  const row = await under.until("unlinked", "parked");
  expect(row.reason).toBe("closed its link to the hub and did not end");
});

test("a slow start is waited for, a too slow one is ended and classified", async () => {
  const under = await started(
    { name: "slow-start", script: fixture("slow-start"), args: ["700"], startTimeoutMs: 5000 },
    {
      name: "too-slow",
      script: fixture("slow-start"),
      args: ["60000"],
      startTimeoutMs: 600,
      delayFirstMs: 700,
    },
  );
  await under.until("slow-start", "ready");
  const row = await under.until("too-slow", "backing-off");
  expect(row.reason).toBe("was not ready in time: 600 ms");
  expect(row.retryAtMs).toBeGreaterThan(Date.now());
  const { crashes } = await under.peer.request(crashesList, {});
  expect(crashes[0]).toMatchObject({ process: "too-slow", class: "start-timeout" });
  // The back-off doubles: a later one is long enough to press Try again in, however busy the machine is.
  await under.until(
    "too-slow",
    "backing-off",
    ({ retryAtMs }) => (retryAtMs ?? 0) - Date.now() > 2000,
  );
  await byHand(under.peer, "too-slow", "retry");
  await under.until("too-slow", "starting");
});

test("a flood of events and log lines leaves the others answering, and the hub bounded", async () => {
  const under = await started(
    { name: "flood", script: fixture("flood") },
    { name: "steady", script: fixture("steady") },
  );
  await under.until("flood", "ready");
  await under.until("steady", "ready");
  for (let round = 0; round < 50; round += 1) {
    expect(await under.peer.requestRaw("steady.echo", round, { timeoutMs: 2000 })).toBe(round);
  }
  const row = await under.row("hub");
  expect(row.rssBytes).toBeLessThan(400 * 1024 * 1024);
  const log = readFileSync(join(under.stateDir, "hub.log"), "utf8");
  expect(log.length).toBeLessThan(5 * 1024 * 1024);
  await byHand(under.peer, "flood", "park");
  await under.until("flood", "parked");
});

test("memory over the soft limit is asked back, over the hard limit ends the process", async () => {
  const MIB = 1024 * 1024;
  const under = await started({
    name: "leak",
    script: fixture("leak"),
    softBytes: 200 * MIB,
    hardBytes: 300 * MIB,
  });
  await under.until("leak", "ready");
  await under.peer.requestRaw("leak.take", { mib: 130 });
  await eventually("it was asked to shed", async () => {
    const answer = (await under.peer.requestRaw("leak.sheds", {})) as { count: number };
    return answer.count === 1 ? true : undefined;
  });
  await under.peer.requestRaw("leak.take", { mib: 130 });
  const row = await under.until("leak", "ready", (now) => now.epoch === 2);
  expect(row.reason).toBe("passed 300 MB");
  const { notices } = await under.peer.request(noticesList, {});
  expect(notices.at(-1)).toMatchObject({
    kind: "memory",
    title: "leak passed 300 MB and was restarted",
  });
});

test("restart windows and stops outlive the hub, and end with the root", async () => {
  const first = await started({ name: "steady", script: fixture("steady") });
  await first.until("steady", "ready");
  await byHand(first.peer, "steady", "park");
  await first.until("steady", "parked");
  first.process.kill("SIGKILL");
  await allGone([Number(first.process.pid)]);
  const dir = join(first.runtimeDir, "..");
  const drill = { timings: QUICK, children: [{ name: "steady", script: fixture("steady") }] };
  hub = await startHub({ drill, dir, hubEpoch: 2 });
  expect(await hub.row("steady")).toMatchObject({
    state: "parked",
    epoch: 1,
    reason: "exit code 0 (stopped by a person)",
  });
  hub.process.kill("SIGKILL");
  await allGone([Number(hub.process.pid)]);
  hub = await startHub({ drill, dir, hubEpoch: 1 });
  await hub.until("steady", "ready");
  expect(existsSync(join(hub.stateDir, "supervision.json"))).toBe(true);
});
