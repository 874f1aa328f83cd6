/** Runs programs and never leaves one behind: a signal to us goes to every child still running. */
import { spawn } from "node:child_process";
import { root, toolEnvironment } from "./paths.mjs";

const running = new Set();
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"];
const NUMBERS = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };
/** Kept of a captured output; older text is dropped. */
const OUTPUT_CHARS_MAX = 32 * 1024 * 1024;

for (const signal of SIGNALS) {
  process.on(signal, () => {
    for (const child of running) end(child, signal);
    if (running.size === 0) process.exit(128 + NUMBERS[signal]);
  });
}
process.on("exit", () => {
  for (const child of running) end(child, "SIGKILL");
});

/** What a line of ours looks like, so that it is told apart from a tool's. */
export function say(text) {
  process.stderr.write(`bulkhead: ${text}\n`);
}

/** A failure whose message is the whole story: printed without a stack. */
export class SetupError extends Error {}

/**
 * Runs a program to its end.
 * @param {string[]} argv program and arguments
 * @param {{cwd?: string, env?: object, capture?: boolean, echo?: boolean, input?: "inherit"}} options
 *   `capture` collects stdout, `echo` prints it as well.
 * @returns {Promise<{code: number, stdout: string}>} code is 127 when the program does not start
 *   and 128 + n when signal n ended it
 */
export function run(argv, options = {}) {
  const { cwd = root, env = toolEnvironment(), capture = false, echo = false } = options;
  const [program, ...rest] = argv;
  // A group of its own lets us end what the program started, too; a terminal stays with ours.
  const grouped = options.input !== "inherit";
  const child = spawn(program, rest, {
    cwd,
    env,
    detached: grouped,
    stdio: [grouped ? "ignore" : "inherit", capture ? "pipe" : "inherit", "inherit"],
  });
  child.grouped = grouped;
  running.add(child);
  let stdout = "";
  child.stdout?.setEncoding("utf8").on("data", (text) => {
    stdout = (stdout + text).slice(-OUTPUT_CHARS_MAX);
    if (echo) process.stdout.write(text);
  });
  return new Promise((resolve) => {
    const settle = (code) => {
      running.delete(child);
      resolve({ code, stdout });
    };
    child.on("error", () => settle(127));
    child.on("close", (code, signal) => settle(code ?? 128 + (NUMBERS[signal] ?? 0)));
  });
}

/** Runs a program and throws one line when it fails. */
export async function mustRun(argv, what, options = {}) {
  const { code, stdout } = await run(argv, options);
  if (code >= 128) process.exit(code);
  if (code !== 0) throw new SetupError(`${what} failed (exit ${code}): ${argv.join(" ")}`);
  return stdout;
}

/** Runs a script's main function; a SetupError becomes one line and exit 1. */
export async function script(main) {
  try {
    process.exitCode = (await main()) ?? 0;
  } catch (error) {
    say(error instanceof SetupError ? error.message : error.stack);
    process.exitCode = 1;
  }
}

function end(child, signal) {
  try {
    process.kill(child.grouped ? -child.pid : child.pid, signal);
  } catch {
    // It ended by itself in between.
  }
}
