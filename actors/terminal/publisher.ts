/** Tells a changing value at most so often: the first change at once, the last one always. */
import type { Clock } from "../../bus/clock.ts";

/** A throttle around `publish`. */
export interface Publisher {
  /** The value has changed. */
  changed(): void;
}

/** @param pauseMs least time between two publications, milliseconds. */
export function createPublisher(clock: Clock, pauseMs: number, publish: () => void): Publisher {
  let lastMs = Number.NEGATIVE_INFINITY;
  let isWaiting = false;
  const fire = () => {
    isWaiting = false;
    lastMs = clock.now();
    publish();
  };
  return {
    changed() {
      if (isWaiting) return;
      isWaiting = true;
      // Never within the change itself: several of one turn make one publication.
      clock.setTimer(Math.max(0, lastMs + pauseMs - clock.now()), fire);
    },
  };
}
