/** From lines that differ to the words in them, so that a cursor beside a changed word stays where it is. */
import { type DiffBudget, diffLists, type Hunk } from "./diff-range.ts";
import { type CutText, linesOf } from "./line-table.ts";

/** Replaces `[from, to)` of a text by `insert`. */
export interface Edit {
  readonly from: number;
  readonly to: number;
  readonly insert: string;
}

/** A hunk with more units than this on both sides together stays whole. */
const REFINED_UNITS_MAX = 20_000;
/** More differing words than this on one side, and the lines are taken for other lines. */
const WORD_DIFFERENCES_MAX = 200;
/** Words, blanks, single signs; none starts or ends inside a surrogate pair. */
const WORD = /[\p{L}\p{N}_]+|[^\S\n]+|\n|[^\p{L}\p{N}_\s]/gu;

/** The hunks as edits of the old text, in rising order, not touching each other's lines. */
export function editsOf(
  old: CutText,
  fresh: CutText,
  hunks: readonly Hunk[],
  isOver: DiffBudget["isOver"],
): Edit[] {
  const edits: Edit[] = [];
  for (const [oldFrom, oldTo, newFrom, newTo] of hunks) {
    const from = old.starts[oldFrom] ?? 0;
    const to = old.starts[oldTo] ?? 0;
    const insert = linesOf(fresh, newFrom, newTo);
    const isSmall = to - from + insert.length <= REFINED_UNITS_MAX;
    if (from === to || insert === "" || !isSmall || isOver()) edits.push({ from, to, insert });
    else edits.push(...refined({ from, to, insert }, linesOf(old, oldFrom, oldTo), isOver));
  }
  return edits;
}

function refined(edit: Edit, was: string, isOver: () => boolean): Edit[] {
  const middle = trimmed(edit, was);
  // Only put in or only taken out: there is nothing finer.
  if (middle.from === middle.to || middle.insert === "") return [middle];
  const old = was.match(WORD) ?? [];
  const fresh = edit.insert.match(WORD) ?? [];
  // A unit the pattern leaves out, such as half of a pair, would be lost.
  if (old.join("") !== was || fresh.join("") !== edit.insert) return [edit];
  const numbers = new Numbers();
  const lists = { old: numbers.of(old), new: numbers.of(fresh), kinds: 0 };
  const budget = { isOver, differencesMax: WORD_DIFFERENCES_MAX };
  const { hunks, isExact } = diffLists({ ...lists, kinds: numbers.count }, budget);
  const changed = hunks.reduce((sum, [from, to]) => sum + to - from, 0);
  if (!isExact || changed * 2 > old.length) return [middle];
  const starts = wordStarts(old);
  return hunks.map(([oldFrom, oldTo, newFrom, newTo]) => ({
    from: edit.from + (starts[oldFrom] ?? 0),
    to: edit.from + (starts[oldTo] ?? 0),
    insert: fresh.slice(newFrom, newTo).join(""),
  }));
}

/** Where each word starts, and where the last ends. */
function wordStarts(words: readonly string[]): number[] {
  const starts = [0];
  for (const word of words) starts.push((starts.at(-1) ?? 0) + word.length);
  return starts;
}

/** Numbers for words: equal ones for equal words. */
class Numbers {
  readonly #numbers = new Map<string, number>();

  get count(): number {
    return this.#numbers.size;
  }

  of(words: readonly string[]): Int32Array {
    return Int32Array.from(words, (word) => {
      const number = this.#numbers.get(word) ?? this.#numbers.size;
      this.#numbers.set(word, number);
      return number;
    });
  }
}

/** Without what both sides start and end with. */
function trimmed({ from, to, insert }: Edit, was: string): Edit {
  const most = Math.min(was.length, insert.length);
  let head = 0;
  while (head < most && was.charCodeAt(head) === insert.charCodeAt(head)) head++;
  if (head > 0 && isHighHalf(was.charCodeAt(head - 1))) head--;
  let tail = 0;
  while (
    tail < most - head &&
    was.charCodeAt(was.length - 1 - tail) === insert.charCodeAt(insert.length - 1 - tail)
  )
    tail++;
  if (tail > 0 && isLowHalf(was.charCodeAt(was.length - tail))) tail--;
  return { from: from + head, to: to - tail, insert: insert.slice(head, insert.length - tail) };
}

function isHighHalf(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}

function isLowHalf(unit: number): boolean {
  return (unit & 0xfc00) === 0xdc00;
}
