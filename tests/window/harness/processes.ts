/** Processes of a test: started with a pid, ended by that pid; leftovers are found by their environment. */
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import type { Readable } from "node:stream";

export { eventually } from "../../eventually.ts";

/** Time a process has after TERM before it is killed, milliseconds. */
const TERM_MS = 10_000;

/** A process the harness started. */
export interface Running {
  readonly pid: number;
  readonly child: ChildProcess;
  /** What it said on stderr, at most the last 64 KiB. */
  stderr(): string;
  /** The same for stdout, where it was asked for. */
  stdout(): string;
}

/** What else of a program is read. */
export interface StartOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly out?: "read" | "ignore";
  /** A further pipe, readable as `child.stdio[3]`. */
  readonly extraPipe?: "none" | "fd3";
}

/** Starts a program without a shell. */
export function start(argv: readonly [string, ...string[]], options: StartOptions): Running {
  const [program, ...args] = argv;
  const extra = options.extraPipe === "fd3" ? (["pipe"] as const) : [];
  const child = spawn(program, args, {
    env: options.env,
    cwd: options.cwd,
    stdio: ["ignore", options.out === "read" ? "pipe" : "ignore", "pipe", ...extra],
  });
  if (child.pid === undefined) throw new Error(`${program} cannot be started`);
  return { pid: child.pid, child, stderr: tail(child.stderr), stdout: tail(child.stdout) };
}

function tail(stream: Readable | null): () => string {
  let said = "";
  stream?.on("data", (chunk: Buffer) => {
    said = `${said}${chunk.toString("utf8")}`.slice(-65_536);
  });
  return () => said;
}

/** TERM, then KILL after 10 s. */
export async function end(running: Running): Promise<void> {
  const { child } = running;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), TERM_MS);
  await ended;
  clearTimeout(timer);
}

/** Pids of every process whose environment holds `NAME=value`, ours excepted. */
export function withVariable(name: string, value: string): number[] {
  const wanted = `${name}=${value}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .filter((pid) => read(`/proc/${pid}/environ`).split("\0").includes(wanted))
    .map(Number);
}

/** The kernel's name of a process, at most 15 characters; empty when it is gone. */
export function nameOf(pid: number): string {
  return read(`/proc/${pid}/comm`).trim();
}

/** Whether a process exists and is no zombie. */
export function isAlive(pid: number): boolean {
  const stat = read(`/proc/${pid}/stat`);
  return stat !== "" && !/\) Z /.test(stat);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
