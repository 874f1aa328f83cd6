/** Closing a tab: the shell is hidden with Undo, then ends; settings just go. */

import { TerminalCode } from "../../bus/contracts/terminal.ts";
import { isBusError } from "../../bus/errors.ts";
import { titleOf } from "../state/badges.ts";
import type { App } from "./app.ts";
import { messageOf } from "./settings-store.ts";

/** Closed sessions that can be brought back, newest last. */
const closed: string[] = [];
const CLOSED_MAX = 50;

/** Removes the tab at once; the actor is told beside it. */
export function closeTerminal(app: App, panel: string, session: string | undefined): void {
  app.dock()?.remove(panel);
  app.dock()?.focusActive();
  if (session !== undefined) void hide(app, session);
}

/** Brings the last closed one back, if its time is not over. */
export async function reopenTerminal(app: App, session = closed.at(-1)): Promise<void> {
  if (session === undefined) {
    app.toasts.show({ tag: "reopen", level: "info", title: "No closed tab to reopen.", text: "" });
    return;
  }
  forget(session);
  try {
    await app.sessions.reopen(session);
    app.dock()?.openTerminal("within", { session });
  } catch (error) {
    const isOver = isBusError(error, TerminalCode.noSuchSession);
    const text = isOver ? "Its time is over: the shell has ended." : messageOf(error);
    app.toasts.show({ tag: "reopen", level: "warn", title: "That tab cannot be reopened.", text });
  }
}

async function hide(app: App, session: string): Promise<void> {
  const known = app.sessions.byId(session);
  const title = known === undefined ? "terminal" : titleOf(known);
  try {
    const undoMs = await app.sessions.close(session);
    if (known?.exit !== null && known !== undefined) return;
    remember(session);
    const actions = [{ label: "Undo", run: () => void reopenTerminal(app, session) }];
    app.toasts.show(
      { tag: `closed ${session}`, level: "info", title: `Closed ${title}`, text: "", actions },
      undoMs,
    );
  } catch (error) {
    if (isBusError(error, TerminalCode.noSuchSession)) return;
    app.dock()?.openTerminal("within", { session });
    app.toasts.show({
      tag: "close",
      level: "error",
      title: `${title} was not closed.`,
      text: messageOf(error),
    });
  }
}

function remember(session: string): void {
  closed.push(session);
  if (closed.length > CLOSED_MAX) closed.shift();
}

function forget(session: string): void {
  const at = closed.indexOf(session);
  if (at !== -1) closed.splice(at, 1);
}
