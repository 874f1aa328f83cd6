/** Calls that may wait for a process that is just being restarted. */
import { BusCode, isBusError } from "../../bus/errors.ts";

/** How long a restart is waited for, milliseconds: within it a crashed process is back or was stopped. */
const RETRY_MS_MAX = 5_000;
const PAUSE_MS = 100;

/**
 * Calls again while the process is away or the link is gone, up to 5 s. Only for calls that may be made twice.
 * @throws what the last attempt threw.
 */
export async function whileRestarting<T>(call: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + RETRY_MS_MAX;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const isAway = isBusError(error, BusCode.down) || isBusError(error, BusCode.closed);
      if (!isAway || performance.now() > untilMs) throw error;
    }
    await new Promise((wake) => setTimeout(wake, PAUSE_MS));
  }
}
