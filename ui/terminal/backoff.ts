/** Waits between attempts: 50 ms doubling to 1 s. */
import { sleep } from "../sleep.ts";

const FIRST_MS = 50;
const LAST_MS = 1_000;

export interface Backoff {
  /** Resolves after the next wait, or at once when the signal fires. */
  wait(): Promise<void>;
  /** An attempt worked: the next wait is the first again. */
  reset(): void;
}

/** One per loop. */
export function backoff(signal: AbortSignal): Backoff {
  let nextMs = FIRST_MS;
  return {
    wait() {
      const ms = nextMs;
      nextMs = Math.min(nextMs * 2, LAST_MS);
      return sleep(ms, signal);
    },
    reset() {
      nextMs = FIRST_MS;
    },
  };
}
