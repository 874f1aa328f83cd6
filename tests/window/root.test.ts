/** The root: one per workspace, hands over, restarts, and leaves nothing behind but keeper and shells. */
import { spawn, spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DIST, makePlace, type Place } from "./harness/place.ts";
import { end, eventually, isAlive, nameOf, type Running, start } from "./harness/processes.ts";

let place: Place;
let roots: Running[];

beforeEach(() => {
  place = makePlace();
  roots = [];
});
afterEach(async () => {
  for (const root of roots) await end(root);
  await place.end();
});

interface Served {
  readonly url: string;
  readonly socket: string;
  readonly pid: number;
}

/** Starts `bulkhead serve --json` and gives its first line. */
async function serve(env: NodeJS.ProcessEnv = {}): Promise<Served> {
  const argv = [place.program, "serve", place.workspace, "--json"] as const;
  const root = start([...argv], {
    env: { ...place.env, ...env },
    cwd: place.workspace,
    out: "read",
  });
  roots.push(root);
  const line = await eventually("the root says where it serves", () => {
    if (root.child.exitCode !== null) throw new Error(`ended: ${root.stderr()}`);
    return /^(.+)\n/.exec(root.stdout())?.[1];
  });
  return JSON.parse(line) as Served;
}

/** Runs `bulkhead ARGS` to its end. */
function run(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const options = {
    env: { ...place.env, ...env },
    cwd: place.workspace,
    encoding: "utf8" as const,
    timeout: 40_000,
  };
  return spawnSync(place.program, args, options);
}

function names(): string[] {
  return place.pids().filter(isAlive).map(nameOf).toSorted();
}

test("serve says where it is, and the address opens the page", async () => {
  const served = await serve();
  expect(served.pid).toBe(roots[0]?.pid);
  expect(existsSync(served.socket)).toBe(true);
  const answer = await fetch(served.url);
  expect(answer.status).toBe(200);
});

test("a second start hands over to the first and ends", async () => {
  const first = await serve();
  const second = run(["serve", "--json"]);
  expect(second.status).toBe(0);
  expect(JSON.parse(second.stdout)).toMatchObject({ pid: first.pid, socket: first.socket });
});

test("a killed hub is started again by the same root, and the crash report names it", async () => {
  const { pid } = await serve();
  const hubs = (): { pid: number; state: string; restarts: number }[] => {
    const rows = run(["ps", "--json"]).stdout.trim().split("\n");
    return rows.map((row) => JSON.parse(row)).filter(({ name }) => name === "hub");
  };
  const [before] = hubs();
  process.kill(before?.pid as number, "SIGKILL");
  const after = await eventually("another hub is ready", () =>
    hubs().find((hub) => hub.pid !== before?.pid && hub.state === "ready"),
  );
  expect(after.restarts).toBe(1);
  expect(isAlive(pid)).toBe(true);
  expect(readFileSync(join(place.stateDir, "root.log"), "utf8")).toContain("signal SIGKILL");
});

test("an ended root takes everything with it but the keeper", async () => {
  const { pid } = await serve();
  const keeper = place.pids().find((id) => nameOf(id) === "bulkhead-keeper");
  process.kill(pid, "SIGKILL");
  await eventually("only the keeper is left", () =>
    names().join() === "bulkhead-keeper" ? true : undefined,
  );
  roots = [];
  const next = await serve();
  expect(next.pid).not.toBe(pid);
  expect(place.pids().find((id) => nameOf(id) === "bulkhead-keeper")).toBe(keeper);
});

test("TERM ends it in order and removes what only a running instance has", async () => {
  const { pid } = await serve();
  process.kill(pid, "SIGTERM");
  await eventually("the root has ended", () => (isAlive(pid) ? undefined : true));
  for (const name of ["instance.json", "hub.sock", "token", "session.key", "serve.token"]) {
    expect(existsSync(join(place.runtimeDir, name)), name).toBe(false);
  }
  expect(roots[0]?.child.exitCode).toBe(0);
});

test("a hub that refuses to start ends serve with its last words in the log", () => {
  const home = place.fakeHome({ "node/hub.mjs": "console.error('no policy'); process.exit(78);" });
  const failed = run(["serve"], { BULKHEAD_HOME: home });
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("the hub does not start: exit code 78");
  expect(readFileSync(join(place.stateDir, "root.log"), "utf8")).toContain("hub no policy");
});

test("a Node that is too old is named with the fix", () => {
  const old = join(place.base, "node");
  writeFileSync(old, "#!/bin/sh\necho v20.1.0\n", { mode: 0o755 });
  const env = {
    BULKHEAD_NODE: old,
    BULKHEAD_HOME: join(place.base, "empty/dist"),
    PATH: "/nowhere",
  };
  const failed = run(["serve"], env);
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("needs Node 24 or newer");
  expect(failed.stderr).toContain("is version 20");
});

test("folders that are open to others, too long or gone are refused with the reason", () => {
  const open = join(place.base, "open");
  mkdirSync(open);
  chmodSync(open, 0o755);
  expect(run(["serve", "--runtime-dir", open]).stderr).toContain(`chmod 700 ${open}`);
  const long = join(place.base, "x".repeat(120));
  expect(run(["serve", "--runtime-dir", long]).stderr).toMatch(/has \d+ bytes, at most 107/);
  symlinkSync(open, join(place.base, "link"));
  expect(run(["serve", "--runtime-dir", join(place.base, "link")]).stderr).toContain("is a link");
  expect(run(["serve", join(place.base, "gone")]).stderr).toContain("no such file or folder");
});

test("a stale socket and a stale lock file are no hindrance", async () => {
  mkdirSync(place.runtimeDir, { recursive: true, mode: 0o700 });
  writeFileSync(join(place.runtimeDir, "lock"), "1\n");
  writeFileSync(join(place.runtimeDir, "hub.sock"), "");
  const { socket } = await serve();
  expect(run(["ps"]).status).toBe(0);
  expect(existsSync(socket)).toBe(true);
});

/** A hub that refuses to start while the file is there, else the real one. */
function fragileHome(refuse: string): string {
  const real = pathToFileURL(join(DIST, "node/hub.mjs")).href;
  const hub = `import { existsSync } from "node:fs";
if (existsSync(${JSON.stringify(refuse)})) process.exit(78);
await import(${JSON.stringify(real)});
`;
  return place.fakeHome({ "node/hub.mjs": hub });
}

test("a parked hub is told at once with the reason, and actor retry hub starts it", async () => {
  const refuse = join(place.base, "refuse");
  const { pid } = await serve({ BULKHEAD_HOME: fragileHome(refuse) });
  const instance = (): { hub: string; reason: string } =>
    JSON.parse(readFileSync(join(place.runtimeDir, "instance.json"), "utf8"));
  expect(instance()).toMatchObject({ pid, hub: "ready", reason: "" });
  writeFileSync(refuse, "");
  expect(run(["actor", "restart", "hub"]).status).toBe(0);
  await eventually("the hub is parked", () => (instance().hub === "parked" ? true : undefined));
  const before = performance.now();
  const failed = run(["ps"]);
  expect(performance.now() - before).toBeLessThan(4_000);
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("its hub is parked: exit code 78 (permanent)");
  expect(failed.stderr).toContain("bulkhead actor retry hub");
  expect(run(["actor", "retry", "hub"]).stderr).toContain("its hub is parked");
  rmSync(refuse);
  const retried = run(["actor", "retry", "hub"]);
  expect(retried.stderr).toBe("");
  expect(retried.stdout).toContain("is started again");
  expect(run(["ps"]).status).toBe(0);
  expect(instance()).toMatchObject({ hub: "ready", reason: "" });
});

test("a runtime dir that is cleaned away comes back, and no second root starts beside", async () => {
  const { pid } = await serve();
  const token = readFileSync(join(place.runtimeDir, "token"));
  // At once: the keeper comes back into a folder that is emptied file by file.
  renameSync(place.runtimeDir, join(place.base, "swept"));
  await eventually("commands reach the hub again", () =>
    existsSync(join(place.runtimeDir, "hub.sock")) && run(["ps"]).status === 0 ? true : undefined,
  );
  expect(readFileSync(join(place.runtimeDir, "lock"), "utf8").trim()).toBe(`${pid}`);
  expect(readFileSync(join(place.runtimeDir, "token"))).toEqual(token);
  const second = run(["serve", "--json"]);
  expect(JSON.parse(second.stdout)).toMatchObject({ pid });
  expect(names().filter((name) => name === "bulkhead")).toHaveLength(1);
});

test("a root whose runtime dir another root has taken ends with words and leaves it alone", async () => {
  const { pid } = await serve();
  rmSync(join(place.runtimeDir, "lock"));
  const other = spawn("flock", [join(place.runtimeDir, "lock"), "sleep", "60"], {
    stdio: "ignore",
    env: place.env,
  });
  try {
    await eventually("the root has ended", () => (isAlive(pid) ? undefined : true));
  } finally {
    other.kill("SIGKILL");
  }
  expect(roots[0]?.stderr()).toContain("another root has taken");
  expect(existsSync(join(place.runtimeDir, "instance.json"))).toBe(true);
});

test("a stopped keeper is said to be so, a new terminal fails soon, and both end when it goes on", async () => {
  await serve();
  const keeper = place.pids().find((id) => nameOf(id) === "bulkhead-keeper") as number;
  const row = (): { state: string; reason: string } | undefined => {
    const rows = run(["ps", "--json"]).stdout.trim().split("\n");
    return rows.map((line) => JSON.parse(line)).find(({ name }) => name === "keeper");
  };
  const create = ["call", "terminal.create", JSON.stringify({ cols: 80, rows: 24 })];
  expect(run(create).stderr).toBe("");
  process.kill(keeper, "SIGSTOP");
  // Noticed although nobody looks at the processes.
  const notices = (): string => run(["call", "hub.notices.list"]).stdout;
  await eventually("the notice", () =>
    notices().includes("keeper does not answer") ? true : undefined,
  );
  expect(row()).toMatchObject({ state: "unresponsive", reason: "stopped (SIGSTOP)" });
  const before = performance.now();
  expect(run(create).stderr).toContain("terminal/keeper-away");
  expect(performance.now() - before).toBeLessThan(8_000);
  expect(run(["actor", "resume", "keeper"]).status).toBe(0);
  await eventually("the notice", () =>
    notices().includes("keeper answers again") ? true : undefined,
  );
  expect(row()).toMatchObject({ state: "ready" });
});
