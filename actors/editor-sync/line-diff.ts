/** Which lines of two texts differ. */
import { type DiffBudget, diffLists, type ListDiff } from "./diff-range.ts";
import { LineTable } from "./line-table.ts";

/** Differences Myers looks for in one gap between anchors. */
const LINE_DIFFERENCES_MAX = 1_000;

const NONE = new Int32Array(0);

/** A budget that is over at `endsAtMs` of the clock `now`. */
export function untilMs(endsAtMs: number, now: () => number): DiffBudget {
  return { isOver: () => now() > endsAtMs, differencesMax: LINE_DIFFERENCES_MAX };
}

/** Lines that differ, from 0. */
export function diffLines(old: string, fresh: string, budget: DiffBudget): ListDiff {
  const { cuts, kinds } = LineTable.cutAll([old, fresh]);
  const [before = NONE, after = NONE] = cuts.map(({ numbers }) => numbers);
  return diffLists({ old: before, new: after, kinds }, budget);
}
