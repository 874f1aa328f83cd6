/** Descriptors and memory that run out: a clear state, no harm to others, and recovery when it is over. */
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { type Notice, noticesList } from "../../bus/contracts/hub.ts";
import { eventually, fixture, type HubUnderTest, QUICK, startHub } from "../system/hub-harness.ts";
import { openRaw, type RawLink } from "./hostile/raw-link.ts";

const MIB = 1024 * 1024;
/** Cgroups of the first version, where this machine lets a test make them. */
const group = (controller: string): string =>
  `/sys/fs/cgroup/${controller}/bulkhead-test-${process.pid}`;
const GROUP = group("memory");
const PIDS = group("pids");
const canGroup = tryGroup(GROUP, "memory.limit_in_bytes");
const canCount = tryGroup(PIDS, "pids.max");

let hub: HubUnderTest | undefined;
let links: RawLink[] = [];
afterEach(async () => {
  for (const link of links) link.destroy();
  links = [];
  await hub?.end();
  hub = undefined;
});

function tryGroup(path: string, file: string): boolean {
  try {
    mkdirSync(path);
    readFileSync(join(path, file));
    rmdirSync(path);
    return true;
  } catch {
    return false;
  }
}

/** A group can be removed once nobody is in it. */
async function removeGroup(path: string): Promise<void> {
  await eventually("the group is empty", () => {
    try {
      rmdirSync(path);
      return true;
    } catch {
      return undefined;
    }
  });
}

/** The hub's notice of this kind that says so; with it what was said of the process. */
function notice(under: HubUnderTest, kind: Notice["kind"]): Promise<Notice> {
  return eventually(`a notice of kind ${kind}`, async () =>
    (await under.peer.request(noticesList, {})).notices.findLast((one) => one.kind === kind),
  );
}

test("a hub without free descriptors keeps its links, and takes new ones when some are free", async () => {
  const children = [{ name: "steady", script: fixture("steady"), delayFirstMs: 500 }];
  hub = await startHub({
    drill: { timings: QUICK, children },
    within: ["prlimit", "--nofile=72:72", "--"],
  });
  const { pid } = await hub.until("steady", "ready");
  const path = join(hub.runtimeDir, "hub.sock");
  links = Array.from({ length: 100 }, () => openRaw({ path }));
  await eventually("the hub is full", () => {
    const closed = links.filter((link) => link.socket.destroyed).length;
    return closed > 0 ? true : undefined;
  });
  for (let turn = 0; turn < 20; turn += 1) {
    expect(await hub.peer.requestRaw("steady.echo", turn)).toBe(turn);
  }
  process.kill(Number(pid), "SIGKILL");
  const row = await hub.until("steady", "backing-off");
  expect(row.reason).toBe(
    "could not be started: no process could be made: processes, descriptors or memory have run out",
  );
  for (const link of links) link.destroy();
  const late = openRaw({ path });
  links.push(late);
  await eventually("a late client is let in", () => (late.socket.connecting ? undefined : true));
  await hub.until("steady", "ready", (now) => now.epoch > 1);
  expect(await hub.peer.requestRaw("steady.echo", "still")).toBe("still");
});

test.skipIf(!canCount)("a hub that may start no process waits and starts it later", async () => {
  const children = [{ name: "steady", script: fixture("steady"), delayFirstMs: 500 }];
  hub = await startHub({ drill: { timings: QUICK, children } });
  const { pid } = await hub.until("steady", "ready");
  mkdirSync(PIDS);
  try {
    writeFileSync(join(PIDS, "cgroup.procs"), String(hub.process.pid));
    writeFileSync(join(PIDS, "pids.max"), "1");
    process.kill(Number(pid), "SIGKILL");
    const row = await hub.until("steady", "backing-off");
    expect(row.reason).toContain("no process could be made");
    writeFileSync(join(PIDS, "pids.max"), "max");
    await hub.until("steady", "ready", (now) => now.epoch > 1);
    expect(await hub.peer.requestRaw("steady.echo", "back")).toBe("back");
  } finally {
    await hub.end();
    hub = undefined;
    await removeGroup(PIDS);
  }
});

test("an actor without free descriptors goes on serving what needs none", async () => {
  const children = [{ name: "steady", script: fixture("steady") }];
  hub = await startHub({ drill: { timings: QUICK, children } });
  const row = await hub.until("steady", "ready");
  const limit = (count: string) =>
    spawnSync("prlimit", ["--pid", String(row.pid), `--nofile=${count}`]).status;
  expect(limit("1:4096")).toBe(0);
  const asked = (await hub.row("steady")).uptimeMs ?? 0;
  // Pings come once a second and must be answered meanwhile.
  await eventually("three pings have come", async () =>
    ((await (hub as HubUnderTest).row("steady")).uptimeMs ?? 0) > asked + 3_500 ? true : undefined,
  );
  expect(await hub.peer.requestRaw("steady.echo", "x".repeat(200_000))).toHaveLength(200_000);
  expect(limit("4096:4096")).toBe(0);
  expect(await hub.row("steady")).toMatchObject({ state: "ready", epoch: 1 });
});

test("a heap that is full is told as memory, not as a crash", async () => {
  const children = [
    { name: "leak", script: fixture("leak"), softBytes: 200 * MIB, hardBytes: 250 * MIB },
  ];
  hub = await startHub({ drill: { timings: QUICK, children } });
  await hub.until("leak", "ready");
  hub.peer.requestRaw("leak.heap", {}).catch(() => undefined);
  const row = await hub.until("leak", "ready", (now) => now.epoch === 2);
  expect(row.reason).toMatch(/^(signal SIGABRT|signal SIGTRAP|exit code 134|passed 250 MB)/);
  const told = await notice(hub, "memory");
  expect(told.title).toMatch(/^leak (ran out of memory|passed 250 MB) and was restarted$/);
  expect(told.level).toBe("warn");
});

test.skipIf(!canGroup)("an actor that the kernel kills for memory is told as such", async () => {
  const children = [{ name: "leak", script: fixture("leak") }];
  hub = await startHub({ drill: { timings: QUICK, children } });
  const { pid } = await hub.until("leak", "ready");
  mkdirSync(GROUP);
  try {
    writeFileSync(join(GROUP, "memory.limit_in_bytes"), String(64 * MIB));
    writeFileSync(join(GROUP, "cgroup.procs"), String(pid));
    hub.peer.requestRaw("leak.take", { mib: 200 }).catch(() => undefined);
    const row = await hub.until("leak", "ready", (now) => now.epoch === 2);
    expect(row.reason).toBe("signal SIGKILL: killed by the kernel for lack of memory");
    const told = await notice(hub, "memory");
    expect(told.title).toBe("leak ran out of memory and was restarted");
  } finally {
    await removeGroup(GROUP);
  }
});
