/**
 * The watchdog of one process: pings counted, not timed. After a laptop slept or the hub itself was late
 * no ping went unanswered, so nobody is killed for it. A process is watched once it is ready: until then its start
 * timeout speaks.
 *
 *   check 1 s: ping  |  pong -> missed 0  |  at 5 missed: unresponsive, stack taken  |  at 10: kill
 */

/** Figures of the watchdog. */
export interface WatchdogLimits {
  /** Time between two checks, milliseconds. */
  readonly checkMs: number;
  /** Missed checks before the process counts as not answering. */
  readonly unresponsiveAfter: number;
  /** Missed checks before it is killed. */
  readonly killAfter: number;
}

export const DEFAULT_WATCHDOG: WatchdogLimits = {
  checkMs: 1000,
  unresponsiveAfter: 5,
  killAfter: 10,
};

/** What the watchdog remembers: plain data. */
export interface WatchdogState {
  readonly waiting: boolean;
  readonly missed: number;
}

export const WATCHDOG_CALM: WatchdogState = { waiting: false, missed: 0 };

/** One check is due. The verdict is what changed by it. */
export function checkWatchdog(
  limits: WatchdogLimits,
  state: WatchdogState,
): { readonly state: WatchdogState; readonly verdict: "ping" | "none" | "unresponsive" | "kill" } {
  if (!state.waiting) return { state: { waiting: true, missed: state.missed }, verdict: "ping" };
  const missed = state.missed + 1;
  const next = { waiting: true, missed };
  if (missed >= limits.killAfter) return { state: next, verdict: "kill" };
  return { state: next, verdict: missed === limits.unresponsiveAfter ? "unresponsive" : "none" };
}
