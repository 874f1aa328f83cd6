/** The hub ended and stopped from the command line, and what its successor remembers. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { info, processesList } from "../../bus/contracts/hub.ts";
import { fixture, type HubUnderTest, QUICK, startHub } from "../system/hub-harness.ts";
import { eventually, isAlive } from "../window/harness/processes.ts";
import { leftAfterRoot, startWhole, type Whole } from "./hostile/whole.ts";

let whole: Whole | undefined;
const hubs: HubUnderTest[] = [];
afterEach(async () => {
  await whole?.end();
  whole = undefined;
  for (const hub of hubs.splice(0)) await hub.end();
});

async function served(): Promise<Whole> {
  whole = startWhole();
  await whole.ready();
  return whole;
}

function command(under: Whole, ...args: readonly string[]) {
  const { env, program, workspace } = under.place;
  return spawnSync(program, args, { env, cwd: workspace, encoding: "utf8", timeout: 60_000 });
}

async function hubPid(under: Whole): Promise<number> {
  const peer = await under.attached();
  const { pid } = await peer.request(info, {});
  peer.close();
  return pid;
}

test.each(["kill", "restart"])("actor %s hub gives a new hub with all its actors", async (what) => {
  const under = await served();
  const before = await hubPid(under);
  const done = command(under, "actor", what, "hub");
  expect(done.stderr).toBe("");
  expect(done.status).toBe(0);
  await eventually("another hub serves", async () =>
    (await hubPid(under)) === before ? undefined : true,
  );
  const peer = await under.attached();
  await eventually("all actors are ready", async () => {
    const { processes } = await peer.request(processesList, {});
    const atOnce = ["terminal", "file-guard", "editor-sync"];
    return processes.filter((row) => atOnce.includes(row.name) && row.state === "ready").length ===
      atOnce.length
      ? true
      : undefined;
  });
  const { processes } = await peer.request(processesList, {});
  const row = processes.find(({ name }) => name === "hub");
  expect(row).toMatchObject({ restarts: 1, reason: expect.stringContaining("(asked)") });
  peer.close();
});

test("a new hub finds a keeper, also where the last one had left", async () => {
  const under = await served();
  const before = await hubPid(under);
  const keeper = under.kin.alive().find((one) => one.command.includes("bulkhead-keeper"));
  process.kill(keeper?.pid ?? 0, "SIGTERM");
  await eventually("the keeper has left", () => (isAlive(keeper?.pid ?? 0) ? undefined : true));
  process.kill(before, "SIGKILL");
  await eventually("another hub serves", async () =>
    (await hubPid(under)) === before ? undefined : true,
  );
  const peer = await under.attached();
  await eventually("a terminal can be had", () =>
    peer.requestRaw("terminal.create", { cols: 80, rows: 24 }).catch(() => undefined),
  );
  peer.close();
});

test("quit ends an instance whose hub stands still, and leaves only the keeper", async () => {
  const under = await served();
  process.kill(await hubPid(under), "SIGSTOP");
  process.kill(under.root.pid, "SIGTERM");
  await eventually("the root has ended", () =>
    under.root.child.exitCode === null && under.root.child.signalCode === null ? undefined : true,
  );
  expect(await leftAfterRoot(under)).toEqual([]);
});

test("the root's report of a killed hub says that the recorder is lost", async () => {
  const under = await served();
  const before = await hubPid(under);
  process.kill(before, "SIGSEGV");
  await eventually("another hub serves", async () =>
    (await hubPid(under)) === before ? undefined : true,
  );
  const folder = join(under.place.stateDir, "crashes");
  const [name = ""] = readdirSync(folder).filter((file) => file.includes("-hub-root"));
  const report = JSON.parse(readFileSync(join(folder, name), "utf8"));
  expect(report.head).toMatchObject({ process: "hub", class: "signal", reason: /SIGSEGV/ });
  expect(report.stack).toContain("recorder");
});

test("crashes before a hub's death count for the next one: together they park", async () => {
  const children = [{ name: "crash", script: fixture("crash"), delayFirstMs: 50 }];
  const drill = { timings: QUICK, children };
  const first = await startHub({ drill });
  hubs.push(first);
  await first.until("crash", "backing-off", (row) => row.restarts >= 3);
  const { restarts } = await first.row("crash");
  first.process.kill("SIGKILL");
  const second = await startHub({ drill, dir: join(first.runtimeDir, ".."), hubEpoch: 2 });
  hubs.push(second);
  const parked = await second.until("crash", "parked");
  expect(parked.epoch).toBeLessThanOrEqual(7);
  expect(parked.restarts).toBeGreaterThanOrEqual(restarts);
  const detail = await second.peer.requestRaw("hub.processes.detail", { name: "crash" });
  expect(JSON.stringify(detail)).toContain("6 crashes in 30 s");
});
