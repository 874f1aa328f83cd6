/** The shortest way from one list to another. E. Myers, "An O(ND) difference algorithm", 1986, the greedy way. */
import type { Range } from "./diff-range.ts";

/** Two lists, and the part of them that is meant. */
export interface Grid {
  readonly old: Int32Array;
  readonly new: Int32Array;
  readonly part: Range;
}

/** Steps in rising order, or undefined when there are more than `most` differences. */
export function shortest(grid: Grid, most: number): readonly Range[] | undefined {
  const { part } = grid;
  const width = part.oldTo - part.oldFrom;
  const height = part.newTo - part.newFrom;
  const bound = Math.min(most, width + height);
  if (Math.abs(width - height) > bound) return undefined;
  const middle = bound + 1;
  /** Furthest place on the old side by diagonal, `middle` being diagonal 0. */
  const furthest = new Int32Array(2 * bound + 3).fill(-1);
  /** The part of it that the round could see, as it was before the round. */
  const rounds: Int32Array[] = [];
  furthest[middle + 1] = 0;
  for (let round = 0; round <= bound; round++) {
    rounds.push(furthest.slice(middle - round - 1, middle + round + 2));
    for (let diagonal = -round; diagonal <= round; diagonal += 2) {
      const x = slide(grid, startOf(furthest, middle + diagonal, { diagonal, round }), diagonal);
      if (x === undefined) continue;
      furthest[middle + diagonal] = x;
      if (x === width && x - diagonal === height) return trace(rounds, part);
    }
  }
  return undefined;
}

interface Step {
  readonly diagonal: number;
  readonly round: number;
}

/** Whether the step came from the diagonal above, by an insertion. */
function isInsertion(left: number, right: number, { diagonal, round }: Step): boolean {
  return diagonal === -round || (diagonal !== round && left < right);
}

function startOf(furthest: Int32Array, at: number, step: Step): number {
  const left = furthest[at - 1] ?? -1;
  const right = furthest[at + 1] ?? -1;
  return isInsertion(left, right, step) ? right : left + 1;
}

/** Along equal items; undefined where the diagonal has no such place. */
function slide(
  { old, new: fresh, part }: Grid,
  start: number,
  diagonal: number,
): number | undefined {
  const width = part.oldTo - part.oldFrom;
  const height = part.newTo - part.newFrom;
  let x = start;
  let y = x - diagonal;
  if (x < 0 || y < 0 || x > width || y > height) return undefined;
  while (x < width && y < height && old[part.oldFrom + x] === fresh[part.newFrom + y]) {
    x++;
    y++;
  }
  return x;
}

/** Walks back from the end; neighbouring steps are joined by whoever takes them. */
function trace(rounds: readonly Int32Array[], part: Range): readonly Range[] {
  const steps: Range[] = [];
  let x = part.oldTo - part.oldFrom;
  let y = part.newTo - part.newFrom;
  for (let round = rounds.length - 1; round > 0; round--) {
    const before = rounds[round];
    const diagonal = x - y;
    const left = before?.[round + diagonal] ?? -1;
    const right = before?.[round + diagonal + 2] ?? -1;
    const inserts = isInsertion(left, right, { diagonal, round });
    x = inserts ? right : left;
    y = x - (inserts ? diagonal + 1 : diagonal - 1);
    const oldFrom = part.oldFrom + x;
    const newFrom = part.newFrom + y;
    const [oldTo, newTo] = inserts ? [oldFrom, newFrom + 1] : [oldFrom + 1, newFrom];
    steps.push({ oldFrom, oldTo, newFrom, newTo });
  }
  return steps.reverse();
}
