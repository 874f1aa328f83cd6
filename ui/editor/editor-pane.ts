/** One editor on the screen: a view of a document with its language, gutters, conflicts and proposals. */
import {
  foldAll,
  foldEffect,
  foldedRanges,
  type LanguageDescription,
  unfoldAll,
} from "@codemirror/language";
import { EditorSelection, type EditorState, type StateEffect, type Text } from "@codemirror/state";
import { EditorView, type ViewUpdate } from "@codemirror/view";
import type { ViewState } from "../state/editor-views.ts";
import type { Indentation } from "../state/indentation.ts";
import { type Baseline, changeGutter, setBaseline } from "./change-gutter.ts";
import { conflicts, setConflicts } from "./conflicts.ts";
import type { DocumentModel } from "./document-model.ts";
import { loadLanguage } from "./languages.ts";
import { ModelView } from "./model-view.ts";
import type { OpenDocument } from "./open-document.ts";
import { proposals, setProposals } from "./proposals.ts";
import { EditorSetup, LONG_LINE, type TextKind } from "./setup.ts";

export interface EditorPaneOptions {
  readonly document: OpenDocument;
  readonly model: DocumentModel;
  readonly parent: HTMLElement;
  readonly label: string;
  readonly wrap: boolean;
  readonly indentation: Indentation;
  /** Cursor, text or geometry changed. */
  readonly onUpdate: (update: ViewUpdate) => void;
  /** What an act on a conflict or a proposal failed with. */
  readonly onFailed: (error: unknown) => void;
}

export class EditorPane {
  readonly view: EditorView;
  readonly kind: TextKind;
  readonly #modelView: ModelView;
  readonly #setup = new EditorSetup();

  constructor(options: EditorPaneOptions) {
    const { document, model, onFailed } = options;
    this.kind = kindOf(model.text);
    const tell = (done: Promise<void>): void => void done.catch(onFailed);
    this.#modelView = new ModelView(model, {
      parent: options.parent,
      extensions: [
        conflicts((id, take) => tell(document.resolve(id, take))),
        proposals((id, how) =>
          tell(
            how === "accept"
              ? document.accept({ proposal: id })
              : document.reject({ proposal: id }),
          ),
        ),
        this.kind === "usual" ? changeGutter() : [],
        EditorView.updateListener.of(options.onUpdate),
        this.#setup.extensions({
          kind: this.kind,
          label: options.label,
          isReadOnly: !document.isEditable,
          wrap: options.wrap,
          indentation: options.indentation,
        }),
      ],
    });
    this.view = this.#modelView.view;
    panes.set(this.view, this);
  }

  get state(): EditorState {
    return this.view.state;
  }

  undo(): boolean {
    return this.#modelView.undo();
  }

  redo(): boolean {
    return this.#modelView.redo();
  }

  setReadOnly(isReadOnly: boolean): void {
    this.#configure(this.#setup.readOnly(isReadOnly));
  }

  setIndentation(indentation: Indentation): void {
    this.#configure(this.#setup.indentation(indentation));
  }

  setWrap(isWrapped: boolean): void {
    if (this.kind === "usual") this.#configure(this.#setup.wrap(isWrapped));
  }

  setVim(extension: Parameters<EditorSetup["vim"]>[0]): void {
    this.#configure(this.#setup.vim(extension));
  }

  /** Undefined: no colours. A long-line text has none either. */
  async setLanguage(language: LanguageDescription | undefined): Promise<void> {
    const isOff = language === undefined || this.kind === "long-line";
    const support = isOff ? undefined : await loadLanguage(language);
    this.#configure(this.#setup.language(support));
  }

  setBaseline(baseline: Baseline, text: Text | undefined): void {
    if (this.kind === "usual") this.#configure(setBaseline.of({ baseline, text }));
  }

  setConflicts(list: ReturnType<OpenDocument["conflicts"]>): void {
    this.#configure(setConflicts.of(list));
  }

  setProposals(list: ReturnType<OpenDocument["proposals"]>): void {
    this.#configure(setProposals.of(list));
  }

  /** `line` and `column` count from 1; a column of 0 is the start of the line. What is beyond the text is its end. */
  reveal(line: number, column: number): void {
    const { doc } = this.state;
    const found = doc.line(Math.min(Math.max(line, 1), doc.lines));
    const at = Math.min(found.from + Math.max(0, column - 1), found.to);
    this.view.dispatch({
      selection: { anchor: at },
      effects: EditorView.scrollIntoView(at, { y: "center" }),
      userEvent: "select",
    });
  }

  /** Selects the next or previous of these places, round and round. False when there are none. */
  step(places: readonly number[], direction: 1 | -1): boolean {
    const at = this.state.selection.main.head;
    const ahead =
      direction === 1 ? places.filter((place) => place > at) : places.filter((place) => place < at);
    const target = direction === 1 ? (ahead[0] ?? places[0]) : (ahead.at(-1) ?? places.at(-1));
    if (target === undefined) return false;
    this.reveal(this.state.doc.lineAt(Math.min(target, this.state.doc.length)).number, 0);
    return true;
  }

  selectAll(): void {
    this.view.dispatch({ selection: { anchor: 0, head: this.state.doc.length } });
  }

  /** False when the text has got lines that this pane does not stand. */
  fitsText(): boolean {
    return kindOf(this.state.doc) === this.kind;
  }

  foldAll(): void {
    foldAll(this.view);
  }

  unfoldAll(): void {
    unfoldAll(this.view);
  }

  /** What a later page needs to look the same. */
  viewState(): ViewState {
    const { selection } = this.state;
    const folds: [number, number][] = [];
    foldedRanges(this.state).between(0, this.state.doc.length, (from, to) => {
      folds.push([from, to]);
    });
    const block = this.view.lineBlockAtHeight(this.view.scrollDOM.scrollTop);
    return {
      ranges: selection.ranges.map(({ anchor, head }) => [anchor, head]),
      main: selection.mainIndex,
      top: block.from,
      folds,
    };
  }

  restore({ ranges, main, top, folds }: ViewState): void {
    const { length } = this.state.doc;
    const within = (at: number): number => Math.min(at, length);
    const selections = ranges.map(([anchor, head]) =>
      EditorSelection.range(within(anchor), within(head)),
    );
    this.view.dispatch({
      selection: EditorSelection.create(selections, Math.min(main, selections.length - 1)),
      effects: [
        ...folds
          .filter(([from, to]) => from < to && to <= length)
          .map(([from, to]) => foldEffect.of({ from, to })),
        EditorView.scrollIntoView(within(top), { y: "start", yMargin: 0 }),
      ],
    });
  }

  close(): void {
    this.#modelView.close();
  }

  #configure(effects: StateEffect<unknown>): void {
    this.view.dispatch({ effects });
  }
}

const panes = new WeakMap<EditorView, EditorPane>();

/** The pane that drew a view. */
export function paneOf(view: EditorView): EditorPane | undefined {
  return panes.get(view);
}

/** Looks at the lines until one is too long. */
function kindOf(text: Text): TextKind {
  for (const line of text.iterLines()) if (line.length > LONG_LINE) return "long-line";
  return "usual";
}
