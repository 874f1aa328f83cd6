/**
 * The one place where the order of edits is decided. It holds the text, its version and what came of it since the disk
 * was seen last; it knows no streams, files or clocks.
 *
 *   push on version b --- plan: known seqs off, rebased over b..now ---> updates --- (journal) --- commit ---> version n
 */
import { type ChangeDesc, ChangeSet, type Text } from "@codemirror/state";
import { EditorSyncCode, type Push } from "../../bus/contracts/editor-document.ts";
import { BusError } from "../../bus/errors.ts";
import { hashText } from "../../bus/text-hash.ts";
import { Composed, composeAll } from "./composed.ts";
import { History, type HistoryBounds } from "./history.ts";
import { clientUpdate, readChanges, type Update } from "./update.ts";

/** Clients whose last seq is remembered; the one that was silent longest is forgotten first. */
export const CLIENTS_MAX = 256;

/** Where a document starts. */
export interface AuthorityStart {
  /** As the disk has it. */
  readonly base: Text;
  readonly version: number;
  /** From `base` to the text; absent: none. */
  readonly dirty?: ChangeSet;
  /** Last seq by client. */
  readonly clients?: Iterable<readonly [string, number]>;
  /** The last updates that led to `version`. */
  readonly past?: readonly Update[];
  readonly bounds?: HistoryBounds;
}

/** What a push comes to. */
export type Plan =
  /** Commit these; empty for one that arrived before. */
  | { readonly outcome: "updates"; readonly updates: readonly Update[] }
  /** Its base is below the floor of the history. */
  | { readonly outcome: "floor"; readonly floor: number };

export class Authority {
  #base: Text;
  readonly #dirty: Composed;
  #text: Text;
  readonly #history: History;
  readonly #clients: Map<string, number>;
  /** The last comparison: it walks texts that share nothing, such as after a change on disk. */
  #compared: { text: Text; base: Text; isDirty: boolean } | undefined;
  #hash: { version: number; value: string } | undefined;

  constructor({ base, version, dirty, clients = [], past = [], bounds }: AuthorityStart) {
    this.#base = base;
    this.#dirty = new Composed(dirty ?? ChangeSet.empty(base.length));
    this.#text = this.#dirty.value.apply(base);
    this.#history = new History(version - past.length, bounds);
    for (const update of past) this.#history.add(update);
    this.#clients = new Map(clients);
  }

  get text(): Text {
    return this.#text;
  }

  /** The text as the disk has it, as far as it was seen. */
  get base(): Text {
    return this.#base;
  }

  /** From `base` to `text`. */
  get dirty(): ChangeSet {
    return this.#dirty.value;
  }

  get version(): number {
    return this.#history.version;
  }

  get floor(): number {
    return this.#history.floor;
  }

  get isDirty(): boolean {
    if (this.#compared?.text !== this.#text || this.#compared.base !== this.#base) {
      const isDirty = !this.#text.eq(this.#base);
      this.#compared = { text: this.#text, base: this.#base, isDirty };
    }
    return this.#compared.isDirty;
  }

  /** Highest seq of a client that is in the text. */
  acknowledged(client: string): number {
    return this.#clients.get(client) ?? 0;
  }

  /** Last seqs of all clients it remembers. */
  get clients(): ReadonlyMap<string, number> {
    return this.#clients;
  }

  since(version: number): readonly Update[] | undefined {
    return this.#history.since(version);
  }

  /** From the text as it was at `version` to the text now. */
  changesSince(version: number, text: Text): ChangeSet {
    const updates = this.#history.since(version);
    if (updates !== undefined) {
      return composeAll(
        updates.map(({ changes }) => changes),
        text.length,
      );
    }
    return ChangeSet.of([{ from: 0, to: text.length, insert: this.#text }], text.length);
  }

  hash(): string {
    if (this.#hash?.version !== this.version) {
      this.#hash = { version: this.version, value: hashOf(this.#text) };
    }
    return this.#hash.value;
  }

  /**
   * What a push comes to, without taking it.
   * @throws BusError `gap`, `mismatch` or `invalid`: nothing of it may be taken
   */
  plan(client: string, push: Push): Plan {
    const lastSeq = push.seq + push.changes.length - 1;
    const known = this.acknowledged(client);
    if (lastSeq <= known) return { outcome: "updates", updates: [] };
    if (push.seq > known + 1) throw gap(push.seq, known + 1);
    if (push.base > this.version) {
      throw mismatch("base", push.base, `at most ${this.version}`, this.version);
    }
    const over = this.#history.since(push.base);
    if (over === undefined) return { outcome: "floor", floor: this.floor };
    const length = over[0]?.changes.length ?? this.#text.length;
    if (push.length !== length) {
      throw mismatch("length", push.length, `${length} at version ${push.base}`, length);
    }
    const rebased = rebase({ client, push, over, length, known });
    return { outcome: "updates", updates: rebased };
  }

  /**
   * Takes an update that applies to the text as it is.
   * @param result the text it leads to, where that is at hand: thousands of hunks need not be put in one by one
   */
  commit(update: Update, result?: Text): void {
    if (result !== undefined && result.length !== update.changes.newLength) {
      throw new Error(`a text of ${result.length} units for ${update.changes.newLength}`);
    }
    this.#text = result ?? update.changes.apply(this.#text);
    this.#dirty.add(update.changes);
    this.#history.add(update);
    if (update.client === undefined) return;
    this.#clients.delete(update.client);
    this.#clients.set(update.client, update.seq);
    for (const name of this.#clients.keys()) {
      if (this.#clients.size <= CLIENTS_MAX) break;
      this.#clients.delete(name);
    }
  }

  /** The disk was seen anew: `dirty` leads from what it has to the text. */
  rebaseOn(base: Text, dirty: ChangeSet): void {
    if (dirty.length !== base.length || dirty.newLength !== this.#text.length) {
      throw new Error(
        `a base of ${base.length} and edits ${dirty.length} to ${dirty.newLength} do not lead to ${this.#text.length} units`,
      );
    }
    // One text kept instead of two equal ones that share nothing.
    this.#base = base.eq(this.#text) ? this.#text : base;
    this.#dirty.value = dirty;
  }

  /** The last updates, at most `count` of them and `bytesMax` of their JSON. */
  past(count: number, bytesMax: number): readonly Update[] {
    const updates = this.#history.since(Math.max(this.floor, this.version - count)) ?? [];
    let from = updates.length;
    for (let bytes = 0; from > 0; from--) {
      bytes += updates[from - 1]?.json.length ?? 0;
      if (bytes > bytesMax) break;
    }
    return updates.slice(from);
  }

  /** Lets go of history, for a small memory. */
  shorten(keep: number): void {
    this.#history.shorten(keep);
  }
}

/** `hashText` of a document. */
export function hashOf(text: Text): string {
  return hashText(text.iter());
}

interface Rebase {
  readonly client: string;
  readonly push: Push;
  readonly over: readonly Update[];
  readonly length: number;
  /** Highest seq of the client that is in the text. */
  readonly known: number;
}

/**
 * Moves a push over what came after its base, one update at a time as its client does: over two at once the result can be
 * another, since a composed changeset does not tell what was deleted around an insertion. Its own edits among those are
 * passed.
 */
function rebase({ client, push, over, length, known }: Rebase): Update[] {
  let sets = readChanges(push.changes, length);
  let seq = push.seq;
  for (const update of over) {
    if (update.client !== client) sets = moveOver(sets, update.changes.desc);
    else if (sets.length > 0 && update.seq === seq) {
      sets = sets.slice(1);
      seq++;
    } else throw gap(seq, update.seq);
  }
  if (seq !== known + 1) throw gap(seq, known + 1);
  return sets.map((changes, index) => clientUpdate(changes, client, seq + index));
}

/** Changesets that follow each other, as they are after another one that came before them. */
function moveOver(sets: readonly ChangeSet[], other: ChangeDesc): ChangeSet[] {
  let passing = other;
  return sets.map((changes) => {
    const moved = changes.map(passing);
    passing = passing.mapDesc(changes, true);
    return moved;
  });
}

function gap(seq: number, expected: number): BusError {
  const message = `the first edit of the push has seq ${seq}, expected ${expected}`;
  return new BusError(EditorSyncCode.gap, message, { data: { seq, expected } });
}

function mismatch(what: string, value: number, says: string, expected: number): BusError {
  const message = `${what} ${value} of the push, but it is ${says}`;
  return new BusError(EditorSyncCode.mismatch, message, { data: { value, expected } });
}
