/** Surroundings for tests: what a command printed, a clock that only moves when something waits. */
import type { Surroundings } from "../../../bus/cli/surroundings.ts";

export interface TestWorld extends Surroundings {
  readonly lines: string[];
  readonly errors: string[];
  /** Programs it would have become, with their words. */
  readonly became: string[][];
}

export function testWorld(
  given: { env?: Record<string, string | undefined>; cwd?: string; signal?: AbortSignal } = {},
): TestWorld {
  const lines: string[] = [];
  const errors: string[] = [];
  const became: string[][] = [];
  let now = 0;
  return {
    became,
    env: given.env ?? {},
    cwd: given.cwd ?? "/",
    signal: given.signal ?? new AbortController().signal,
    lines,
    errors,
    out: (line) => lines.push(line),
    err: (line) => errors.push(line),
    drained: () => Promise.resolve(),
    now: () => now,
    wait: (ms) => {
      now += ms;
      return Promise.resolve();
    },
    become(program, argv) {
      became.push([program, ...argv]);
      throw new Error("this process is another program now");
    },
  };
}
