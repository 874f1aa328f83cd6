/** A program of a benchmark: what it prints is kept, it is ended by its pid. */
import { type ChildProcess, spawn } from "node:child_process";

/** Time a program has after TERM before it is killed, milliseconds. */
const TERM_MS = 10_000;
/** Longest wait for any condition, milliseconds. */
const WAIT_MS = 60_000;
const KEPT_CHARACTERS = 65_536;

/** A started program. End it with `endProgram`. */
export interface Program {
  readonly pid: number;
  readonly child: ChildProcess;
  /** Wall clock at which it was started, milliseconds. */
  readonly spawnedMs: number;
  /** The last 64 KiB it printed on stdout. */
  stdout(): string;
  stderr(): string;
}

/** Starts a program without a shell. */
export function startProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Program {
  const spawnedMs = Date.now();
  const child = spawn(program, args, { env, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid === undefined) throw new Error(`${program} cannot be started`);
  const kept = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (chunk: Buffer) => {
      kept[name] = `${kept[name]}${chunk.toString("utf8")}`.slice(-KEPT_CHARACTERS);
    });
  }
  return {
    pid: child.pid,
    child,
    spawnedMs,
    stdout: () => kept.stdout,
    stderr: () => kept.stderr,
  };
}

/** TERM, then KILL after 10 s. */
export async function endProgram({ child }: Program): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), TERM_MS);
  await ended;
  clearTimeout(timer);
}

/** Waits until it has ended by itself; killed after 60 s. */
export async function ended(program: Program): Promise<void> {
  const { child } = program;
  if (child.exitCode !== null || child.signalCode !== null) return;
  const timer = setTimeout(() => child.kill("SIGKILL"), WAIT_MS);
  await new Promise((resolve) => child.once("close", resolve));
  clearTimeout(timer);
}
