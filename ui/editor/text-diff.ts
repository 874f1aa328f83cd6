/** Two texts beside each other, or one over the other where there is no room; read only. */

import { defaultKeymap } from "@codemirror/commands";
import type { LanguageDescription } from "@codemirror/language";
import { goToNextChunk, goToPreviousChunk, MergeView, unifiedMergeView } from "@codemirror/merge";
import { Compartment, EditorState, type Extension, type Text } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { loadLanguage } from "./languages.ts";
import { searchExtension } from "./search-panel.ts";
import { editorTheme } from "./theme.ts";

/** `beside`: two columns; `over`: one, old lines above new ones. */
export type DiffLayout = "beside" | "over";

export interface TextDiffOptions {
  readonly parent: HTMLElement;
  readonly before: Text;
  readonly after: Text;
  /** What assistive technology calls the sides. */
  readonly labels: { readonly before: string; readonly after: string };
  readonly language: LanguageDescription | undefined;
  readonly layout: DiffLayout;
}

/** Lives until `close`. */
export class TextDiff {
  readonly #views: readonly EditorView[];
  readonly #end: () => void;
  readonly #language = new Compartment();

  constructor(options: TextDiffOptions) {
    const { views, end } =
      options.layout === "beside" ? this.#beside(options) : this.#over(options);
    this.#views = views;
    this.#end = end;
    if (options.language !== undefined) void this.#colour(options.language);
  }

  /** The view of the newer text. */
  get view(): EditorView | undefined {
    return this.#views.at(-1);
  }

  /** Goes to the next or previous change. */
  step(direction: 1 | -1): void {
    const { view } = this;
    if (view === undefined) return;
    (direction === 1 ? goToNextChunk : goToPreviousChunk)(view);
    view.focus();
  }

  close(): void {
    this.#end();
  }

  #beside({ parent, before, after, labels }: TextDiffOptions): Made {
    const merge = new MergeView({
      parent,
      a: { doc: before, extensions: this.#extensions(labels.before) },
      b: { doc: after, extensions: this.#extensions(labels.after) },
      ...SHARED,
    });
    return { views: [merge.a, merge.b], end: () => merge.destroy() };
  }

  #over({ parent, before, after, labels }: TextDiffOptions): Made {
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: after,
        extensions: [
          this.#extensions(labels.after),
          unifiedMergeView({ original: before, mergeControls: false, ...SHARED }),
        ],
      }),
    });
    return { views: [view], end: () => view.destroy() };
  }

  #extensions(label: string): Extension {
    return [
      lineNumbers(),
      highlightSpecialChars(),
      drawSelection({ cursorBlinkRate: 0 }),
      EditorState.readOnly.of(true),
      EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false", tabindex: "0" }),
      searchExtension(),
      keymap.of(defaultKeymap),
      this.#language.of([]),
      editorTheme(),
      DIFF_LOOK,
    ];
  }

  async #colour(language: LanguageDescription): Promise<void> {
    const support = await loadLanguage(language);
    if (support === undefined) return;
    for (const view of this.#views) view.dispatch({ effects: this.#language.reconfigure(support) });
  }
}

interface Made {
  readonly views: readonly EditorView[];
  readonly end: () => void;
}

const SHARED = {
  gutter: true,
  highlightChanges: true,
  collapseUnchanged: { margin: 3, minSize: 6 },
  diffConfig: { scanLimit: 1_000, timeout: 400 },
} as const;

/** Removed lines lie on the error ground, added ones on the ok ground; the gutter's sign says it without colour. */
const DIFF_LOOK = EditorView.theme({
  "&.cm-merge-a .cm-changedLine, .cm-deletedChunk": { backgroundColor: "var(--errorbg)" },
  "&.cm-merge-b .cm-changedLine, .cm-inlineChangedLine, .cm-changedLine": {
    backgroundColor: "var(--okbg)",
  },
  "&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText": {
    background: "transparent",
    textDecoration: "underline solid 2px var(--error)",
    textUnderlineOffset: "3px",
  },
  "&.cm-merge-b .cm-changedText, .cm-changedText": {
    background: "transparent",
    textDecoration: "underline solid 2px var(--ok)",
    textUnderlineOffset: "3px",
  },
  ".cm-changeGutter": { width: "4px" },
  "&.cm-merge-a .cm-changedLineGutter, .cm-deletedLineGutter": { background: "var(--error)" },
  "&.cm-merge-b .cm-changedLineGutter, .cm-changedLineGutter": { background: "var(--ok)" },
  // The signs of the package are in few faces.
  ".cm-collapsedLines:before, .cm-collapsedLines:after": { content: '""' },
  ".cm-collapsedLines": {
    padding: "2px 12px",
    background: "var(--raised)",
    color: "var(--dim)",
    font: "var(--small)",
  },
});
