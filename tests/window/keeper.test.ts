/** The root and its keeper: how it is started, what it survives, and a keeper of another version beside it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { connectPeer } from "../../bus/client.ts";
import { create } from "../../bus/contracts/keeper.ts";
import { connectUnix, readToken } from "../../bus/node/index.ts";
import { DIST, makePlace, type Place } from "./harness/place.ts";
import { end, eventually, isAlive, type Running, start } from "./harness/processes.ts";

let place: Place;
let roots: Running[];

beforeEach(() => {
  place = makePlace();
  roots = [];
});
afterEach(async () => {
  run("quit", "--all");
  for (const root of roots) await end(root);
  await place.end();
});

function run(...args: readonly string[]) {
  const { env, workspace } = place;
  return spawnSync(place.program, args, { env, cwd: workspace, encoding: "utf8", timeout: 40_000 });
}

async function serve(env: NodeJS.ProcessEnv = {}): Promise<Running> {
  const root = start([place.program, "serve", place.workspace], {
    env: { ...place.env, ...env },
    cwd: place.workspace,
    out: "read",
  });
  roots.push(root);
  await eventually("the root says where it serves", () => {
    if (root.child.exitCode !== null) throw new Error(`ended: ${root.stderr()}`);
    return root.stdout().includes("\n") || undefined;
  });
  return root;
}

interface Row {
  readonly name: string;
  readonly kind: string;
  readonly pid: number;
  readonly state: string;
  readonly restarts: number;
}

function rows(): Row[] {
  const lines = run("ps", "--json").stdout.split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Row);
}

const keeperIs = (state: string): Promise<Row> =>
  eventually(`the keeper is ${state}`, () =>
    rows().find((row) => row.name === "keeper" && row.state === state),
  );

const rootLog = (): string => readFileSync(join(place.stateDir, "root.log"), "utf8");

/** A systemd of the user's that runs, and a `systemd-run` that does this. */
function fakeSystemd(script: string): NodeJS.ProcessEnv {
  mkdirSync(join(place.base, "run/systemd"), { recursive: true });
  writeFileSync(join(place.base, "run/systemd/private"), "");
  const folder = join(place.base, "fakes");
  mkdirSync(folder);
  writeFileSync(join(folder, "systemd-run"), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: `${folder}:${place.env["PATH"]}` };
}

test("where a systemd runs the keeper gets a scope of its own", async () => {
  const asked = join(place.base, "asked");
  const untilProgram = 'while [ "$1" != -- ]; do shift; done; shift';
  await serve(fakeSystemd(`echo "$@" > ${asked}\n${untilProgram}\nexec "$@"`));
  await keeperIs("ready");
  expect(readFileSync(asked, "utf8")).toMatch(/^--user --scope .*bulkhead-keeper --runtime-dir/);
  expect(rootLog()).toContain("in a systemd scope");
});

test.each([
  ["refuses", "echo no bus >&2; exit 1"],
  ["hangs", "exec sleep 600"],
])("a systemd that %s is done without", async (_how, script) => {
  await serve(fakeSystemd(script));
  const { restarts } = await keeperIs("ready");
  expect(restarts).toBe(0);
  expect(rootLog()).toContain("no systemd scope can be had, started without");
});

/** A keeper of major 0 with two programs, as an older Bulkhead would have left it. */
async function startOlder(): Promise<Running> {
  mkdirSync(place.runtimeDir, { recursive: true, mode: 0o700 });
  const older = start([join(DIST, "bin/bulkhead-keeper"), "--runtime-dir", place.runtimeDir], {
    env: { ...place.env, BULKHEAD_KEEPER_MAJOR: "0" },
  });
  roots.push(older);
  const base = join(place.runtimeDir, "keeper-0");
  await eventually("it listens", () => (existsSync(`${base}.sock`) ? true : undefined));
  const hello = { name: "test", pid: process.pid, token: await readToken(`${base}.token`) };
  const peer = await connectPeer(await connectUnix(`${base}.sock`), { hello });
  const program = { argv: ["/bin/cat"], cwd: "/", env: {}, cols: 80, rows: 24 };
  for (let count = 0; count < 2; count += 1)
    await peer.request(create, { ...program, meta: new Uint8Array() });
  peer.close();
  return older;
}

test("a keeper of another version is listed with its shells, and both can be ended", async () => {
  const other = await startOlder();
  await serve();
  const keeper = await eventually("it is listed", () =>
    rows().find((row) => row.name === "keeper/0"),
  );
  expect(keeper).toMatchObject({ kind: "keeper", state: "ready", pid: other.pid });
  const notices = () => run("call", "hub.notices.list").stdout;
  expect(notices()).toContain("2 shells of another version of Bulkhead run");
  const shells = () => rows().filter((row) => row.kind === "shell" && row.name.startsWith("cat/"));
  const [first] = shells();
  expect(shells()).toHaveLength(2);
  expect(run("actor", "kill", first?.name ?? "").status).toBe(0);
  await eventually("one shell is left", () => (shells().length === 1 ? true : undefined));
  expect(run("actor", "kill", "keeper/0").stderr).toContain("ends 1 shell");
  expect(run("actor", "kill", "keeper/0", "--end-shells").status).toBe(0);
  await eventually("it has ended", () => (isAlive(other.pid) ? undefined : true));
  await eventually("it is not listed", () =>
    rows().some((row) => row.name === "keeper/0") ? undefined : true,
  );
});

test("quit --all ends the shells of another version too", async () => {
  const other = await startOlder();
  const root = await serve();
  expect(run("quit", "--all").status).toBe(0);
  await eventually("both have ended", () =>
    isAlive(root.pid) || isAlive(other.pid) ? undefined : true,
  );
});
