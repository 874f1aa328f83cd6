/** How late the hub's own timers fire: the worst of the last seconds. */

const LOOK_MS = 500;
/** Looks that count as now. */
const LOOKS_KEPT = 4;

/** A running meter; `take` says the worst delay of the last two seconds. */
export interface LagMeter {
  take(): number;
  close(): void;
}

/** Starts one timer, two wake-ups a second. */
export function startLagMeter(now: () => number): LagMeter {
  const delays: number[] = [];
  let dueMs = now() + LOOK_MS;
  const timer = setInterval(() => {
    delays.push(Math.max(0, now() - dueMs));
    if (delays.length > LOOKS_KEPT) delays.shift();
    dueMs = now() + LOOK_MS;
  }, LOOK_MS);
  return {
    take: () => Math.round(Math.max(0, ...delays) * 10) / 10,
    close: () => clearInterval(timer),
  };
}
