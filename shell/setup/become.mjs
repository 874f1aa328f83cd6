/** Stands in for exec, which Node 20 lacks: same terminal, same signals, same exit code. */
import { spawn } from "node:child_process";
import { constants } from "node:os";

const FORWARDED = ["SIGTERM", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGINT"];

/**
 * Runs a program in our place; when it ends we end the same way.
 * @param {string[]} argv absolute program and arguments
 * @param {{cwd?: string, env?: object}} options
 */
export function become(argv, options = {}) {
  const [program, ...rest] = argv;
  // From here on the child decides what a signal means: listened to before it can run, so that none is lost between.
  for (const signal of FORWARDED) {
    process.removeAllListeners(signal);
    process.on(signal, () => {
      // Ctrl+C reaches the whole foreground group, the child with it.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  const child = spawn(program, rest, { ...options, stdio: "inherit" });
  child.on("error", (error) => {
    process.stderr.write(`bulkhead: ${program} does not start: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code);
    for (const name of FORWARDED) process.removeAllListeners(name);
    process.kill(process.pid, signal);
    // A signal we cannot die of (SIGSTOP and the like cannot come here) still gets a code.
    process.exitCode = 128 + constants.signals[signal];
  });
}
