/** Notices that nobody asks any more. */
import type { Clock } from "../../bus/clock.ts";

/** After so long without a question the process ends; the next one starts it again. Milliseconds. */
export const IDLE_MS = 20_000;

/** Wraps work so that `onIdle` is called once, IDLE_MS after the last of it. */
export function noticeIdle(
  clock: Clock,
  onIdle: () => void,
): <T>(work: () => Promise<T>) => Promise<T> {
  let underWay = 0;
  let stop = clock.setTimer(IDLE_MS, onIdle);
  return async (work) => {
    underWay++;
    stop();
    try {
      return await work();
    } finally {
      underWay--;
      if (underWay === 0) stop = clock.setTimer(IDLE_MS, onIdle);
    }
  };
}
