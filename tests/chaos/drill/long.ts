/** The long drills beside the kills: soaks, attacks, orphans. One line each. */
import { hostileDrills } from "../hostile/index.ts";
import { soaks } from "../soak/index.ts";
import type { Soak, SoakResult } from "../soak/soak.ts";

export const LONG_DRILLS: readonly Soak[] = [...soaks, ...hostileDrills];

/** What came of one. */
export interface LongRecord extends SoakResult {
  readonly name: string;
  readonly what: string;
  readonly unit: string;
  readonly count: number;
  readonly seed: number;
  readonly seconds: number;
}

/** How it is run. */
export interface LongPlan {
  readonly seed: number;
  /** Undefined: the full count of each. */
  readonly count: number | undefined;
  readonly say: (line: string) => void;
}

/** Runs one; a fault of it is a failure of the record. */
export async function runLong(soak: Soak, { seed, count, say }: LongPlan): Promise<LongRecord> {
  const { name, what, unit } = soak;
  const wanted = count ?? soak.count;
  say(`${name}: ${wanted} ${unit}`);
  const startMs = performance.now();
  const report = (line: string): void => say(`       ${line}`);
  const result = await soak.run({ count: wanted, seed, report }).catch((error: unknown) => ({
    figures: {},
    failures: [error instanceof Error ? error.message : String(error)],
  }));
  const seconds = Math.round((performance.now() - startMs) / 1_000);
  const verdict = result.failures.length === 0 ? "ok  " : "FAIL";
  say([`${verdict} ${name}: ${what}, took ${seconds} s`, ...result.failures].join("\n       "));
  return { name, what, unit, count: wanted, seed, seconds, ...result };
}
