/** Conflicts and proposals: places in a text that wait for a person, and move with every edit. */
import { type ChangeDesc, ChangeSet, type Text } from "@codemirror/state";
import type { Conflict, Proposal } from "../../bus/contracts/editor-document.ts";
import { EditorSyncCode } from "../../bus/contracts/editor-document.ts";
import { BusError } from "../../bus/errors.ts";
import type { MergeConflict } from "./merge.ts";
import type { Edit } from "./refine.ts";

/** Most proposals that wait in one document. */
export const PROPOSALS_MAX = 2_000;
/** Most text they may hold together, UTF-16 units: all are written down as one record. */
export const PROPOSED_UNITS_MAX = 12 * 1024 * 1024;

/** What is written to the journal. */
export interface MarksSnapshot {
  readonly conflicts: readonly Conflict[];
  readonly proposals: readonly Proposal[];
  readonly nextId: number;
}

export class Marks {
  #conflicts: Conflict[];
  #proposals: Proposal[];
  #nextId: number;
  #conflictNews: number;
  #proposalNews: number;

  constructor(from: MarksSnapshot = { conflicts: [], proposals: [], nextId: 1 }) {
    this.#conflicts = [...from.conflicts];
    this.#proposals = [...from.proposals];
    this.#nextId = from.nextId;
    this.#conflictNews = this.#conflicts.length > 0 ? 1 : 0;
    this.#proposalNews = this.#proposals.length > 0 ? 1 : 0;
  }

  /** Grows whenever there are other conflicts; moves are no news, everyone works those out. 0: never had any. */
  get conflictNews(): number {
    return this.#conflictNews;
  }

  /** The same for proposals; one that became stale is news. */
  get proposalNews(): number {
    return this.#proposalNews;
  }

  get conflicts(): readonly Conflict[] {
    return this.#conflicts;
  }

  get proposals(): readonly Proposal[] {
    return this.#proposals;
  }

  get isEmpty(): boolean {
    return this.#conflicts.length === 0 && this.#proposals.length === 0;
  }

  snapshot(): MarksSnapshot {
    return { conflicts: this.#conflicts, proposals: this.#proposals, nextId: this.#nextId };
  }

  /** Moves all with an edit. */
  move(changes: ChangeDesc): void {
    if (this.isEmpty) return;
    this.#conflicts = this.#conflicts.map((one) => ({ ...one, ...movedPlace(one, changes) }));
    this.#proposals = this.#proposals.map((one) => {
      const isStale = one.isStale || cutsInto(changes, one);
      if (isStale !== one.isStale) this.#proposalNews++;
      return { ...one, ...movedPlace(one, changes), isStale };
    });
  }

  addConflicts(found: readonly MergeConflict[]): void {
    if (found.length > 0) this.#conflictNews++;
    for (const { from, to, theirs, base } of found) {
      this.#conflicts.push({ id: this.#nextId++, from, to, theirs, base });
    }
    this.#conflicts.sort((one, other) => one.from - other.from);
  }

  /** @throws BusError `limit` when so many more would be too many, or hold too much text. */
  checkRoom(edits: readonly Edit[]): void {
    const all = [...this.#proposals, ...edits];
    if (all.length > PROPOSALS_MAX) throw beyond(all.length, "proposals", PROPOSALS_MAX);
    const units = all.reduce((sum, { insert }) => sum + insert.length, 0);
    if (units > PROPOSED_UNITS_MAX)
      throw beyond(units, "units of proposed text", PROPOSED_UNITS_MAX);
  }

  /** @throws BusError `limit`, as `checkRoom` */
  propose(edits: readonly Edit[], by: string, note: string): { set: number; ids: number[] } {
    this.checkRoom(edits);
    this.#proposalNews++;
    const set = this.#nextId++;
    const ids = edits.map((edit) => {
      const id = this.#nextId++;
      this.#proposals.push({ id, set, by, note, ...edit, isStale: false });
      return id;
    });
    this.#proposals.sort((one, other) => one.from - other.from);
    return { set, ids };
  }

  /** Proposals that can only be looked at: the text changed where they are. */
  proposeStale(
    edits: readonly Edit[],
    { by, note, set }: { by: string; note: string; set: number },
  ): number[] {
    return edits.map((edit) => {
      const id = this.#nextId++;
      this.#proposals.push({ id, set, by, note, ...edit, isStale: true });
      return id;
    });
  }

  dropConflicts(ids: ReadonlySet<number>): void {
    if (ids.size > 0) this.#conflictNews++;
    this.#conflicts = this.#conflicts.filter(({ id }) => !ids.has(id));
  }

  dropProposals(ids: ReadonlySet<number>): void {
    if (ids.size > 0) this.#proposalNews++;
    this.#proposals = this.#proposals.filter(({ id }) => !ids.has(id));
  }

  /** The conflicts meant. @throws BusError `not-there`. */
  conflictsOf(which: number | "all"): readonly Conflict[] {
    if (which === "all") return this.#conflicts;
    const found = this.#conflicts.filter(({ id }) => id === which);
    if (found.length > 0) return found;
    throw new BusError(EditorSyncCode.notThere, `no conflict ${which} is open`, {
      data: { value: which, open: this.#conflicts.map(({ id }) => id) },
    });
  }
}

function beyond(value: number, what: string, bound: number): BusError {
  const message = `${value} ${what} would wait, at most ${bound} may`;
  return new BusError(EditorSyncCode.limit, message, { data: { value, bound } });
}

/** What settling conflicts does to the text. */
export function resolution(
  conflicts: readonly Conflict[],
  take: "ours" | "theirs" | "both" | "base",
  text: Text,
): ChangeSet {
  if (take === "ours") return ChangeSet.empty(text.length);
  const edits = conflicts.map(({ from, to, theirs, base }) => {
    if (take === "both") return { from: to, insert: below(text, to, theirs) };
    return { from, to, insert: take === "theirs" ? theirs : base };
  });
  return ChangeSet.of(edits, text.length);
}

/** Proposals as one changeset; those that overlap an earlier one are left. */
export function acceptance(
  proposals: readonly Proposal[],
  text: Text,
): { changes: ChangeSet; accepted: number[]; stale: number[] } {
  const accepted: Proposal[] = [];
  const stale: number[] = [];
  let end = -1;
  for (const one of proposals) {
    if (one.isStale || one.from < end) stale.push(one.id);
    else {
      accepted.push(one);
      end = Math.max(one.to, end);
    }
  }
  const edits = accepted.map(({ from, to, insert }) => ({ from, to, insert }));
  const changes = ChangeSet.of(edits, text.length);
  return { changes, accepted: accepted.map(({ id }) => id), stale };
}

/** Lines put under others start on a line of their own. */
function below(text: Text, at: number, lines: string): string {
  const isOwnLine = at === 0 || text.sliceString(at - 1, at) === "\n" || lines === "";
  return isOwnLine ? lines : `\n${lines}`;
}

/** A place after an edit; what is put at its ends stays outside. */
export function movedPlace({ from, to }: Place, changes: ChangeDesc): Place {
  const start = changes.mapPos(from, 1);
  return {
    from: Math.min(start, changes.mapPos(to, -1)),
    to: Math.max(start, changes.mapPos(to, -1)),
  };
}

/** A part of a text, UTF-16 units. */
export interface Place {
  readonly from: number;
  readonly to: number;
}

/** Whether an edit changes something inside a place, not only beside it. */
function cutsInto(changes: ChangeDesc, { from, to }: Place): boolean {
  let cuts = false;
  changes.iterChangedRanges((start, end) => {
    const isInside = start < to && end > from;
    cuts ||=
      start === end
        ? start > from && start < to
        : isInside || (from === to && start < from && end > from);
  });
  return cuts;
}
