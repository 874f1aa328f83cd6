/** Closing a tab and bringing the last closed one back, whatever it shows. */
import { baseName } from "../state/words.ts";
import type { App } from "./app.ts";
import { closeTerminal, reopenTerminal } from "./close-terminal.ts";
import { openFile } from "./open-place.ts";

/** Files of closed tabs, newest last, and a mark for each closed terminal between them. */
const closed: string[] = [];
const TERMINAL = "";
const CLOSED_MAX = 50;
/** How long a closed file is offered again, milliseconds. */
const UNDO_MS = 10_000;

/** Nothing is asked: a shell can be brought back for 10 s, and edits that are not saved are kept. */
export function closeTab(app: App, panel: string): void {
  const dock = app.dock();
  const path = dock?.pathOf(panel);
  if (path === undefined) {
    remember(TERMINAL);
    return closeTerminal(app, panel, dock?.sessionOf(panel));
  }
  const isDirty = app.editors.isDirty(path);
  dock?.remove(panel);
  dock?.focusActive();
  if (!panel.startsWith("editor-")) return;
  remember(path);
  if (isDirty && dock?.editorOf(path) === undefined) tellKept(app, path);
}

export function reopenTab(app: App): void {
  const last = closed.pop();
  if (last === undefined || last === TERMINAL) return void reopenTerminal(app);
  openFile(app, { path: last, line: 0, column: 0 });
}

function remember(path: string): void {
  closed.push(path);
  if (closed.length > CLOSED_MAX) closed.shift();
}

function tellKept(app: App, path: string): void {
  const undo = () => openFile(app, { path, line: 0, column: 0 });
  app.toasts.show(
    {
      tag: `closed ${path}`,
      level: "info",
      title: `Closed ${baseName(path)}`,
      text: "its unsaved edits are kept and come back with it",
      actions: [{ label: "Undo", run: undo }],
    },
    UNDO_MS,
  );
}
