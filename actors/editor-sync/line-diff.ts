/** Texts as lines, and which lines of two of them differ. */
import { type DiffBudget, diffLists, type Hunk, type ListDiff } from "./diff-range.ts";

/** A text cut after each `\n`; the last line may lack it. The lines together are the text again. */
export function cutLines(text: string): string[] {
  const lines: string[] = [];
  for (let from = 0; from < text.length; ) {
    const at = text.indexOf("\n", from);
    const to = at < 0 ? text.length : at + 1;
    lines.push(text.slice(from, to));
    from = to;
  }
  return lines;
}

/** Differences Myers looks for in one gap between anchors. */
const LINE_DIFFERENCES_MAX = 1_000;

/** A budget that is over at `endsAtMs` of the clock `now`. */
export function untilMs(endsAtMs: number, now: () => number): DiffBudget {
  return { isOver: () => now() > endsAtMs, differencesMax: LINE_DIFFERENCES_MAX };
}

/** Gives numbers to items: equal numbers for equal texts. One for all texts that are compared with each other. */
export class Numbers {
  readonly #numbers = new Map<string, number>();

  get count(): number {
    return this.#numbers.size;
  }

  of(items: readonly string[]): Int32Array {
    const list = new Int32Array(items.length);
    for (let index = 0; index < items.length; index++) {
      const item = items[index] ?? "";
      let number = this.#numbers.get(item);
      if (number === undefined) {
        number = this.#numbers.size;
        this.#numbers.set(item, number);
      }
      list[index] = number;
    }
    return list;
  }
}

/** Lines that differ, from 0. */
export function diffLines(
  old: readonly string[],
  fresh: readonly string[],
  budget: DiffBudget,
): ListDiff {
  const numbers = new Numbers();
  const lists = { old: numbers.of(old), new: numbers.of(fresh) };
  return diffLists({ ...lists, kinds: numbers.count }, budget);
}

/** Where each line starts, and where the text ends, UTF-16 units. */
export function lineStarts(lines: readonly string[]): Int32Array {
  const starts = new Int32Array(lines.length + 1);
  let at = 0;
  for (let index = 0; index < lines.length; index++) {
    starts[index] = at;
    at += lines[index]?.length ?? 0;
  }
  starts[lines.length] = at;
  return starts;
}

export type { DiffBudget, Hunk, ListDiff };
