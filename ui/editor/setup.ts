/** What every editor can do, and the parts that change while it is open. */
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completeAnyWord,
  completionKeymap,
  completionStatus,
} from "@codemirror/autocomplete";
import { defaultKeymap, indentWithTab } from "@codemirror/commands";
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  indentOnInput,
  indentUnit,
  type LanguageSupport,
} from "@codemirror/language";
import { highlightSelectionMatches, selectNextOccurrence } from "@codemirror/search";
import { Compartment, EditorState, type Extension, type StateEffect } from "@codemirror/state";
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  highlightSpecialChars,
  keymap,
  lineNumbers,
  rectangularSelection,
} from "@codemirror/view";
import type { Indentation } from "../state/indentation.ts";
import { foldMarker } from "./fold-marker.ts";
import { searchExtension } from "./search-panel.ts";
import { editorTheme } from "./theme.ts";

/** `long-line`: a line of the text is so long that anything looking at whole lines is off. */
export type TextKind = "usual" | "long-line";

/** Units of a line beyond which a text is `long-line`. */
export const LONG_LINE = 10_000;

/** Words offered at once. */
const COMPLETIONS_MAX = 10;
const COMPLETION_DELAY_MS = 150;

export interface SetupOptions {
  readonly kind: TextKind;
  /** Text for assistive technology: what file this is. */
  readonly label: string;
  readonly isReadOnly: boolean;
  readonly wrap: boolean;
  readonly indentation: Indentation;
}

/** Parts of one view that can be changed later. */
export class EditorSetup {
  readonly #language = new Compartment();
  readonly #indentation = new Compartment();
  readonly #readOnly = new Compartment();
  readonly #wrap = new Compartment();
  readonly #vim = new Compartment();
  readonly #label = new Compartment();

  /** All of it, for a new view. */
  extensions(options: SetupOptions): Extension {
    const { kind, isReadOnly, wrap, indentation, label } = options;
    return [
      // First, so that its keys are asked before all others.
      this.#vim.of([]),
      this.#label.of(labelled(label)),
      lineNumbers(),
      highlightSpecialChars(),
      drawSelection({ cursorBlinkRate: 0 }),
      dropCursor(),
      EditorState.allowMultipleSelections.of(true),
      rectangularSelection(),
      crosshairCursor(),
      highlightActiveLine(),
      highlightActiveLineGutter(),
      this.#indentation.of(indented(indentation)),
      this.#readOnly.of(readOnly(isReadOnly)),
      this.#wrap.of(wrap && kind === "usual" ? EditorView.lineWrapping : []),
      kind === "usual" ? [this.#language.of([]), wholeLines()] : this.#language.of([]),
      searchExtension(),
      editorTheme(),
      keys(),
    ];
  }

  language(support: LanguageSupport | undefined): StateEffect<unknown> {
    return this.#language.reconfigure(support ?? []);
  }

  indentation(indentation: Indentation): StateEffect<unknown> {
    return this.#indentation.reconfigure(indented(indentation));
  }

  readOnly(isReadOnly: boolean): StateEffect<unknown> {
    return this.#readOnly.reconfigure(readOnly(isReadOnly));
  }

  wrap(isWrapped: boolean): StateEffect<unknown> {
    return this.#wrap.reconfigure(isWrapped ? EditorView.lineWrapping : []);
  }

  vim(extension: Extension): StateEffect<unknown> {
    return this.#vim.reconfigure(extension);
  }

  label(label: string): StateEffect<unknown> {
    return this.#label.reconfigure(labelled(label));
  }
}

/** Only what is on the screen takes the key: words that are still looked for must not keep it from Vim. */
function closeShown(view: EditorView): boolean {
  return completionStatus(view.state) === "active" && closeCompletion(view);
}

const TAB_ACCEPTS = [{ key: "Tab", run: acceptCompletion }];

/** What looks at whole lines. */
function wholeLines(): Extension {
  return [
    foldGutter({ markerDOM: foldMarker }),
    indentOnInput(),
    bracketMatching(),
    closeBrackets(),
    autocompletion({
      activateOnTypingDelay: COMPLETION_DELAY_MS,
      maxRenderedOptions: COMPLETIONS_MAX,
      defaultKeymap: false,
      icons: false,
    }),
    EditorState.languageData.of(() => [{ autocomplete: completeAnyWord }]),
    highlightSelectionMatches({ minSelectionLength: 2, maxMatches: 200 }),
    keymap.of([
      ...closeBracketsKeymap,
      // Enter is a new line, always: what is offered is taken with Tab.
      ...completionKeymap.filter(({ key }) => key !== "Enter" && key !== "Escape"),
      { key: "Escape", run: closeShown },
      ...TAB_ACCEPTS,
      ...foldKeymap,
    ]),
  ];
}

function keys(): Extension {
  return keymap.of([
    { key: "Mod-d", run: selectNextOccurrence, preventDefault: true },
    ...defaultKeymap,
    indentWithTab,
  ]);
}

function indented({ unit, size }: Indentation): Extension {
  return [indentUnit.of(unit === "tab" ? "\t" : " ".repeat(size)), EditorState.tabSize.of(size)];
}

function readOnly(isReadOnly: boolean): Extension {
  return EditorState.readOnly.of(isReadOnly);
}

function labelled(label: string): Extension {
  return EditorView.contentAttributes.of({
    "aria-label": label,
    // It can have the focus anyway; this says so to whoever asks the attribute.
    tabindex: "0",
    spellcheck: "false",
    autocorrect: "off",
    autocapitalize: "off",
    "data-testid": "editor-text",
  });
}
