/** What holds two lists together: items that are unique to both sides, in an order that both have. */

/** A place on the old side and one on the new side that hold the same item. */
export interface Pair {
  readonly old: number;
  readonly new: number;
}

/** The longest run of pairs that rises on both sides; pairs come in rising order of the new side. */
export function longestIncreasing(pairs: readonly Pair[]): readonly Pair[] {
  /** By length of a run, the pair with the lowest old side that ends one. */
  const tops: number[] = [];
  const before = new Int32Array(pairs.length);
  for (const [index, pair] of pairs.entries()) {
    const length = runsBelow(tops, pairs, pair.old);
    before[index] = tops[length - 1] ?? -1;
    tops[length] = index;
  }
  const run: Pair[] = [];
  for (let index = tops.at(-1) ?? -1; index >= 0; index = before[index] ?? -1) {
    const pair = pairs[index];
    if (pair !== undefined) run.push(pair);
  }
  return run.reverse();
}

/** How many of the tops are below `old`, by halving. */
function runsBelow(tops: readonly number[], pairs: readonly Pair[], old: number): number {
  // The usual case: what is equal stands in the same order.
  if ((pairs[tops.at(-1) ?? 0]?.old ?? 0) < old) return tops.length;
  let low = 0;
  let high = tops.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pairs[tops[middle] ?? 0]?.old ?? 0) < old) low = middle + 1;
    else high = middle;
  }
  return low;
}
