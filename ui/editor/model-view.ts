/** A CodeMirror view of a DocumentModel: what is typed goes to the model at once, and what others do comes from it. */
import {
  Annotation,
  type EditorSelection,
  EditorState,
  type Extension,
  Prec,
  Transaction,
} from "@codemirror/state";
import { EditorView, type KeyBinding, keymap } from "@codemirror/view";
import type { AttachedView, DocumentModel, ModelChange } from "./document-model.ts";

export interface ModelViewOptions {
  readonly parent: HTMLElement;
  readonly extensions: Extension;
  readonly selection?: EditorSelection;
}

/** Marks a transaction of a view that the model told it. */
const fromModel = Annotation.define<ModelChange["by"]>();

/** Whether the change came from the disk, another page or an agent. */
export function isOfOthers(transaction: Transaction): boolean {
  return transaction.annotation(fromModel) === "other";
}

/** Draws the model until `close`; undo belongs to the model, so that all views share it. */
export class ModelView {
  readonly view: EditorView;
  readonly #model: DocumentModel;
  readonly #end: () => void;
  readonly #link: AttachedView;

  constructor(model: DocumentModel, options: ModelViewOptions) {
    this.#model = model;
    this.#link = { apply: (change) => this.#apply(change) };
    this.view = new EditorView({
      parent: options.parent,
      state: EditorState.create({
        doc: model.text,
        ...(options.selection === undefined ? {} : { selection: options.selection }),
        extensions: [Prec.high(keymap.of(this.#historyKeys())), options.extensions],
      }),
      dispatchTransactions: (transactions, view) => {
        view.update(transactions);
        for (const transaction of transactions) {
          if (transaction.annotation(fromModel) === undefined)
            this.#model.applyFrom(this.#link, transaction);
        }
      },
    });
    this.#end = model.attach(this.#link);
  }

  undo(): boolean {
    return this.#model.undo(this.#link, this.view.state.selection);
  }

  redo(): boolean {
    return this.#model.redo(this.#link, this.view.state.selection);
  }

  close(): void {
    this.#end();
    this.view.destroy();
  }

  #historyKeys(): readonly KeyBinding[] {
    const undo = () => !this.view.state.readOnly && this.undo();
    const redo = () => !this.view.state.readOnly && this.redo();
    return [
      { key: "Mod-z", run: undo, preventDefault: true },
      { key: "Mod-y", run: redo, preventDefault: true },
      { key: "Mod-Shift-z", run: redo, preventDefault: true },
    ];
  }

  #apply({ changes, selection, by }: ModelChange): void {
    this.view.dispatch({
      changes,
      ...(selection === undefined ? {} : { selection, scrollIntoView: true }),
      annotations: [
        fromModel.of(by),
        Transaction.addToHistory.of(false),
        Transaction.remote.of(by === "other"),
      ],
      filter: false,
    });
  }
}
