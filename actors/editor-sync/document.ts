/**
 * An open document: the authority over its text, the views of it, what is known of its file, and its journal. Nothing in
 * here waits; what does is in `disk-sync.ts` and `agent-edits.ts`.
 */
import { ChangeSet, type Text } from "@codemirror/state";
import type { Clock } from "../../bus/clock.ts";
import {
  type Down,
  EditorSyncCode,
  type Facts,
  type Push,
  type ReadOnlyWhy,
  type State,
} from "../../bus/contracts/editor-document.ts";
import type { Summary } from "../../bus/contracts/editor-sync.ts";
import { BusError } from "../../bus/errors.ts";
import type { Principal } from "../../bus/protocol.ts";
import { Authority, type AuthorityStart } from "./authority.ts";
import { type Layout, save } from "./format.ts";
import { JOURNAL_FORMAT } from "./journal-record.ts";
import { Kept, type KeptPlace, type KeptState, PAST_BYTES_MAX, PAST_MAX } from "./kept.ts";
import type { Marks } from "./marks.ts";
import type { Update } from "./update.ts";
import type { View, ViewSource } from "./view.ts";

/** What is known of the file. */
export interface DiskFacts {
  /** Real path. */
  readonly path: string;
  readonly stamp: string;
  readonly size: number;
  readonly mode: number;
  readonly links: number;
  /** SHA-256 of its bytes. */
  readonly hash: string;
}

/** What the last look at the file found. */
export interface DiskState {
  readonly state: State["disk"];
  /** Why it cannot be read; else empty. */
  readonly says: string;
}

/** How a document starts. */
export interface DocumentStart {
  readonly id: string;
  readonly disk: DiskFacts;
  readonly layout: Layout;
  /** Why nobody may edit it. */
  readonly why: ReadOnlyWhy | null;
  readonly start: AuthorityStart;
  readonly marks: Marks;
  readonly isRestored: boolean;
  readonly place: KeptPlace;
  readonly clock: Clock;
  /** Told of everything a list of documents shows. */
  readonly onChange: () => void;
}

export const SAME: DiskState = { state: "same", says: "" };
/** The hash of the text is told when edits paused this long, milliseconds. */
const CHECK_MS = 2_000;
const PERSON: Principal = "person";

export class LiveDocument implements ViewSource {
  readonly id: string;
  readonly authority: Authority;
  readonly marks: Marks;
  readonly why: ReadOnlyWhy | null;
  readonly kept: Kept;
  readonly #clock: Clock;
  readonly #onChange: () => void;
  readonly #views = new Map<string, View>();
  #disk: DiskFacts;
  #diskState: DiskState = SAME;
  #layout: Layout;
  #isRestored: boolean;
  #cancelCheck: (() => void) | undefined;

  constructor(from: DocumentStart) {
    this.id = from.id;
    this.authority = new Authority(from.start);
    this.marks = from.marks;
    this.why = from.why;
    this.#disk = from.disk;
    this.#layout = from.layout;
    this.#isRestored = from.isRestored;
    this.#clock = from.clock;
    this.#onChange = from.onChange;
    this.kept = new Kept(from.place, () => this.#keptState());
  }

  get disk(): DiskFacts {
    return this.#disk;
  }

  get diskState(): DiskState {
    return this.#diskState;
  }

  get layout(): Layout {
    return this.#layout;
  }

  get views(): number {
    return this.#views.size;
  }

  /** Whether a client's name is taken by one on another's behalf: names of clients are told to all. */
  hasViewOfOthers(client: string, principal: Principal | undefined): boolean {
    const view = this.#views.get(client);
    return view !== undefined && view.principal !== principal;
  }

  /** On whose behalf its file is looked at: a person's, while one has it open. */
  get principal(): Principal | undefined {
    for (const { principal } of this.#views.values()) {
      if (principal === PERSON) return PERSON;
    }
    return undefined;
  }

  state(): State {
    return {
      path: this.#disk.path,
      isDirty: this.authority.isDirty,
      disk: this.#diskState.state,
      diskSays: this.#diskState.says,
      journal: this.why !== null || this.kept.isKept ? "kept" : "none",
      journalSays: this.why !== null ? "" : this.kept.says,
      clients: this.#views.size,
    };
  }

  facts(principal: Principal | undefined): Facts {
    const { authority } = this;
    const why = this.whyNot(principal);
    return {
      document: this.id,
      version: authority.version,
      length: authority.text.length,
      lines: authority.text.lines,
      hash: authority.hash(),
      format: this.#layout.format,
      bytes: this.#disk.size,
      mode: this.#disk.mode,
      links: this.#disk.links,
      stamp: this.#disk.stamp,
      access: why === null ? "edit" : "read",
      why,
      state: this.state(),
      isRestored: this.#isRestored,
    };
  }

  summary(): Summary {
    return {
      document: this.id,
      path: this.#disk.path,
      isDirty: this.authority.isDirty,
      isRestored: this.#isRestored,
      disk: this.#diskState.state,
      conflicts: this.marks.conflicts.length,
      proposals: this.marks.proposals.length,
      clients: this.#views.size,
    };
  }

  /** Why `principal` may not edit; null when it may. */
  whyNot(principal: Principal | undefined): ReadOnlyWhy | null {
    if (this.why !== null) return this.why;
    if (principal === undefined || principal === PERSON) return null;
    return { code: "principal", says: `${principal} proposes edits; a person accepts them.` };
  }

  /** Adds a view in place of another one of the same client. */
  join(view: View): void {
    this.#views.get(view.client)?.end(EditorSyncCode.limit, "attached again elsewhere");
    this.#views.set(view.client, view);
    this.told();
  }

  leave(view: View): void {
    if (this.#views.get(view.client) !== view) return;
    this.#views.delete(view.client);
    this.told();
  }

  /**
   * Takes a view's edits: written down, then in the text, then told.
   * @throws BusError; then none of them was taken
   */
  push(view: { client: string; principal: Principal | undefined }, push: Push): "taken" | "floor" {
    const why = this.whyNot(view.principal);
    if (why !== null) throw new BusError(EditorSyncCode.readOnly, why.says, { data: { why } });
    const plan = this.authority.plan(view.client, push);
    if (plan.outcome === "floor") return "floor";
    this.take(plan.updates);
    return "taken";
  }

  /** Takes updates that apply to the text as it is. @throws BusError `journal` */
  take(updates: readonly Update[]): void {
    this.kept.append(updates);
    this.commit(updates);
    if (this.kept.isGrown) this.kept.rewrite();
    this.told();
  }

  /** The text moves on, without the journal: the caller writes that anew. @param result as for the authority */
  commit(updates: readonly Update[], result?: Text): void {
    for (const update of updates) {
      this.authority.commit(update, result);
      this.marks.move(update.changes);
    }
  }

  /** Takes what a journal has after its head; marks were written after `marked` of them. */
  replay(edits: readonly Update[], marked: number): void {
    for (const [index, update] of edits.entries()) {
      this.authority.commit(update);
      if (index >= marked) this.marks.move(update.changes);
    }
    if (!this.authority.isDirty) this.#isRestored = false;
  }

  /** The disk was seen: what it has, and how the text comes of that. */
  rebaseOn(
    base: AuthorityStart["base"],
    dirty: ChangeSet,
    seen: { readonly disk: DiskFacts; readonly layout: Layout },
  ): void {
    this.authority.rebaseOn(base, dirty);
    this.#disk = seen.disk;
    this.#layout = seen.layout;
    this.#diskState = SAME;
    if (!this.authority.isDirty) this.#isRestored = false;
    this.kept.rewrite();
    this.told();
  }

  /** The text is back to what the disk has. */
  discarded(): void {
    const { base } = this.authority;
    this.authority.rebaseOn(base, ChangeSet.empty(base.length));
    this.#isRestored = false;
    this.kept.rewrite();
    this.told();
  }

  /** The file was looked at, and its contents are the same. */
  seen(disk: DiskFacts): void {
    const hasMoved = disk.path !== this.#disk.path;
    this.#disk = disk;
    this.#diskState = SAME;
    if (hasMoved) {
      this.kept.rewrite();
      this.tell({ moved: { path: disk.path } });
    }
    this.told();
  }

  setDiskState(state: DiskState): void {
    this.#diskState = state;
    this.told();
  }

  /** Bytes of the file as it was seen last. */
  baseBytes(): Uint8Array {
    const { base } = this.authority;
    const saved = save({ text: base, layout: this.#layout }, ChangeSet.empty(base.length), base);
    if ("line" in saved) throw new Error(`line ${saved.line} of a file that was read is no UTF-8`);
    return saved.bytes;
  }

  /** Sends a line to every view. */
  tell(line: Down): void {
    for (const view of this.#views.values()) view.tell(line);
  }

  /** Tells everybody what they miss. */
  told(): void {
    for (const view of this.#views.values()) view.pump();
    this.#onChange();
    this.#cancelCheck?.();
    this.#cancelCheck = this.#clock.setTimer(CHECK_MS, () => this.#check());
  }

  /** Ends all views and lets go of the journal. */
  close(code: string, message: string): void {
    this.#cancelCheck?.();
    this.#cancelCheck = undefined;
    for (const view of [...this.#views.values()]) view.end(code, message);
    this.kept.close();
  }

  #check(): void {
    this.#cancelCheck = undefined;
    const { version } = this.authority;
    for (const view of this.#views.values()) {
      if (view.version === version) view.tell({ check: { version, hash: this.authority.hash() } });
    }
  }

  #keptState(): KeptState {
    const { authority } = this;
    const { version, isDirty } = authority;
    return {
      head: {
        format: JOURNAL_FORMAT,
        document: this.id,
        path: this.#disk.path,
        hash: this.#disk.hash,
        mode: this.#disk.mode,
        version,
        clients: [...authority.clients],
        marks: this.marks.snapshot(),
        isRestored: this.#isRestored,
      },
      base: () => this.baseBytes(),
      past: authority.past(PAST_MAX, PAST_BYTES_MAX),
      dirty: isDirty || !this.marks.isEmpty ? JSON.stringify(authority.dirty.toJSON()) : undefined,
    };
  }
}
