/**
 * Which rows of which tables are listed, in what order. Rows are looked at once when they come; rows that change
 * later are looked at again, because `total > 50ms` is only true when the answer is there.
 */
import type { Sort } from "./traffic-row.ts";
import type { Table } from "./traffic-table.ts";

/** Tables by the tag that is part of an entry. */
export const Tag = { rows: 0, control: 1, frames: 2, crash: 3 } as const;
export type Tag = (typeof Tag)[keyof typeof Tag];

/** A row in any table: its absolute index and the tag of its table. */
export function entryOf(index: number, tag: Tag): number {
  return index * 4 + tag;
}
export function tagOf(entry: number): Tag {
  const tag = entry % 4;
  return tag === 1 || tag === 2 || tag === 3 ? tag : 0;
}
export function indexOf(entry: number): number {
  return Math.floor(entry / 4);
}

/** What a view lists. */
export interface ViewSource {
  readonly tags: readonly Tag[];
  /** Whether a row is listed. */
  readonly matches: (entry: number) => boolean;
  /** Whether a row that changed may come or go: false when nothing is filtered by what can change. */
  readonly rechecks: boolean;
}

export interface View {
  /** Listed rows, oldest first, or as sorted. Valid until the next refresh. */
  readonly entries: readonly number[];
  /** Rows that came while the view was held. */
  readonly newer: number;
  /** Rows taken off the front since the view was made, because they were overwritten. */
  readonly removed: number;
  /** Starts again with another source: everything is looked at. */
  restart(source: ViewSource): void;
  /** Held: rows that come are counted, not listed. */
  hold(state: "held" | "following"): void;
  /** Sorts what is listed now and holds it; null goes back to time. */
  sort(compare: ((a: number, b: number) => number) | null): void;
  /** A row of the rows table has changed. */
  changed(index: number): void;
  /** Takes in what came and went. Call before reading. */
  refresh(): void;
}

const CHANGED_MAX = 65_536;

export function createView(tables: Readonly<Record<Tag, Table>>, source: ViewSource): View {
  return new TrafficView(tables, source);
}

class TrafficView implements View {
  entries: number[] = [];
  removed = 0;
  readonly #tables: Readonly<Record<Tag, Table>>;
  readonly #looked: Record<Tag, number> = { 0: 0, 1: 0, 2: 0, 3: 0 };
  #source: ViewSource;
  #waiting: number[] = [];
  #inTime: number[] | null = null;
  #changed: number[] = [];
  #state: "held" | "following" = "following";

  constructor(tables: Readonly<Record<Tag, Table>>, source: ViewSource) {
    this.#tables = tables;
    this.#source = source;
  }

  get newer(): number {
    return this.#waiting.length;
  }

  restart(source: ViewSource): void {
    this.#source = source;
    this.#changed = [];
    this.#waiting = [];
    this.#inTime = null;
    this.removed = 0;
    for (const tag of source.tags) this.#looked[tag] = this.#tables[tag].first;
    this.entries = this.#collect();
  }

  hold(state: "held" | "following"): void {
    this.#state = state;
    if (state === "following" && this.#inTime === null) this.#release();
  }

  sort(compare: ((a: number, b: number) => number) | null): void {
    this.refresh();
    if (this.#inTime !== null) this.entries = this.#inTime;
    this.#inTime = null;
    this.#release();
    if (compare === null) return;
    this.#inTime = this.entries;
    this.entries = this.entries.toSorted(compare);
  }

  changed(index: number): void {
    if (!this.#source.rechecks || index >= this.#looked[Tag.rows]) return;
    if (this.#changed.length < CHANGED_MAX) this.#changed.push(index);
  }

  refresh(): void {
    this.#recheck();
    const came = this.#collect();
    if (this.#state === "held" || this.#inTime !== null) {
      for (const entry of came) this.#waiting.push(entry);
    } else {
      for (const entry of came) this.entries.push(entry);
    }
    this.#dropOverwritten();
  }

  #release(): void {
    for (const entry of this.#waiting) this.entries.push(entry);
    this.#waiting = [];
  }

  /** New rows of all tables that match, in the order of their times. */
  #collect(): number[] {
    const found: number[] = [];
    const { tags } = this.#source;
    for (const tag of tags) {
      const table = this.#tables[tag];
      const from = Math.max(this.#looked[tag], table.first);
      for (let index = from; index < table.count; index++) {
        const entry = entryOf(index, tag);
        if (this.#source.matches(entry)) found.push(entry);
      }
      this.#looked[tag] = table.count;
    }
    if (tags.length > 1) found.sort((a, b) => this.#atMs(a) - this.#atMs(b) || a - b);
    return found;
  }

  #atMs(entry: number): number {
    const table = this.#tables[tagOf(entry)];
    return table.columns.atMs[table.slotOf(indexOf(entry))] ?? 0;
  }

  /** Puts rows in or takes them out whose answer has come since. A sorted list stays as it is. */
  #recheck(): void {
    if (this.#changed.length === 0) return;
    const first = this.#tables[Tag.rows].first;
    const changed = [...new Set(this.#changed)]
      .filter((index) => index >= first)
      .sort((a, b) => a - b);
    this.#changed = [];
    const { matches } = this.#source;
    const takes = new Map(changed.map((index) => [index, matches(entryOf(index, Tag.rows))]));
    const base = this.#inTime ?? this.entries;
    const firstWaiting = this.#waiting.find((entry) => tagOf(entry) === Tag.rows);
    const border = firstWaiting === undefined ? Number.POSITIVE_INFINITY : indexOf(firstWaiting);
    const early = changed.filter((index) => index < border);
    const late = changed.filter((index) => index >= border);
    mergeChanged(base, early, takes);
    mergeChanged(this.#waiting, late, takes);
  }

  #dropOverwritten(): void {
    const before = this.entries.length;
    const isThere = (entry: number) => indexOf(entry) >= this.#tables[tagOf(entry)].first;
    if (this.#inTime !== null) {
      if (this.#inTime.every(isThere)) return;
      this.#inTime = this.#inTime.filter(isThere);
      this.entries = this.entries.filter(isThere);
    } else {
      this.entries = this.#withoutOverwritten(this.entries, isThere);
    }
    this.removed += before - this.entries.length;
    this.#waiting = this.#withoutOverwritten(this.#waiting, isThere);
  }

  /** Rows of one table are overwritten from the front; of several tables one may be overwritten faster. */
  #withoutOverwritten(entries: number[], isThere: (entry: number) => boolean): number[] {
    if (this.#source.tags.length > 1)
      return entries.every(isThere) ? entries : entries.filter(isThere);
    dropFront(entries, isThere);
    return entries;
  }
}

/** Takes overwritten rows off the front of a list. */
function dropFront(entries: number[], isThere: (entry: number) => boolean): void {
  const alive = entries.findIndex(isThere);
  if (alive > 0) entries.splice(0, alive);
  else if (alive < 0) entries.length = 0;
}

/**
 * One pass over the part of a list, in time order, that can be concerned: changed rows that no longer match go,
 * those that now do come in. Changes the list in place.
 */
function mergeChanged(
  entries: number[],
  changed: readonly number[],
  takes: ReadonlyMap<number, boolean>,
): void {
  const [first] = changed;
  if (first === undefined) return;
  const tail = entries.splice(tailFrom(entries, first));
  let next = 0;
  const insertBefore = (limit: number) => {
    for (let index = changed[next]; index !== undefined && index < limit; index = changed[++next]) {
      if (takes.get(index) === true) entries.push(entryOf(index, Tag.rows));
    }
  };
  for (const entry of tail) {
    if (tagOf(entry) !== Tag.rows) {
      entries.push(entry);
      continue;
    }
    const index = indexOf(entry);
    insertBefore(index);
    if (!takes.has(index)) entries.push(entry);
  }
  insertBefore(Number.POSITIVE_INFINITY);
}

/** Place behind the last row that is older than `index`. */
function tailFrom(entries: readonly number[], index: number): number {
  for (let at = entries.length - 1; at >= 0; at--) {
    const entry = entries[at] ?? 0;
    if (tagOf(entry) === Tag.rows && indexOf(entry) < index) return at + 1;
  }
  return 0;
}

/** Compares two rows by a column; equal ones keep the order of their times. */
export function comparing(
  value: (entry: number) => number | string,
  sort: Sort,
): (a: number, b: number) => number {
  const sign = sort.direction === "up" ? 1 : -1;
  return (a, b) => {
    const [left, right] = [value(a), value(b)];
    if (typeof left === "string" || typeof right === "string") {
      return sign * String(left).localeCompare(String(right)) || a - b;
    }
    // Unknown values go last in either direction.
    if (Number.isNaN(left) || Number.isNaN(right))
      return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
    return sign * (left - right) || a - b;
  };
}
