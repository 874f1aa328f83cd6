/** The command line as a process: real arguments, environment, output and signals. */
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { Exit } from "./exit.ts";
import { runCommandLine } from "./run.ts";

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => stop.abort());
}
// `bulkhead tap | head` closes the pipe: nobody reads on, so there is nothing more to do.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  process.exit(error.code === "EPIPE" ? Exit.done : Exit.failed);
});

const started = performance.now();
process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  signal: stop.signal,
  out: (line) => process.stdout.write(`${line}\n`),
  drained: async () => {
    if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
  },
  err: (line) => process.stderr.write(`${line}\n`),
  now: () => performance.now() - started,
  wait: (ms) => delay(ms, undefined, { signal: stop.signal }).catch(() => undefined),
  become: (program, argv) => {
    if (process.execve === undefined) throw new Error("this system cannot replace a process");
    return process.execve(program, [program, ...argv], process.env as Record<string, string>);
  },
});
