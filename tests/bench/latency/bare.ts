/** The same echo without anything of ours: a terminal of node-pty, a byte written, the byte read. */
import { spawn } from "@lydell/node-pty";

/** A bare terminal in which `cat` runs. End it with `end`. */
export interface BareTerminal {
  /** Milliseconds from writing a byte to its echo. */
  echo(): Promise<number>;
  end(): void;
}

/** Starts it and waits for its first echo. */
export async function openBare(): Promise<BareTerminal> {
  const pty = spawn("/bin/cat", [], {
    ...{ cwd: "/", env: { PATH: "/usr/bin:/bin" }, cols: 80, rows: 24 },
    encoding: null,
  });
  let heard: (() => void) | undefined;
  pty.onData(() => heard?.());
  const echo = async (): Promise<number> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    heard = resolve;
    const sentMs = performance.now();
    pty.write("x");
    await promise;
    return performance.now() - sentMs;
  };
  await echo();
  return { echo, end: () => pty.kill("SIGKILL") };
}
