/**
 * One open document of this page: the text every view of it shows, one history of undo for all of them, and what the
 * authority has not confirmed yet. It draws nothing and knows no wire: views hand their transactions in and are handed
 * each other's; `sync-client` moves updates between it and the authority.
 *
 *   view --applyFrom--> model --apply--> other views
 *                       |   ^
 *               pending |   | confirm, receive
 *                       v   |
 *                     sync-client
 *
 * `text` = `confirmed` + all of `pending`. What the authority ordered before a pending update goes under it, as in
 * @codemirror/collab; that package cannot take an update of another into the history, which accepted proposals need.
 */
import { history, isolateHistory, redo, redoDepth, undo, undoDepth } from "@codemirror/commands";
import {
  ChangeSet,
  type EditorSelection,
  EditorState,
  type Text,
  Transaction,
} from "@codemirror/state";
import { changesBetween } from "./text-changes.ts";

/** Told to every view but the one it came from. */
export interface ModelChange {
  readonly changes: ChangeSet;
  /** Where to put the cursor, for the view an undo was asked in. */
  readonly selection: EditorSelection | undefined;
  /** `own`: of this page. `other`: of the disk, another page or an agent. */
  readonly by: "own" | "other";
}

export interface AttachedView {
  apply(change: ModelChange): void;
}

/** Whether a change of others is a step of this page's undo. */
export type Recorded = "recorded" | "unrecorded";

/** Steps of undo that are kept at least. */
const UNDO_DEPTH = 500;

export class DocumentModel {
  #state: EditorState;
  #confirmed: Text;
  #version: number;
  #pending: readonly ChangeSet[] = [];
  readonly #views = new Set<AttachedView>();
  readonly #listeners = new Set<(change: ModelChange) => void>();

  constructor(text: Text, version: number) {
    this.#state = EditorState.create({
      doc: text,
      extensions: [history({ minDepth: UNDO_DEPTH }), EditorState.allowMultipleSelections.of(true)],
    });
    this.#confirmed = text;
    this.#version = version;
  }

  get text(): Text {
    return this.#state.doc;
  }

  /** The authority's text at `version`. */
  get confirmed(): Text {
    return this.#confirmed;
  }

  get version(): number {
    return this.#version;
  }

  /** Own updates the authority has not confirmed, oldest first. */
  get pending(): readonly ChangeSet[] {
    return this.#pending;
  }

  get undoDepth(): number {
    return undoDepth(this.#state);
  }

  get redoDepth(): number {
    return redoDepth(this.#state);
  }

  /** Views are shown each other's changes until they are detached. */
  attach(view: AttachedView): () => void {
    this.#views.add(view);
    return () => this.#views.delete(view);
  }

  /** Called after every change of the text. */
  onChange(listener: (change: ModelChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What a person did in one view, which shows it already. */
  applyFrom(view: AttachedView, transaction: Transaction): void {
    if (!transaction.docChanged) return;
    this.#moveTo(transaction.startState.selection);
    const userEvent = transaction.annotation(Transaction.userEvent);
    const isolate = transaction.annotation(isolateHistory);
    const isRecorded = transaction.annotation(Transaction.addToHistory) !== false;
    const own = this.#state.update({
      changes: transaction.changes,
      selection: transaction.newSelection,
      annotations: [
        Transaction.addToHistory.of(isRecorded),
        ...(userEvent === undefined ? [] : [Transaction.userEvent.of(userEvent)]),
        ...(isolate === undefined ? [] : [isolateHistory.of(isolate)]),
      ],
      filter: false,
    });
    this.#takeOwn(own, { from: view });
  }

  /** A change of this page that was made in no view: a step of undo of its own. */
  edit(changes: ChangeSet, userEvent: string): void {
    if (changes.empty) return;
    const annotations = [Transaction.userEvent.of(userEvent), isolateHistory.of("full")];
    this.#takeOwn(this.#state.update({ changes, annotations, filter: false }), {});
  }

  /** Takes the last own change back, in whichever view it was made. False when there is none. */
  undo(view: AttachedView, selection: EditorSelection): boolean {
    return this.#step(undo, view, selection);
  }

  redo(view: AttachedView, selection: EditorSelection): boolean {
    return this.#step(redo, view, selection);
  }

  /** The oldest `count` pending updates are what the authority ordered next. */
  confirm(count: number): void {
    for (const changes of this.#pending.slice(0, count))
      this.#confirmed = changes.apply(this.#confirmed);
    this.#version += Math.min(count, this.#pending.length);
    this.#pending = this.#pending.slice(count);
  }

  /**
   * Takes the next update of another.
   * @throws RangeError when it does not fit the confirmed text: the caller has to resync
   */
  receive(update: ChangeSet, recorded: Recorded = "unrecorded"): void {
    if (update.length !== this.#confirmed.length) {
      const lengths = `for a text of ${update.length}, not ${this.#confirmed.length}`;
      throw new RangeError(`an update ${lengths}`);
    }
    const confirmed = update.apply(this.#confirmed);
    let changes = update;
    this.#pending = this.#pending.map((own) => {
      const moved = own.map(changes);
      changes = changes.map(own, true);
      return moved;
    });
    this.#confirmed = confirmed;
    this.#version += 1;
    const annotations = [
      Transaction.addToHistory.of(recorded === "recorded"),
      ...(recorded === "recorded" ? [isolateHistory.of("full")] : []),
      Transaction.remote.of(true),
    ];
    this.#take(this.#state.update({ changes, annotations, filter: false }), { by: "other" });
  }

  /**
   * Goes over to a text the authority says without its history: cursor, undo and what is pending are moved over the
   * difference, so that nothing a person typed is dropped.
   * @param applied how many of the pending updates are in `text` already
   */
  reset(text: Text, version: number, applied: number): void {
    this.confirm(applied);
    const changes = changesBetween(this.#confirmed, text);
    if (!changes.empty) this.receive(changes);
    this.#version = version;
  }

  /** Goes over to a text the authority says, but shows what was shown before: the difference is one pending update. */
  adopt(text: Text, version: number): void {
    this.#confirmed = text;
    this.#version = version;
    const changes = changesBetween(text, this.text);
    this.#pending = changes.empty ? [] : [changes];
  }

  /** Makes one of all pending updates: one that was refused may be taken back by a later one. */
  foldPending(): void {
    const [first, ...later] = this.#pending;
    if (first === undefined || later.length === 0) return;
    const whole = later.reduce((all, changes) => all.compose(changes), first);
    this.#pending = whole.empty ? [] : [whole];
  }

  /** More of a text that is still being loaded, at its end. */
  append(text: Text): void {
    const at = this.#confirmed.length;
    this.receive(ChangeSet.of({ from: at, insert: text }, at));
  }

  #step(command: typeof undo, view: AttachedView, selection: EditorSelection): boolean {
    this.#moveTo(selection);
    return command({
      state: this.#state,
      dispatch: (transaction) => this.#takeOwn(transaction, { selects: view }),
    });
  }

  /** The history notes where the cursor was. */
  #moveTo(selection: EditorSelection): void {
    if (this.#state.selection.eq(selection)) return;
    this.#state = this.#state.update({ selection }).state;
  }

  #takeOwn(transaction: Transaction, options: TakeOptions): void {
    if (transaction.docChanged) this.#pending = [...this.#pending, transaction.changes];
    this.#take(transaction, options);
  }

  #take(transaction: Transaction, { from, selects, by = "own" }: TakeOptions): void {
    this.#state = transaction.state;
    if (!transaction.docChanged) return;
    const change: ModelChange = { changes: transaction.changes, selection: undefined, by };
    for (const view of this.#views) {
      if (view === from) continue;
      view.apply(view === selects ? { ...change, selection: transaction.newSelection } : change);
    }
    for (const listener of this.#listeners) listener(change);
  }
}

interface TakeOptions {
  /** Shows it already. */
  readonly from?: AttachedView;
  /** Is to move its cursor to where the change was. */
  readonly selects?: AttachedView;
  readonly by?: ModelChange["by"];
}
