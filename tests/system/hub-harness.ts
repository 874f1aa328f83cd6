/** A real hub process with real actors. The test plays the root on file descriptor 3. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { connectPeer } from "../../bus/client.ts";
import { act, type ProcessAct, type ProcessRow, processesList } from "../../bus/contracts/hub.ts";
import { act as rootAct, processes as rootTopic } from "../../bus/contracts/root.ts";
import { connectUnix, readToken, socketTransport } from "../../bus/node/index.ts";
import type { Peer } from "../../bus/peer.ts";
import { eventually } from "../eventually.ts";

export { eventually };

const CHECKOUT = resolve(import.meta.dirname, "../..");
const FIXTURES = join(CHECKOUT, "tests/fixtures/actors");

/** Longest wait for a condition, milliseconds. */
const WAIT_MS = 45_000;

/** What a drill file may hold; see bus/node/hub/drill.ts. */
export interface DrillFile {
  readonly timings?: Readonly<Record<string, number>>;
  readonly children: ReadonlyArray<
    Readonly<Record<string, unknown>> & { readonly name: string; readonly script: string }
  >;
  readonly only?: readonly string[];
}

/** A hub under test. `end` must be called whatever happens. */
export interface HubUnderTest {
  readonly process: ChildProcess;
  /** A late attacher with the token, as the command line is one. */
  readonly peer: Peer;
  /** The root's side of descriptor 3. */
  readonly root: Peer;
  readonly rootLink: Socket;
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly configDir: string;
  /** Acts the hub asked the root for. */
  readonly rootActs: string[];
  stderr(): string;
  rows(): Promise<ProcessRow[]>;
  row(name: string): Promise<ProcessRow>;
  /** Waits until `name` is in `state` and, when given, fulfils `also`. */
  until(
    name: string,
    state: ProcessRow["state"],
    also?: (row: ProcessRow) => boolean,
  ): Promise<ProcessRow>;
  end(): Promise<void>;
}

/** How to start one. */
export interface HubOptions {
  readonly drill: DrillFile;
  readonly mode?: "window" | "browser";
  /** Passed as descriptor 4 in browser mode. */
  readonly listener?: { readonly fd: number };
  /** Goes on with the folders of an earlier hub. */
  readonly dir?: string;
  readonly hubEpoch?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Program and arguments that become the hub, such as `prlimit --nofile=64 --`. */
  readonly within?: readonly [string, ...string[]];
}

/** A fixture's path by its misbehaviour: `crash`, `hang`. */
export function fixture(name: string): string {
  return join(FIXTURES, `${name}.ts`);
}

/** Shorter graces, so that a drill takes seconds. The watchdog stays slow: a busy machine is no hang. */
export const QUICK = {
  stopGraceMs: 1000,
  termGraceMs: 300,
  linkGraceMs: 300,
  memoryEveryChecks: 1,
} as const;

/** For drills about silence: found after 1 s, killed after 2 s. */
export const ALERT = { ...QUICK, checkMs: 200 } as const;

/** Starts a hub and waits until it serves. */
export async function startHub(options: HubOptions): Promise<HubUnderTest> {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), "bh-"));
  const dirs = prepare(dir, options);
  const child = spawnHub(dirs, options);
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-20_000);
  });
  const ended = new Promise<never>((_resolve, reject) => {
    child.once("exit", (code, signal) =>
      reject(new Error(`hub ended: ${code} ${signal}\n${errors}`)),
    );
  });
  ended.catch(() => undefined);
  const rootLink = child.stdio[3] as Socket;
  const hello = { hello: { name: "root", pid: process.pid } };
  const root = await connectPeer(socketTransport(rootLink), hello, {
    readyTimeoutMs: WAIT_MS,
  }).catch(
    // A hub that refuses to start closes its link first; what it says on stderr explains more.
    () => ended,
  );
  const rootActs: string[] = [];
  root.handle(rootAct, ({ name, act }) => {
    rootActs.push(`${act} ${name}`);
    return {};
  });
  root.publish(rootTopic, { processes: [] });
  const token = await readToken(join(dirs.runtimeDir, "token"));
  const transport = await connectUnix(join(dirs.runtimeDir, "hub.sock"));
  const peer = await connectPeer(transport, { hello: { name: "cli", pid: process.pid, token } });
  const rows = async (): Promise<ProcessRow[]> => (await peer.request(processesList, {})).processes;
  const row = async (name: string): Promise<ProcessRow> => {
    const found = (await rows()).find((one) => one.name === name);
    if (found === undefined) throw new Error(`no row ${name}`);
    return found;
  };
  return {
    process: child,
    peer,
    root,
    rootLink,
    ...dirs,
    rootActs,
    stderr: () => errors,
    rows,
    row,
    until: (name, state, also) =>
      eventually(`${name} is ${state}`, async () => {
        const now = await row(name);
        return now.state === state && (also?.(now) ?? true) ? now : undefined;
      }),
    end: () => endHub(child, dir),
  };
}

/** Does an act as a person would, and gives the sentence that says what it did. */
export async function byHand(peer: Peer, name: string, what: ProcessAct): Promise<string> {
  return (await peer.request(act, { name, act: what, endShells: false })).sentence;
}

/** TCP ports a process listens on. */
export function listeningPorts(pid: number): number[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1] ?? [];
      } catch {
        return [];
      }
    }),
  );
  const lines = readFileSync(`/proc/${pid}/net/tcp`, "utf8").split("\n").slice(1);
  return lines.flatMap((line) => {
    const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
    return state === "0A" && inodes.has(inode)
      ? [Number.parseInt(local.split(":")[1] ?? "0", 16)]
      : [];
  });
}

/** Whether a process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2)[0] !== "Z";
  } catch {
    return false;
  }
}

interface Dirs {
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly configDir: string;
}

function prepare(dir: string, options: HubOptions): Dirs {
  const dirs = { runtimeDir: join(dir, "r"), stateDir: join(dir, "s"), configDir: join(dir, "c") };
  for (const path of Object.values(dirs)) mkdirSync(path, { recursive: true, mode: 0o700 });
  const token = join(dirs.runtimeDir, "token");
  if (!existsSync(token)) writeFileSync(token, randomBytes(32), { mode: 0o600 });
  writeFileSync(
    join(dir, "drill.json"),
    JSON.stringify({ only: options.drill.children.map((one) => one.name), ...options.drill }),
  );
  return dirs;
}

function spawnHub(dirs: Dirs, options: HubOptions): ChildProcess {
  const home = join(CHECKOUT, "dist");
  const command = [process.execPath, join(CHECKOUT, "bus/node/main.ts")];
  const [program = process.execPath, ...args] = [...(options.within ?? []), ...command];
  return spawn(program, args, {
    stdio: ["ignore", "inherit", "pipe", "pipe", options.listener?.fd ?? "ignore"],
    env: {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      BULKHEAD_RUNTIME_DIR: dirs.runtimeDir,
      BULKHEAD_STATE_DIR: dirs.stateDir,
      BULKHEAD_CONFIG_DIR: dirs.configDir,
      BULKHEAD_WORKSPACE: CHECKOUT,
      BULKHEAD_MODE: options.mode ?? "window",
      BULKHEAD_HOME: home,
      BULKHEAD_NODE: process.execPath,
      BULKHEAD_VERSION: "0.1.0-test",
      BULKHEAD_ROOT_PID: String(process.pid),
      BULKHEAD_HUB_EPOCH: String(options.hubEpoch ?? 1),
      BULKHEAD_DRILL: "1",
      BULKHEAD_DRILL_FILE: join(dirs.runtimeDir, "../drill.json"),
      ...options.env,
    },
  });
}

async function endHub(child: ChildProcess, dir: string): Promise<void> {
  let killed = false;
  if (child.exitCode === null && child.signalCode === null) {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const late = setTimeout(() => {
      killed = child.kill("SIGKILL");
    }, 5000);
    await gone;
    clearTimeout(late);
  }
  const log = readLog(dir);
  rmSync(dir, { recursive: true, force: true });
  if (killed) throw new Error(`the hub did not end within 5 s of SIGTERM:\n${log}`);
}

function readLog(dir: string): string {
  try {
    return readFileSync(join(dir, "s", "hub.log"), "utf8").slice(-4000);
  } catch {
    return "";
  }
}
