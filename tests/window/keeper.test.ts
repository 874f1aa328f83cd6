/** The root and its keeper: how it is started, what it survives, and a keeper of another version beside it. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { connectPeer } from "../../bus/client.ts";
import { create } from "../../bus/contracts/keeper.ts";
import * as terminal from "../../bus/contracts/terminal.ts";
import { connectUnix, readToken } from "../../bus/node/index.ts";
import type { Peer } from "../../bus/peer.ts";
import { DIST, makePlace, type Place } from "./harness/place.ts";
import { end, eventually, isAlive, type Running, start } from "./harness/processes.ts";

// Each asks the command line many times, on a machine that may be busy.
vi.setConfig({ testTimeout: 240_000 });

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
  readonly reason: string;
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

/** A keeper as another Bulkhead would have left it, with these programs. */
async function startOther(
  major: number,
  programs: readonly (readonly string[])[],
  env: NodeJS.ProcessEnv = {},
): Promise<Running> {
  mkdirSync(place.runtimeDir, { recursive: true, mode: 0o700 });
  const version = { BULKHEAD_DRILL: "1", BULKHEAD_KEEPER_MAJOR: `${major}` };
  const other = start([join(DIST, "bin/bulkhead-keeper"), "--runtime-dir", place.runtimeDir], {
    env: { ...place.env, ...version, BULKHEAD_KEEPER_VERSION: "0.0.9", ...env },
  });
  roots.push(other);
  const base = join(place.runtimeDir, `keeper-${major}`);
  await eventually("it listens", () => (existsSync(`${base}.sock`) ? true : undefined));
  const peer = await attach(base, "test");
  for (const argv of programs) {
    const program = { argv: [...argv], cwd: "/", env: {}, cols: 80, rows: 24 };
    await peer.request(create, { ...program, meta: new Uint8Array() });
  }
  peer.close();
  return other;
}

/** A client of `hub` or of a keeper, by the path of its files without ending. */
async function attach(base: string, name: string): Promise<Peer> {
  const hello = { name, pid: process.pid, token: await readToken(`${base}.token`) };
  return connectPeer(await connectUnix(`${base}.sock`), { hello });
}

async function attachHub(): Promise<Peer> {
  const { runtimeDir } = place;
  const token = await readToken(join(runtimeDir, "token"));
  const transport = await connectUnix(join(runtimeDir, "hub.sock"));
  return connectPeer(transport, { hello: { name: "cli", pid: process.pid, token } });
}

const CATS = [["/bin/cat"], ["/bin/cat"]];

test("a keeper of another version that cannot be attached is listed, and its shells can be ended", async () => {
  const other = await startOther(9, CATS, { BULKHEAD_KEEPER_SERVES_SINCE: "9" });
  await serve();
  const keeper = await eventually("it is listed", () =>
    rows().find((row) => row.name === "keeper/9"),
  );
  expect(keeper).toMatchObject({
    ...{ kind: "keeper", state: "ready", pid: other.pid },
    reason: "of Bulkhead 0.0.9: this version cannot attach to its shells",
  });
  const notices = () => run("call", "hub.notices.list").stdout;
  expect(notices()).toContain("2 shells of Bulkhead 0.0.9 run");
  expect(notices()).toContain("This version cannot attach to them.");
  expect(run("call", "terminal.list").stdout).not.toContain("cat");
  const shells = () => rows().filter((row) => row.kind === "shell" && row.name.startsWith("cat/"));
  const [first] = shells();
  expect(shells()).toHaveLength(2);
  expect(run("actor", "kill", first?.name ?? "").status).toBe(0);
  await eventually("one shell is left", () => (shells().length === 1 ? true : undefined));
  expect(run("actor", "kill", "keeper/9").stderr).toContain("ends 1 shell");
  expect(run("actor", "kill", "keeper/9", "--end-shells").status).toBe(0);
  await eventually("it has ended", () => (isAlive(other.pid) ? undefined : true));
  await eventually("it is not listed", () =>
    rows().some((row) => row.name === "keeper/9") ? undefined : true,
  );
  expect(notices()).not.toContain("ended and");
});

test("a keeper of another version that hangs is shown as such and can be ended", async () => {
  const other = await startOther(0, CATS);
  await serve();
  await eventually("it is listed", () => rows().find((row) => row.name === "keeper/0"));
  process.kill(other.pid, "SIGSTOP");
  await eventually("it is silent", () =>
    rows().find((row) => row.name === "keeper/0" && row.state === "unresponsive"),
  );
  expect(run("actor", "kill", "keeper/0", "--end-shells").status).toBe(0);
  await eventually("it has ended", () => (isAlive(other.pid) ? undefined : true));
});

test("shells of an older keeper are used like our own, through kills of terminal and hub, and no byte is lost", async () => {
  const count = 1_500;
  const counting = [
    "/bin/sh",
    "-c",
    `i=0; while [ $i -lt ${count} ]; do echo $i; i=$((i+1)); sleep 0.01; done; exec cat`,
  ];
  await startOther(0, [counting]);
  await serve();
  const row = await eventually("it is listed", () =>
    rows().find((one) => one.name === "keeper/0" && one.reason.endsWith("used like our own")),
  );
  const ask = { argv: counting, cols: 80, rows: 24, cwd: "", env: {}, name: "" };
  const peer = await attachHub();
  await peer.request(terminal.create, ask, { timeoutMs: 120_000 });
  const before = (await peer.request(terminal.list, {})).sessions;
  peer.close();
  expect(before.map(({ heldBy }) => heldBy).sort()).toEqual(["", "0.0.9"]);
  for (const victim of ["terminal", "hub", "terminal", "hub"]) {
    const { pid } = await eventually(`${victim} is ready`, () =>
      rows().find(({ name, state }) => name === victim && state === "ready"),
    );
    process.kill(pid, "SIGKILL");
    await eventually(`${victim} is back`, () =>
      rows().find((one) => one.name === victim && one.state === "ready" && one.pid !== pid),
    );
  }
  const late = await attachHub();
  const after = (await late.request(terminal.list, {})).sessions;
  const known = ({ id, pid }: terminal.Session): string => `${id} ${pid}`;
  expect(after.map(known).sort()).toEqual(before.map(known).sort());
  const lines = Array.from({ length: count }, (_, line) => `${line}\r\n`).join("");
  for (const { id } of after) {
    const all = await output(late, id, lines.length);
    expect(all).toBe(lines);
    const typed = await late.open(terminal.input, { session: id, writer: "test" });
    await typed.write(new TextEncoder().encode("typed\n"));
    expect(await output(late, id, lines.length + 14)).toBe(`${lines}typed\r\ntyped\r\n`);
  }
  late.close();
  expect(row.pid).toBe(rows().find(({ name }) => name === "keeper/0")?.pid);
});

/** All output of a session from its beginning, once there is so much. */
async function output(peer: Peer, session: string, bytes: number): Promise<string> {
  const view = { session, from: 0, cols: 80, rows: 24, visible: true };
  const stream = await peer.open(terminal.attach, view, { windowBytes: 128 * 1024 });
  stream.end();
  let text = "";
  stream.onChunk((chunk) => {
    text += new TextDecoder().decode(chunk);
    stream.consumed(chunk.length);
  });
  stream.done.catch(() => undefined);
  await eventually("all output", () => (text.length >= bytes ? true : undefined));
  stream.reset({ code: "bus/cancelled", message: "seen" });
  return text;
}

test("quit --all ends the shells of another version too", async () => {
  const other = await startOther(0, CATS);
  const root = await serve();
  expect(run("quit", "--all").status).toBe(0);
  await eventually("both have ended", () =>
    isAlive(root.pid) || isAlive(other.pid) ? undefined : true,
  );
});
