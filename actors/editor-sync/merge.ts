/**
 * Three-way merge by lines. Hunks of both sides that do not share a place are both taken; where they do and differ, the
 * text keeps ours, and theirs becomes a conflict: no line of either side is lost.
 */
import { type DiffBudget, diffLists, type Hunk } from "./diff-range.ts";
import { type CutText, LineTable, linesOf } from "./line-table.ts";
import { type Edit, editsOf } from "./refine.ts";

/** Three texts. `ours` absent: the same as `base`. */
export interface MergeInput {
  readonly base: string;
  readonly ours?: string;
  readonly theirs: string;
  /** How fine the edits are: `words` (default) leave what did not change in a line, `lines` are whole hunks. */
  readonly detail?: "words" | "lines";
}

/** Both sides changed the same place. */
export interface MergeConflict {
  /** Whole lines of the merged text, UTF-16 units. */
  readonly from: number;
  readonly to: number;
  /** Whole lines with their breaks; empty when the side has none there. */
  readonly theirs: string;
  readonly base: string;
}

/** A merged text, told as edits of both sides that lead to it. */
export interface Merged {
  /** From ours to the merged text. */
  readonly ours: readonly Edit[];
  /** From theirs to the merged text: what stays unsaved. */
  readonly theirs: readonly Edit[];
  readonly conflicts: readonly MergeConflict[];
  /** Hunks of theirs that were taken. */
  readonly taken: number;
  readonly isExact: boolean;
}

/** Merges what both sides made of the base. */
export function merge({ base, ours, theirs, detail }: MergeInput, budget: DiffBudget): Merged {
  const isClean = ours === undefined || ours === base;
  const { cuts, kinds } = LineTable.cutAll(isClean ? [base, theirs] : [base, theirs, ours]);
  const [first = EMPTY, second = EMPTY, third = first] = cuts;
  const sides = { base: first, theirs: second };
  const our = third;
  const old = sides.base.numbers;
  const fromTheirs = diffLists({ old, new: sides.theirs.numbers, kinds }, budget);
  const fromOurs =
    our === sides.base
      ? { hunks: [], isExact: true }
      : diffLists({ old, new: our.numbers, kinds }, budget);
  const parts = groups(fromOurs.hunks, fromTheirs.hunks);
  const isOver = detail === "lines" ? () => true : budget.isOver;
  return assemble({ ...sides, ours: our }, parts, {
    isOver,
    isExact: fromOurs.isExact && fromTheirs.isExact,
  });
}

const EMPTY: CutText = { text: "", starts: new Int32Array(1), numbers: new Int32Array(0) };

/** One place: its lines in all three texts, and who changed it. */
interface Part {
  readonly base: readonly [number, number];
  readonly ours: readonly [number, number];
  readonly theirs: readonly [number, number];
  readonly by: "ours" | "theirs" | "both";
}

interface Cluster {
  readonly from: number;
  to: number;
  /** Lines each side has more than the base. */
  readonly grown: { ours: number; theirs: number };
  by: Part["by"];
}

/** Joins hunks that share a place. Both lists rise. */
function groups(ours: readonly Hunk[], theirs: readonly Hunk[]): Part[] {
  const clusters: Cluster[] = [];
  for (const { hunk, side } of inOrder(ours, theirs)) {
    const [from, to, newFrom, newTo] = hunk;
    let last = clusters.at(-1);
    if (last === undefined || last.by === side || !shares(hunk, last.from, last.to)) {
      last = { from, to, grown: { ours: 0, theirs: 0 }, by: side };
      clusters.push(last);
    } else last.by = "both";
    last.to = Math.max(last.to, to);
    last.grown[side] += newTo - newFrom - (to - from);
  }
  const shift = { ours: 0, theirs: 0 };
  return clusters.map(({ from, to, grown, by }) => {
    const placed = (side: Side): readonly [number, number] => {
      const start = from + shift[side];
      shift[side] += grown[side];
      return [start, to + shift[side]];
    };
    return { base: [from, to], ours: placed("ours"), theirs: placed("theirs"), by };
  });
}

type Side = "ours" | "theirs";

function inOrder(ours: readonly Hunk[], theirs: readonly Hunk[]): { hunk: Hunk; side: Side }[] {
  const all = [
    ...ours.map((hunk) => ({ hunk, side: "ours" as const })),
    ...theirs.map((hunk) => ({ hunk, side: "theirs" as const })),
  ];
  return all.sort((one, other) => one.hunk[0] - other.hunk[0] || one.hunk[1] - other.hunk[1]);
}

/** Whether a hunk overlaps lines `[from, to)`, lies inside them, or inserts where they insert. */
function shares([start, end]: Hunk, from: number, to: number): boolean {
  if (start === end) return from === to ? start === from : start > from && start < to;
  if (from === to) return from > start && from < end;
  return start < to && end > from;
}

interface Sides {
  readonly base: CutText;
  readonly ours: CutText;
  readonly theirs: CutText;
}

function assemble(
  sides: Sides,
  parts: readonly Part[],
  { isOver, isExact }: { isOver: () => boolean; isExact: boolean },
): Merged {
  const ourStarts = sides.ours.starts;
  const oursHunks: Hunk[] = [];
  const theirsHunks: Hunk[] = [];
  const conflicts: MergeConflict[] = [];
  let shift = 0;
  for (const { base, ours, theirs, by } of parts) {
    const ourText = linesOf(sides.ours, ...ours);
    const theirText = linesOf(sides.theirs, ...theirs);
    if (by === "theirs") {
      oursHunks.push([...ours, ...theirs]);
      shift += theirText.length - ourText.length;
    } else if (ourText !== theirText) {
      theirsHunks.push([...theirs, ...ours]);
      if (by === "ours") continue;
      const from = (ourStarts[ours[0]] ?? 0) + shift;
      const to = (ourStarts[ours[1]] ?? 0) + shift;
      conflicts.push({ from, to, theirs: theirText, base: linesOf(sides.base, ...base) });
    }
  }
  return {
    ours: editsOf(sides.ours, sides.theirs, oursHunks, isOver),
    theirs: editsOf(sides.theirs, sides.ours, theirsHunks, isOver),
    conflicts,
    taken: oursHunks.length,
    isExact,
  };
}
