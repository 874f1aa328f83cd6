/**
 * Every key press of the page, before anybody else sees it: leader, then commands. What no command takes goes on to
 * whatever has the focus.
 */
import type { CommandId } from "../state/commands.ts";
import { commandFor, type Focus, isSwallowed } from "../state/keymap.ts";
import { isModifier, LEADER_TIMEOUT_MS, leaderCommand } from "../state/leader.ts";
import type { App } from "./app.ts";
import { textOf } from "./early-input.ts";

/** Starts listening; the returned function ends it. */
export function dispatchKeys(app: App): () => void {
  const stop = new AbortController();
  let leaderTimer: ReturnType<typeof setTimeout> | undefined;
  const onDown = (event: KeyboardEvent): void => {
    if (isSwallowed(event)) return take(event);
    if (event.isComposing || app.dialog.current() !== undefined) return;
    if (app.overlay() === "leader") return afterLeader(app, event);
    const command = commandOf(app, event);
    if (command === undefined) return keepEarly(app, event);
    take(event);
    if (app.overlay() === "palette") app.setOverlay("none");
    app.run(command);
    clearTimeout(leaderTimer);
    if (command === "leader.show") {
      leaderTimer = setTimeout(
        () => app.overlay() === "leader" && app.setOverlay("none"),
        LEADER_TIMEOUT_MS,
      );
    }
  };
  const onUp = (event: KeyboardEvent): void => {
    if (event.key === "Control") app.dock()?.settleRecent();
  };
  window.addEventListener("keydown", onDown, { capture: true, signal: stop.signal });
  window.addEventListener("keyup", onUp, { capture: true, signal: stop.signal });
  return () => {
    clearTimeout(leaderTimer);
    stop.abort();
  };
}

/** What the key means where the focus is; in an editor, what only a terminal can do means nothing. */
function commandOf(app: App, event: KeyboardEvent): CommandId | undefined {
  const place = document.activeElement;
  const command = commandFor(app.settings.keymap(), event, focusOf(place));
  const isOther = command !== undefined && isForTerminals(command) && isInEditor(place);
  return isOther ? undefined : command;
}

/** Text typed where nothing can take it yet is for the terminal that is about to come. */
function keepEarly(app: App, event: KeyboardEvent): void {
  const isFree = document.activeElement === null || document.activeElement === document.body;
  if (app.early.isSettled || !isFree || app.overlay() !== "none") return;
  const text = textOf(event);
  if (text === undefined) return;
  take(event);
  app.early.text(text, Date.now());
}

/** The key after the leader never reaches the terminal; one that means nothing only ends the leader. */
function afterLeader(app: App, event: KeyboardEvent): void {
  if (isModifier(event)) return;
  take(event);
  app.setOverlay("none");
  const command = leaderCommand(event);
  if (command !== undefined) app.run(command);
  else app.dock()?.focusActive();
}

function take(event: KeyboardEvent): void {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** A terminal, and an editor with Vim's keys, own what ux.md leaves to them. */
function focusOf(element: Element | null): Focus {
  const owner = element?.closest(".terminal-screen, [data-keys=own] .editor-text") ?? null;
  return owner === null ? "outside" : "terminal";
}

function isInEditor(element: Element | null): boolean {
  return element !== null && element.closest(".editor-text") !== null;
}

/** What only a terminal can do: in an editor the key is the editor's. */
function isForTerminals(command: CommandId): boolean {
  const isSplitOrNew = /^terminal\.(new|split-right|split-down|last)$/.test(command);
  return command.startsWith("terminal.") && !isSplitOrNew;
}
