/** The line break of every line of a text whose lines end differently, and how it moves with edits. */
import type { ChangeSet, Text } from "@codemirror/state";

/** A break. The numbers are kept in journals. */
export const Eol = { lf: 0, crlf: 1, cr: 2 } as const;
export type Eol = (typeof Eol)[keyof typeof Eol];

/** One `Eol` for each break of a text. */
export type Eols = Uint8Array;

/** Counts breaks while a text is cut; keeps them one by one only once they differ. */
export class EolCounter {
  readonly #counts: [number, number, number] = [0, 0, 0];
  #list: number[] | undefined;

  static of(eols: Eols): EolCounter {
    const counter = new EolCounter();
    for (const eol of eols) counter.add(eol as Eol, 1);
    return counter;
  }

  add(eol: Eol, times: number): void {
    const before = this.#counts[0] + this.#counts[1] + this.#counts[2];
    if (this.#list === undefined && before > this.#counts[eol]) this.#list = this.#written();
    this.#counts[eol] += times;
    for (let count = 0; this.#list !== undefined && count < times; count++) this.#list.push(eol);
  }

  isMixed(): boolean {
    return this.#list !== undefined;
  }

  /** The most frequent; `\n` where there is none. */
  dominant(): Eol {
    const [lf, crlf, cr] = this.#counts;
    if (crlf > lf && crlf >= cr) return Eol.crlf;
    return cr > lf && cr > crlf ? Eol.cr : Eol.lf;
  }

  eols(): Eols | undefined {
    return this.#list === undefined ? undefined : Uint8Array.from(this.#list);
  }

  /** All so far were the same. */
  #written(): number[] {
    const list: number[] = [];
    for (const [eol, count] of this.#counts.entries()) {
      for (let index = 0; index < count; index++) list.push(eol);
    }
    return list;
  }
}

/** Breaks of a text with the text, and what a new line gets that has none above it. */
export interface Ended {
  readonly eols: Eols;
  readonly text: Text;
  readonly usual: Eol;
}

/**
 * Breaks after an edit: those outside of it stay, those that replace others take them over in order, further ones are
 * like that of the line the edit ends in.
 */
export function eolsAfter({ eols, text, usual }: Ended, changes: ChangeSet): Eols {
  const list: number[] = [];
  const breaksBefore = (at: number): number => text.lineAt(at).number - 1;
  const keep = (from: number, to: number): void => {
    for (let index = breaksBefore(from); index < breaksBefore(to); index++) {
      list.push(eols[index] ?? usual);
    }
  };
  let at = 0;
  changes.iterChanges((from, to, ...[, , inserted]) => {
    keep(at, from);
    const first = breaksBefore(from);
    const gone = breaksBefore(to) - first;
    for (let index = 0; index < inserted.lines - 1; index++) {
      list.push(eols[first + Math.min(index, gone)] ?? list.at(-1) ?? usual);
    }
    at = to;
  });
  keep(at, text.length);
  return Uint8Array.from(list);
}
