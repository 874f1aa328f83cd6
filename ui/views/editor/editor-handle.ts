/** What commands and the status bar may do with one editor. */
import { toggleComment } from "@codemirror/commands";
import { selectNextOccurrence } from "@codemirror/search";
import { type Accessor, createMemo } from "solid-js";
import type { EditorAct, EditorHandle, EditorStatus } from "../../app/dock.ts";
import { saveDocument } from "../../app/save-document.ts";
import { messageOf } from "../../app/settings-store.ts";
import { changedPlaces } from "../../editor/change-gutter.ts";
import { conflictsOf } from "../../editor/conflicts.ts";
import type { EditorPane } from "../../editor/editor-pane.ts";
import { proposalsOf } from "../../editor/proposals.ts";
import { showSearch } from "../../editor/search-panel.ts";
import type { Indentation } from "../../state/indentation.ts";
import type { Choosing, EditingOptions } from "./editing-options.ts";
import { copyText, cutText, pasteText } from "./editor-clipboard.ts";
import { type CursorStatus, formatWords, indentationWords } from "./editor-status.ts";

/** What the status bar is told beside the document. */
export interface EditorFacts {
  readonly language: Accessor<string>;
  readonly indentation: Accessor<Indentation>;
  readonly cursor: Accessor<CursorStatus>;
}

export interface HandleOptions extends EditingOptions {
  readonly facts: EditorFacts;
  readonly choose: (what: Choosing | undefined) => void;
}

/** Lives in the calling reactive scope. */
export function editorHandle(options: HandleOptions): EditorHandle {
  const { app, pane, document } = options;
  const acts = actsOf(options);
  return {
    path: document.path,
    focus() {
      if (app.overlay() === "none" && app.dialog.current() === undefined) pane()?.view.focus();
    },
    reveal(line, column) {
      pane()?.reveal(line, column);
      pane()?.view.focus();
    },
    run(act) {
      const now = pane();
      if (now !== undefined) acts[act](now);
    },
    viewState: () => pane()?.viewState(),
    status: statusOf(options),
  };
}

type Acts = Readonly<Record<EditorAct, (pane: EditorPane) => void>>;

function actsOf({ app, document, choose }: HandleOptions): Acts {
  return {
    save: () => void saveDocument(app, document),
    find: ({ view }) =>
      showSearch(view, (text) => {
        app.setWantedSearch(text);
        app.layout.showSide("search");
      }),
    copy: ({ view }) => copyText(app.host, view),
    cut: ({ view }) => cutText(app.host, view),
    paste: ({ view }) => void pasteText(app.host, view),
    "select-all": (pane) => pane.selectAll(),
    "go-to-line": () => app.setOverlay("go-to-line"),
    comment: ({ view }) => void toggleComment(view),
    "next-occurrence": ({ view }) => void selectNextOccurrence(view),
    "next-change": (pane) => stepChange(pane, 1),
    "previous-change": (pane) => stepChange(pane, -1),
    "fold-all": (pane) => pane.foldAll(),
    "unfold-all": (pane) => pane.unfoldAll(),
    wrap: () => app.settings.put("wrap", !app.settings.values().wrap),
    compare: () => app.dock()?.openCompare(document.path),
    "compare-with": () => app.dock()?.openCompare(document.path, { before: "" }),
    discard: () =>
      void document.discard().catch((error: unknown) =>
        app.toasts.show({
          tag: "discard",
          level: "error",
          title: "The edits stay.",
          text: messageOf(error),
        }),
      ),
    "choose-language": () => choose("language"),
    "choose-indentation": () => choose("indentation"),
  };
}

/** Conflicts first, then proposals, then what was changed. */
function stepChange(pane: EditorPane, direction: 1 | -1): void {
  const starts = (places: ReadonlyArray<{ readonly from: number }>) =>
    places.map(({ from }) => from);
  const open = starts(conflictsOf(pane.state));
  const waiting = starts(proposalsOf(pane.state));
  if (open.length > 0) pane.step(open, direction);
  else if (waiting.length > 0) pane.step(waiting, direction);
  else pane.step(changedPlaces(pane.state), direction);
  pane.view.focus();
}

function statusOf({ document, facts }: HandleOptions): Accessor<EditorStatus | undefined> {
  return createMemo(() => {
    const known = document.facts();
    if (known === undefined) return undefined;
    const { edits, bytes } = document.client.meter;
    return {
      ...facts.cursor(),
      indentation: indentationWords(facts.indentation()),
      format: formatWords(known.format),
      language: facts.language(),
      bytesPerEdit: edits === 0 ? 0 : Math.round(bytes / edits),
    };
  });
}
