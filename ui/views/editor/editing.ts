/** What goes on around one editor: signals to the view and back, what commands may do, what is kept of it. */
import type { ViewUpdate } from "@codemirror/view";
import { type Accessor, createEffect, createSignal, on } from "solid-js";
import { rulesOf } from "../../app/editor-rules.ts";
import { followHead } from "../../app/head-text.ts";
import { saveDocument } from "../../app/save-document.ts";
import { describeLanguage, languageByName, PLAIN_TEXT } from "../../editor/languages.ts";
import {
  DEFAULT_INDENTATION,
  detectIndentation,
  type Indentation,
} from "../../state/indentation.ts";
import type { Choosing, EditingOptions } from "./editing-options.ts";
import { type EditorFacts, editorHandle } from "./editor-handle.ts";
import { cursorStatus } from "./editor-status.ts";
import { takesKeys } from "./takes-keys.ts";

/** Moves of the cursor within this time are kept once, milliseconds. */
const KEEP_SETTLE_MS = 400;

export interface Editing {
  readonly language: Accessor<string>;
  readonly choosing: Accessor<Choosing | undefined>;
  choose(what: Choosing | undefined): void;
  pickLanguage(name: string): void;
  pickIndentation(indentation: Indentation): void;
  updated(update: ViewUpdate): void;
  /** The pane stands. */
  start(): void;
  end(): void;
}

/** Lives in the calling reactive scope. */
export function createEditing(options: EditingOptions): Editing {
  const { app, pane, document, api } = options;
  const [language, setLanguage] = createSignal(PLAIN_TEXT);
  const [indentation, setIndentation] = createSignal<Indentation>(DEFAULT_INDENTATION);
  const [choosing, choose] = createSignal<Choosing | undefined>(undefined);
  const [cursor, setCursor] = createSignal({ line: 1, column: 1, selected: 0, selections: 1 });
  const facts: EditorFacts = { language, indentation, cursor };
  const handle = editorHandle({ ...options, facts, choose });
  let keeping: ReturnType<typeof setTimeout> | undefined;
  const keepSoon = (): void => {
    clearTimeout(keeping);
    keeping = setTimeout(() => {
      const now = pane();
      if (now !== undefined && document.client.isLoaded)
        app.editors.keepView(api.id, now.viewState());
    }, KEEP_SETTLE_MS);
  };
  /** Its name is told when its chunk is there: from then on comments and folds know it. */
  const pickLanguage = async (name: string): Promise<void> => {
    await pane()?.setLanguage(languageByName(name));
    setLanguage(name);
  };
  return {
    language,
    choosing,
    choose,
    pickLanguage: (name) => void pickLanguage(name),
    pickIndentation: (next) => void setIndentation(next),
    updated(update) {
      if (update.selectionSet || update.docChanged) setCursor(cursorStatus(update.state));
      if (update.selectionSet || update.geometryChanged || update.viewportChanged) keepSoon();
    },
    start() {
      app.dock()?.offerEditor(api.id, handle);
      followDocument(options);
      followSettings(options, indentation);
      autosave(options);
      pastePrimary(options);
      followHead(app, document);
      whenLoaded(options, async () => {
        goBack(options);
        await look(options, { pickLanguage, setIndentation });
      });
      if (takesKeys(app, api)) handle.focus();
    },
    end() {
      clearTimeout(keeping);
      app.dock()?.withdrawEditor(api.id);
    },
  };
}

/** What the document says, shown in the view; also in one that was made anew. */
function followDocument({ pane, document }: EditingOptions): void {
  createEffect(() => {
    document.phase();
    document.facts();
    pane()?.setReadOnly(!document.isEditable);
  });
  createEffect(() => pane()?.setBaseline("saved", document.saved()));
  createEffect(() => pane()?.setBaseline("head", document.head()));
  createEffect(() => pane()?.setConflicts(document.conflicts()));
  createEffect(() => pane()?.setProposals(document.proposals()));
}

function followSettings(
  { app, pane, api }: EditingOptions,
  indentation: Accessor<Indentation>,
): void {
  createEffect(() => pane()?.setIndentation(indentation()));
  createEffect(() => pane()?.setWrap(app.settings.values().wrap));
  createEffect(
    on([() => app.settings.values().vim, pane], ([isVim, now]) => {
      if (now === undefined) return;
      if (!isVim) return now.setVim([]);
      void import("../../editor/vim-mode.ts").then(({ vimMode }) =>
        now.setVim(
          vimMode({
            save: () => app.run("editor.save"),
            close: () => app.dock()?.closeTab(api.id),
          }),
        ),
      );
    }),
  );
}

/** Once, as soon as the whole text is there. */
function whenLoaded({ document, pane }: EditingOptions, act: () => Promise<void>): void {
  let isDone = false;
  createEffect(() => {
    const isThere = document.phase() === "live" && pane() !== undefined;
    if (isDone || !isThere || !document.client.isLoaded) return;
    isDone = true;
    void act();
  });
}

/** Language and indentation, from the name, the first lines and `.editorconfig`. */
async function look(
  { app, pane, document }: EditingOptions,
  {
    pickLanguage,
    setIndentation,
  }: { pickLanguage(name: string): Promise<void>; setIndentation(next: Indentation): void },
): Promise<void> {
  const text = document.client.model?.text;
  if (text === undefined || pane() === undefined) return;
  void pickLanguage(describeLanguage(document.path, text.line(1).text)?.name ?? PLAIN_TEXT);
  const found = detectIndentation(text.iterLines()) ?? DEFAULT_INDENTATION;
  setIndentation(found);
  const rules = await rulesOf(app, document.path);
  setIndentation({
    unit: rules.indentStyle ?? found.unit,
    size:
      (rules.indentStyle === "tab" ? rules.tabWidth : undefined) ?? rules.indentSize ?? found.size,
  });
}

/** To the place that was asked for, else to where an earlier page was, unless the person is at work already. */
function goBack({ app, pane, api }: EditingOptions): void {
  const wanted = app.dock()?.takeReveal(api.id);
  if (wanted !== undefined) return pane()?.reveal(wanted.line, wanted.column);
  const state = pane()?.state;
  void app.editors.viewOf(api.id).then((before) => {
    const now = pane();
    const isUntouched = now?.state.selection === state?.selection && now?.state.doc === state?.doc;
    if (before !== undefined && isUntouched) now?.restore(before);
  });
}

/** When the focus leaves the text, or the window. */
function autosave({ app, pane, document }: EditingOptions): void {
  const save = (): void => {
    const isWanted = app.settings.values().autosave === "focus-loss";
    const isSettled = document.conflicts().length === 0 && document.state()?.disk === "same";
    if (isWanted && isSettled && document.isDirty()) void saveDocument(app, document);
  };
  createEffect(
    on(pane, (now) => {
      now?.view.dom.addEventListener("focusout", (event) => {
        const isInside =
          event.relatedTarget instanceof Node && now.view.dom.contains(event.relatedTarget);
        if (!isInside) save();
      });
    }),
  );
  createEffect(on(app.isFront, (isFront) => !isFront && save(), { defer: true }));
}

/** The middle button pastes what was selected last, in whatever program. */
function pastePrimary({ app, pane, document }: EditingOptions): void {
  const paste = async (event: MouseEvent): Promise<void> => {
    const view = pane()?.view;
    if (event.button !== 1 || view === undefined || !app.host.hasPrimary) return;
    event.preventDefault();
    const at = view.posAtCoords({ x: event.clientX, y: event.clientY });
    const text = await app.host.primaryText();
    if (at === null || text === "" || !document.isEditable) return;
    const insert = view.state.toText(text);
    const selection = { anchor: at + insert.length };
    view.dispatch({ changes: { from: at, insert }, selection, userEvent: "input.paste" });
    view.focus();
  };
  createEffect(
    on(pane, (now) =>
      now?.view.contentDOM.addEventListener("mousedown", (event) => void paste(event)),
    ),
  );
}
