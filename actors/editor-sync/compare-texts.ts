/** Which lines of two texts differ, as the contract tells it. */
import type { DiffBudget } from "./diff-range.ts";
import { diffLines } from "./line-diff.ts";

/** Lines that differ: `[from, to)` of the old text and of the new one, from 0. */
export interface Comparison {
  readonly hunks: readonly (readonly [number, number, number, number])[];
  readonly isExact: boolean;
}

export function compareTexts(old: string, fresh: string, budget: DiffBudget): Comparison {
  return diffLines(old, fresh, budget);
}
