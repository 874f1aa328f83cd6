/** Keepers that other versions of Bulkhead have left, held beside our own by the real terminal actor. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { encodeMeta } from "../../../actors/terminal/meta.ts";
import * as keeperMethods from "../../../bus/contracts/keeper.ts";
import * as terminal from "../../../bus/contracts/terminal.ts";
import type { Peer } from "../../../bus/peer.ts";
import { Follower, Typist } from "./page-like.ts";
import { openHub, type RealHub } from "./real-actor.ts";
import { type KeeperPlan, type RealKeeper, startKeeper, until } from "./real-keeper.ts";

// Real processes on a machine that may be busy: the bounds inside the tests are the tighter ones.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let keeper: RealKeeper;
let others: RealKeeper[];
let home: string;
let hub: RealHub;
let page: Peer;

beforeEach(async () => {
  others = [];
  keeper = await startKeeper();
  home = mkdtempSync(join(tmpdir(), "bulkhead-home-"));
  hub = openHub(keeper, home);
});

afterEach(async () => {
  await hub.close();
  for (const other of others) await other.stop();
  await keeper.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

async function startOther(plan: KeeperPlan): Promise<RealKeeper> {
  const other = await startKeeper({ beside: keeper, ...plan });
  others.push(other);
  return other;
}

/** What an older Bulkhead has left: a program in its keeper, with what its terminal actor had stored. */
async function leave(other: RealKeeper, id: string, ...argv: string[]): Promise<number> {
  const peer = await other.connect();
  const nowMs = Date.now();
  const { pid } = await peer.request(keeperMethods.create, {
    ...{ argv, cwd: "/", env: { PATH: "/usr/bin:/bin" }, cols: 80, rows: 24 },
    meta: Uint8Array.from(
      encodeMeta({
        ...{
          version: 1,
          id,
          name: `left ${id}`,
          title: "",
          cwd: "",
          shell: basename(argv[0] ?? ""),
          argv,
        },
        ...{ integration: "none", command: null, bells: 0, notice: null, closingUntilMs: null },
        ...{ lastUsedMs: nowMs, createdMs: nowMs, owner: "person", parsedTo: 0, seenTo: null },
      }),
    ),
  });
  peer.close();
  return pid;
}

async function begin(): Promise<void> {
  await hub.startActor();
  page = await hub.page();
}

const list = async () => (await page.request(terminal.list, {})).sessions;
const create = (...argv: string[]) =>
  page.request(terminal.create, { argv, cols: 80, rows: 24, cwd: "", env: {}, name: "" });
const counting = (count: number): string[] => [
  "/bin/sh",
  "-c",
  `i=0; while [ $i -lt ${count} ]; do echo $i; i=$((i+1)); done; sleep 0.5`,
];

test("output of both keepers goes on without a gap through kills of the actor, in the same shells", async () => {
  const count = 25_000;
  const older = await startOther({ major: 0, version: "0.0.9" });
  const pid = await leave(older, "old-1", ...counting(count));
  await begin();
  const ours = await create(...counting(count));
  expect(await list()).toEqual([
    expect.objectContaining({ id: "old-1", name: "left old-1", pid, heldBy: "0.0.9" }),
    expect.objectContaining({ id: ours.id, heldBy: "" }),
  ]);
  const followers = ["old-1", ours.id].map((id) => new Follower(page, id));
  const done = Promise.all(followers.map((follower) => follower.follow()));
  for (let kills = 0; kills < 4; kills += 1) {
    const from = followers.map(({ next }) => next);
    const moved = (): boolean =>
      followers.every(({ next, last }, at) => next > (from[at] ?? 0) + 1_000 || last !== undefined);
    await until(moved, () => hub.log());
    await hub.killActor();
    await hub.startActor();
    const pids = (await list()).map((session) => session.pid).sort();
    expect(pids).toEqual([pid, ours.pid].sort());
  }
  await done;
  const expected = Array.from({ length: count }, (_, line) => `${line}`);
  for (const follower of followers) {
    expect([follower.gaps, follower.behind]).toEqual([0, 0]);
    expect(follower.text.split("\r\n").slice(0, -1)).toEqual(expected);
    expect(follower.last).toMatchObject({ code: 0, signal: null });
  }
});

test("lines typed into an older keeper's shell arrive once, before and after kills of the actor", async () => {
  const older = await startOther({ major: 0, version: "0.0.9" });
  await leave(older, "old-1", "/bin/sh", "-c", "stty -echo; echo ready; exec cat");
  await begin();
  const follower = new Follower(page, "old-1");
  void follower.follow();
  await until(
    () => follower.text.includes("ready"),
    () => hub.log(),
  );
  const typist = new Typist(page, "old-1");
  const lines = Array.from({ length: 200 }, (_, line) => `typed line ${line}`);
  for (const [at, line] of lines.entries()) {
    typist.type(`${line}\n`);
    if (at % 80 === 40) {
      await hub.killActor();
      await hub.startActor();
    } else {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  await until(
    () => follower.text.includes("typed line 199"),
    () => `${follower.text.slice(-200)} ${hub.log()}`,
  );
  const got = follower.text.split("\r\n").filter((line) => line.startsWith("typed"));
  expect(got).toEqual(lines);
});

test("closing counts the shells of both, and an older keeper leaves with its last one", async () => {
  const older = await startOther({ major: 0, lingerMs: 3_000 });
  await leave(older, "old-1", "/bin/sh");
  await leave(older, "old-2", "/bin/sleep", "600");
  await begin();
  const ours = await create("/bin/sh");
  await until(async () => {
    const { idleShells, jobs } = await page.request(terminal.jobs, {});
    return idleShells === 2 && jobs.length === 1 && jobs[0]?.session === "old-2";
  });
  for (const session of ["old-1", "old-2"]) await page.request(terminal.end, { session });
  await until(() => !isThere(older.pid));
  expect(await list()).toEqual([expect.objectContaining({ id: ours.id, state: "running" })]);
});

test("a shell of an older keeper that is started again is held by ours", async () => {
  const older = await startOther({ major: 0, version: "0.0.9" });
  await leave(older, "old-1", "/bin/sh", "-c", "exit 3");
  await begin();
  await until(async () => (await list())[0]?.state === "ended");
  const again = await page.request(terminal.restart, { session: "old-1", cols: 80, rows: 24 });
  expect(again.heldBy).toBe("");
  expect((await list()).map(({ id }) => id)).toEqual([again.id]);
});

test("a newer keeper that serves this version is attached, one that does not is left alone", async () => {
  const kind = await startOther({ major: 2, servesSince: 1, version: "2.0.0" });
  const strange = await startOther({ major: 9, servesSince: 9, version: "9.0.0" });
  const pid = await leave(strange, "strange-1", "/bin/cat");
  await leave(kind, "kind-1", "/bin/cat");
  await begin();
  expect((await list()).map(({ id, heldBy }) => [id, heldBy])).toEqual([["kind-1", "2.0.0"]]);
  expect(hub.log()).toContain("keeper 9 serves versions from 9 on, this build speaks 0 to 1");
  expect(isThere(pid)).toBe(true);
});

test("a shell of which nothing is stored that we can read keeps its id through kills of the actor", async () => {
  const older = await startOther({ major: 0 });
  const peer = await older.connect();
  const program = { argv: ["/bin/cat"], cwd: "/", env: {}, cols: 80, rows: 24 };
  await peer.request(keeperMethods.create, {
    ...program,
    meta: new TextEncoder().encode('{"version":7}'),
  });
  peer.close();
  await begin();
  const before = (await list()).map(({ id, pid }) => [id, pid]);
  expect(before).toHaveLength(1);
  await hub.killActor();
  await hub.startActor();
  expect((await list()).map(({ id, pid }) => [id, pid])).toEqual(before);
});

test("an older keeper that is killed takes its own shells and nothing else", async () => {
  const older = await startOther({ major: 0 });
  await leave(older, "old-1", "/bin/cat");
  await begin();
  const ours = await create("/bin/cat");
  const lost = new Follower(page, "old-1").follow();
  process.kill(older.pid, "SIGKILL");
  await lost;
  expect(await list()).toEqual([expect.objectContaining({ id: ours.id, state: "running" })]);
  const { epoch } = await first(page, terminal.recovered);
  expect(epoch).toBe(1);
});

test("an older keeper that hangs keeps nobody from ours, and its shells come once it answers", async () => {
  const older = await startOther({ major: 0 });
  await leave(older, "old-1", "/bin/cat");
  process.kill(older.pid, "SIGSTOP");
  await begin();
  const ours = await create("/bin/cat");
  expect((await list()).map(({ id }) => id)).toEqual([ours.id]);
  process.kill(older.pid, "SIGCONT");
  await until(
    async () => (await list()).length === 2,
    () => "its shell has not come",
  );
  const typist = new Typist(page, "old-1");
  const follower = new Follower(page, "old-1");
  void follower.follow();
  typist.type("hello\n");
  await until(() => follower.text.includes("hello\r\nhello"));
  expect((await list()).map(({ id }) => id).sort()).toEqual([ours.id, "old-1"].sort());
});

test("an older keeper that is killed while it hangs leaves ours alone", async () => {
  const older = await startOther({ major: 0 });
  await leave(older, "old-1", "/bin/cat");
  process.kill(older.pid, "SIGSTOP");
  await begin();
  process.kill(older.pid, "SIGKILL");
  const ours = await create("/bin/cat");
  expect((await list()).map(({ id }) => id)).toEqual([ours.id]);
  expect(await first(page, terminal.recovered)).toMatchObject({ epoch: 1 });
});

function first(peer: Peer, topic: typeof terminal.recovered): Promise<{ epoch: number }> {
  return new Promise((resolve) => void peer.subscribe(topic, resolve));
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
