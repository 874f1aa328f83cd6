/**
 * A start that was handed over to a root which turned out to have ended: the lock outlives a killed root for a moment,
 * and a root that took it over is heard only when it stands. The program is asked again.
 */
import { join } from "node:path";
import { CommandError, Exit } from "./exit.ts";
import type { Surroundings } from "./surroundings.ts";

/** How often a start is handed over before it fails; with the time of a start of Node about three seconds together. */
const HANDED_OVER_MAX = 20;
/** Time before the program is asked again, milliseconds. */
const AGAIN_MS = 50;

/** Becomes `bulkhead ARGV...` again, or throws `error` where that would not help. */
export async function startAgain(
  error: unknown,
  argv: readonly string[],
  world: Surroundings,
): Promise<never> {
  const count = Number(world.env["BULKHEAD_HANDED_OVER"] ?? "");
  const home = world.env["BULKHEAD_HOME"] ?? "";
  const isGone = error instanceof CommandError && error.exit === Exit.nothingRunning;
  const isOpen = count >= 1 && count < HANDED_OVER_MAX && home !== "";
  if (!isGone || !isOpen || world.signal.aborted) throw error;
  await world.wait(AGAIN_MS);
  return world.become(join(home, "bin", "bulkhead"), argv);
}
