/** One open document as signals: its text, how it stands to the disk, and what can be done with it. */
import { Text } from "@codemirror/state";
import { batch } from "solid-js";
import {
  type Conflict,
  EditorSyncCode,
  type Facts,
  type Proposal,
  type State,
} from "../../bus/contracts/editor-document.ts";
import { isBusError } from "../../bus/errors.ts";
import { cell } from "./cell.ts";
import type { DocumentModel } from "./document-model.ts";
import {
  type Refusal,
  SyncClient,
  type SyncListener,
  type SyncOptions,
  type SyncPhase,
} from "./sync-client.ts";

/** What a change on disk did to the text, for the strip over it. */
export interface Merged {
  readonly changes: number;
  readonly conflicts: number;
}

/** How far a large file is read. */
export interface Counted {
  readonly lines: number;
  readonly bytes: number;
  readonly isDone: boolean;
}

export type Chosen = { readonly proposal: number } | { readonly all: true };
export type Take = "ours" | "theirs" | "both" | "base";

/** Calls of the authority that are no edits; tests pass their own. */
export interface DocumentCalls {
  save(wish: {
    readonly document: string;
    readonly upTo?: { readonly client: string; readonly seq: number };
    readonly mayCreate: boolean;
  }): Promise<unknown>;
  discard(document: string, client: string): Promise<unknown>;
  resolve(wish: {
    readonly document: string;
    readonly conflict: number | "all";
    readonly take: Take;
    readonly client: string;
  }): Promise<unknown>;
  accept(document: string, which: Chosen, client: string): Promise<unknown>;
  reject(document: string, which: Chosen): Promise<unknown>;
  /** Text last read from or written to the disk. */
  savedText(document: string): Promise<string>;
}

/** What became of a save. */
export type SaveEnd = "saved" | "changed" | "conflicts" | "deleted" | "failed" | "nothing";

export interface OpenDocumentOptions {
  readonly path: string;
  readonly sync: Omit<SyncOptions, "tell">;
  readonly calls: DocumentCalls;
  /** Told whenever the text begins or ceases to differ from the disk. */
  readonly onDirty: (isDirty: boolean) => void;
  /** Told what edits cost on the way to the authority and back. */
  readonly onMetered: (edits: number, bytes: number) => void;
}

/** Lives from `run` to `close`. */
export class OpenDocument {
  readonly path: string;
  readonly client: SyncClient;
  readonly phase = cell<SyncPhase>("loading");
  /** Why it is `failed` or `away`. */
  readonly error = cell<unknown>(undefined);
  readonly facts = cell<Facts | undefined>(undefined);
  readonly state = cell<State | undefined>(undefined);
  readonly model = cell<DocumentModel | undefined>(undefined);
  readonly conflicts = cell<readonly Conflict[]>([]);
  readonly proposals = cell<readonly Proposal[]>([]);
  readonly refusal = cell<Refusal | undefined>(undefined);
  readonly counted = cell<Counted | undefined>(undefined);
  /** Undefined: nothing to tell, or the person has seen it. */
  readonly merged = cell<Merged | undefined>(undefined);
  /** The text on disk as far as it is known. */
  readonly saved = cell<Text | undefined>(undefined);
  /** Of the last commit; whoever asks git sets it. */
  readonly head = cell<Text | undefined>(undefined);
  /** Whether the text differs from the disk. */
  readonly isDirty = cell(false);
  /** Whether the authority has every edit of this page. */
  readonly isAcknowledged = cell(true);
  /** Why the last save failed; undefined when it worked. */
  readonly saveError = cell<unknown>(undefined);
  readonly isSaving = cell(false);
  /** The file's new name when it was renamed while it was open here; its text and its saves are there. */
  readonly movedTo = cell<string | undefined>(undefined);
  /** Edits of an earlier life of the actor are in it, and the person has not settled that. */
  readonly isRestored = cell(false);
  readonly #options: OpenDocumentOptions;
  #savedFetches = 0;
  /** Real path of the file when it was opened. */
  #firstPath: string | undefined;

  constructor(options: OpenDocumentOptions) {
    this.path = options.path;
    this.#options = options;
    this.client = new SyncClient({ ...options.sync, tell: this.#listener() });
  }

  /** Ends with `close`. */
  run(): Promise<void> {
    return this.client.run();
  }

  close(): void {
    this.client.close();
  }

  /** Whether a person can edit it now. */
  get isEditable(): boolean {
    return this.facts()?.access === "edit" && this.client.isLoaded;
  }

  /** Writes the text to the disk, everything typed so far with it. */
  async save(options: { readonly mayCreate: boolean }): Promise<SaveEnd> {
    const document = this.facts()?.document;
    if (document === undefined || !this.isEditable) return "nothing";
    this.isSaving.set(true);
    try {
      const seq = this.client.lastSeq;
      const upTo = { client: this.client.clientId, seq };
      await this.#options.calls.save({ document, ...options, ...(seq === 0 ? {} : { upTo }) });
      batch(() => {
        this.saveError.set(undefined);
        this.isRestored.set(false);
        this.merged.set(undefined);
      });
      return "saved";
    } catch (error) {
      return this.#saveFailed(error);
    } finally {
      this.isSaving.set(false);
    }
  }

  /** Back to what the disk has; one step of undo. */
  async discard(): Promise<void> {
    const document = this.facts()?.document;
    if (document === undefined) return;
    await this.#options.calls.discard(document, this.client.clientId);
    this.isRestored.set(false);
  }

  async resolve(conflict: number | "all", take: Take): Promise<void> {
    const document = this.facts()?.document;
    if (document === undefined) return;
    await this.#options.calls.resolve({ document, conflict, take, client: this.client.clientId });
  }

  async accept(which: Chosen): Promise<void> {
    const document = this.facts()?.document;
    if (document === undefined) return;
    await this.#options.calls.accept(document, which, this.client.clientId);
  }

  async reject(which: Chosen): Promise<void> {
    const document = this.facts()?.document;
    if (document !== undefined) await this.#options.calls.reject(document, which);
  }

  #listener(): SyncListener {
    return {
      opened: () => this.#opened(),
      phase: (phase, error) =>
        batch(() => {
          this.phase.set(phase);
          this.error.set(error);
          if (phase === "live") this.#refreshSaved();
        }),
      facts: (facts) =>
        batch(() => {
          this.facts.set(facts);
          this.isRestored.set(facts.isRestored);
          this.#takeState(facts.state);
        }),
      state: (state) => this.#takeState(state),
      conflicts: (conflicts) => this.conflicts.set(conflicts),
      proposals: (proposals) => this.proposals.set(proposals),
      merged: (changes, conflicts) => {
        // Until the person has seen them they are one matter, however often the disk changed.
        const before = this.merged()?.changes ?? 0;
        this.merged.set({ changes: before + changes, conflicts });
        this.#refreshSaved();
      },
      acknowledged: () => this.isAcknowledged.set(true),
      counted: (lines, bytes, isDone) => this.counted.set({ lines, bytes, isDone }),
      metered: (edits, bytes) => this.#options.onMetered(edits, bytes),
      refused: (refusal) => this.refusal.set(refusal),
    };
  }

  #opened(): void {
    const { model } = this.client;
    this.model.set(model);
    model?.onChange(({ by }) => {
      if (by !== "own") return;
      this.#say(true);
      this.isAcknowledged.set(false);
      this.client.push();
    });
  }

  #takeState(state: State): void {
    batch(() => {
      const wasDirty = this.state()?.isDirty;
      this.state.set(state);
      this.#firstPath ??= state.path;
      this.movedTo.set(state.path === this.#firstPath ? undefined : state.path);
      this.#say(state.isDirty || (this.model()?.pending.length ?? 0) > 0);
      if (wasDirty === true && !state.isDirty) this.#refreshSaved();
    });
  }

  #say(isDirty: boolean): void {
    if (this.isDirty() === isDirty) return;
    this.isDirty.set(isDirty);
    this.#options.onDirty(isDirty);
  }

  /** A clean text is the disk's; else it is fetched. */
  #refreshSaved(): void {
    const model = this.model();
    const document = this.facts()?.document;
    if (model === undefined || document === undefined || !this.client.isLoaded) return;
    this.#savedFetches += 1;
    if (this.state()?.isDirty === false) return this.saved.set(model.confirmed);
    const fetch = this.#savedFetches;
    this.#options.calls.savedText(document).then(
      (text) => {
        if (fetch === this.#savedFetches) this.saved.set(Text.of(text.split("\n")));
      },
      // The marks of what is not saved stay away; nothing else needs it.
      () => undefined,
    );
  }

  #saveFailed(error: unknown): SaveEnd {
    const end = SAVE_ENDS.find(([code]) => isBusError(error, code))?.[1] ?? "failed";
    this.saveError.set(end === "failed" ? error : undefined);
    return end;
  }
}

const SAVE_ENDS: ReadonlyArray<readonly [code: string, end: SaveEnd]> = [
  [EditorSyncCode.changed, "changed"],
  [EditorSyncCode.conflicts, "conflicts"],
  [EditorSyncCode.deleted, "deleted"],
];
