/** Starts that meet a root which is ending, and each other. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startDisplay } from "./harness/display.ts";
import { makePlace, type Place } from "./harness/place.ts";
import { end, eventually, isAlive, nameOf, type Running, start } from "./harness/processes.ts";

let place: Place;
let started: Running[];

beforeEach(() => {
  place = makePlace();
  started = [];
});
afterEach(async () => {
  for (const running of started) await end(running);
  await place.end();
});

function run(argv: readonly [string, ...string[]], env = place.env): Running {
  const running = start(argv, { env, cwd: place.workspace, out: "read" });
  started.push(running);
  return running;
}

/** A root that was killed holds its lock until the kernel has closed its files. */
async function holdAsDead(): Promise<Running> {
  mkdirSync(place.runtimeDir, { recursive: true, mode: 0o700 });
  const dead = run(["true"]);
  await eventually("it has ended", () => (isAlive(dead.pid) ? undefined : true));
  const about = { pid: dead.pid, workspace: place.workspace, mode: "browser", version: "0.1.0" };
  writeFileSync(join(place.runtimeDir, "instance.json"), JSON.stringify(about));
  const lock = join(place.runtimeDir, "lock");
  const holder = run(["flock", "--no-fork", lock, "sh", "-c", "echo held; exec sleep 60"]);
  await eventually("the lock is held", () => (holder.stdout() === "held\n" ? true : undefined));
  return holder;
}

test("a start beside a root that is ending becomes the next root, in the same process", async () => {
  const holder = await holdAsDead();
  const root = run([place.program, "serve", "--json"]);
  await eventually("it was handed over", () => {
    if (!isAlive(root.pid)) throw new Error(`ended: ${root.stderr()}`);
    return nameOf(root.pid) === "bulkhead" ? undefined : true;
  });
  await end(holder);
  const line = await eventually("the root says where it serves", () => {
    if (!isAlive(root.pid)) throw new Error(`ended: ${root.stderr()}`);
    return /^(.+)\n/.exec(root.stdout())?.[1];
  });
  expect(JSON.parse(line)).toMatchObject({ pid: root.pid });
});

test("a lock that nobody answers for is told after some seconds", async () => {
  await holdAsDead();
  const root = run([place.program, "serve"]);
  const code = await eventually("it has given up", () => root.child.exitCode ?? undefined);
  expect(code).toBe(4);
  expect(root.stderr()).toContain("nothing is running there");
});

test("windows that are opened all at once are of one instance", async () => {
  const display = await startDisplay(place.env);
  try {
    const opened = Array.from({ length: 4 }, () =>
      run([place.program, "open", place.workspace, "--json"], display.env),
    );
    await eventually("they have ended", () =>
      opened.some(({ child }) => child.exitCode === null) ? undefined : true,
    );
    expect(opened.map((one) => one.stderr())).toEqual(["", "", "", ""]);
    const pids = opened.map((one) => JSON.parse(one.stdout()).pid);
    expect(new Set(pids).size).toBe(1);
    // Those that found the lock taken may still be on their way out.
    const roots = () => place.pids().filter((pid) => isAlive(pid) && nameOf(pid) === "bulkhead");
    await eventually("one root is left", () => (roots().length === 1 ? true : undefined));
    expect(roots()).toEqual([pids[0]]);
  } finally {
    await place.end();
    await display.end();
  }
});
