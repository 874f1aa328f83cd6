/**
 * Which items of two lists differ: common ends off, then anchors on items unique to both sides, then Myers inside the
 * gaps. What takes too long is cut at a rare common item and goes on in halves; only a part for which there is no time
 * left becomes one coarse hunk, never the whole.
 */
import { longestIncreasing, type Pair } from "./anchors.ts";
import { shortest } from "./myers.ts";

/** Two lists of small numbers, equal numbers for equal items. */
export interface Lists {
  readonly old: Int32Array;
  readonly new: Int32Array;
  /** All numbers are below it. */
  readonly kinds: number;
}

/** `[from, to)` of the old list and `[from, to)` of the new one; neither empty on both sides nor touching the next. */
export type Hunk = readonly [number, number, number, number];

/** How much may be spent. */
export interface DiffBudget {
  /** Whether the time is over. Asked before every costly step. */
  readonly isOver: () => boolean;
  /** Most differences Myers looks for in one gap; memory grows with its square. */
  readonly differencesMax: number;
}

/** What was found. */
export interface ListDiff {
  readonly hunks: readonly Hunk[];
  /** Whether no part had to be left coarse. */
  readonly isExact: boolean;
}

/** Compares two lists. Sound whatever the budget: putting the new parts in place of the old ones gives the new list. */
export function diffLists(lists: Lists, budget: DiffBudget): ListDiff {
  const search = new Search(lists, budget);
  search.range({ oldFrom: 0, oldTo: lists.old.length, newFrom: 0, newTo: lists.new.length }, 0);
  return { hunks: search.hunks, isExact: search.isExact };
}

/** A part of both lists. */
export interface Range {
  readonly oldFrom: number;
  readonly oldTo: number;
  readonly newFrom: number;
  readonly newTo: number;
}

/** Cuts below cuts, until a part is left coarse: each level looks at its items once. */
const DEPTH_MAX = 200;

class Search {
  readonly hunks: Hunk[] = [];
  isExact = true;
  readonly #old: Int32Array;
  readonly #new: Int32Array;
  readonly #budget: DiffBudget;
  /** Times an item is in the part looked at, by item; zero between looks. */
  readonly #oldCount: Int32Array;
  readonly #newCount: Int32Array;
  /** Where it was seen last on the old side. Valid where counted. */
  readonly #oldPlace: Int32Array;

  constructor({ old, new: fresh, kinds }: Lists, budget: DiffBudget) {
    this.#old = old;
    this.#new = fresh;
    this.#budget = budget;
    this.#oldCount = new Int32Array(kinds);
    this.#newCount = new Int32Array(kinds);
    this.#oldPlace = new Int32Array(kinds);
  }

  range(whole: Range, depth: number): void {
    const part = this.#trimmed(whole);
    if (part.oldFrom === part.oldTo && part.newFrom === part.newTo) return;
    if (part.oldFrom === part.oldTo || part.newFrom === part.newTo) {
      this.#emit(part);
      return;
    }
    if (depth >= DEPTH_MAX || this.#budget.isOver()) {
      this.#giveUp(part);
      return;
    }
    const looked = this.#look(part);
    if (looked.anchors.length > 0) this.#between(part, looked.anchors, depth);
    else if (looked.rarest === undefined) this.#emit(part);
    else this.#gap(part, looked.rarest, depth);
  }

  #trimmed({ oldFrom, oldTo, newFrom, newTo }: Range): Range {
    const old = this.#old;
    const fresh = this.#new;
    let head = 0;
    const most = Math.min(oldTo - oldFrom, newTo - newFrom);
    while (head < most && old[oldFrom + head] === fresh[newFrom + head]) head++;
    let tail = 0;
    while (tail < most - head && old[oldTo - 1 - tail] === fresh[newTo - 1 - tail]) tail++;
    return {
      oldFrom: oldFrom + head,
      oldTo: oldTo - tail,
      newFrom: newFrom + head,
      newTo: newTo - tail,
    };
  }

  /** Items unique to both sides, in an order both have, and the rarest common item. */
  #look({ oldFrom, oldTo, newFrom, newTo }: Range): Looked {
    const old = this.#old.subarray(oldFrom, oldTo);
    const fresh = this.#new.subarray(newFrom, newTo);
    for (let at = 0; at < old.length; at++) {
      const item = old[at] ?? 0;
      this.#oldCount[item] = (this.#oldCount[item] ?? 0) + 1;
      this.#oldPlace[item] = oldFrom + at;
    }
    for (let at = 0; at < fresh.length; at++) {
      const item = fresh[at] ?? 0;
      this.#newCount[item] = (this.#newCount[item] ?? 0) + 1;
    }
    const looked = this.#common(fresh, newFrom);
    for (let at = 0; at < old.length; at++) this.#oldCount[old[at] ?? 0] = 0;
    for (let at = 0; at < fresh.length; at++) this.#newCount[fresh[at] ?? 0] = 0;
    return looked;
  }

  #common(fresh: Int32Array, newFrom: number): Looked {
    const unique: Pair[] = [];
    let rarest: Pair | undefined;
    let rarity = Number.POSITIVE_INFINITY;
    for (let at = 0; at < fresh.length; at++) {
      const item = fresh[at] ?? 0;
      const times = (this.#oldCount[item] ?? 0) * (this.#newCount[item] ?? 0);
      if (times === 0 || (times > 1 && times >= rarity)) continue;
      const pair = { old: this.#oldPlace[item] ?? 0, new: newFrom + at };
      if (times === 1) unique.push(pair);
      if (times < rarity) rarest = pair;
      rarity = Math.min(rarity, times);
    }
    return { anchors: longestIncreasing(unique), rarest };
  }

  #between(part: Range, anchors: readonly Pair[], depth: number): void {
    let { oldFrom, newFrom } = part;
    for (const anchor of anchors) {
      // Lines after an anchor that are equal were passed as one run.
      if (anchor.old < oldFrom || anchor.new < newFrom) continue;
      this.range({ oldFrom, oldTo: anchor.old, newFrom, newTo: anchor.new }, depth + 1);
      let run = 1;
      while (
        anchor.old + run < part.oldTo &&
        anchor.new + run < part.newTo &&
        this.#old[anchor.old + run] === this.#new[anchor.new + run]
      )
        run++;
      oldFrom = anchor.old + run;
      newFrom = anchor.new + run;
    }
    this.range({ oldFrom, oldTo: part.oldTo, newFrom, newTo: part.newTo }, depth + 1);
  }

  #gap(part: Range, rarest: Pair, depth: number): void {
    const found = shortest({ old: this.#old, new: this.#new, part }, this.#budget.differencesMax);
    if (found !== undefined) {
      for (const hunk of found) this.#emit(hunk);
      return;
    }
    this.isExact = false;
    this.#between(part, [rarest], depth);
  }

  #giveUp(part: Range): void {
    this.isExact = false;
    this.#emit(part);
  }

  #emit({ oldFrom, oldTo, newFrom, newTo }: Range): void {
    const last = this.hunks.at(-1);
    if (last !== undefined && last[1] === oldFrom && last[3] === newFrom) {
      this.hunks[this.hunks.length - 1] = [last[0], oldTo, last[2], newTo];
    } else this.hunks.push([oldFrom, oldTo, newFrom, newTo]);
  }
}

interface Looked {
  readonly anchors: readonly Pair[];
  readonly rarest: Pair | undefined;
}
