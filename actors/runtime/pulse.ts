/** What an event loop says of itself: how late its timers fire and how large its heap is. */
import type { Clock } from "../../bus/clock.ts";
import type { Pulse } from "../../bus/protocol.ts";

/** Milliseconds between two looks at the clock. Twice a ping, so a block is seen by one of them. */
const LOOK_MS = 500;

/** A running lag meter. */
export interface PulseMeter {
  /** Worst delay since the last call, heap in use now. */
  take(): Pulse;
  stop(): void;
}

/** Starts to watch the event loop by the drift of one timer, which costs two wake-ups a second. */
export function startPulseMeter(clock: Clock, heapBytes: () => number): PulseMeter {
  let worstMs = 0;
  let dueMs = clock.now() + LOOK_MS;
  let cancel = clock.setTimer(LOOK_MS, look);
  function look(): void {
    worstMs = Math.max(worstMs, clock.now() - dueMs);
    dueMs = clock.now() + LOOK_MS;
    cancel = clock.setTimer(LOOK_MS, look);
  }
  return {
    take() {
      const lagMs = Math.max(0, Math.round(Math.max(worstMs, clock.now() - dueMs) * 10) / 10);
      worstMs = 0;
      return { lagMs, heapBytes: heapBytes() };
    },
    stop() {
      cancel();
    },
  };
}
