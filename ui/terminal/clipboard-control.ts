/**
 * Copy, paste and PRIMARY of one terminal (ux.md section 5). Selecting copies to PRIMARY; middle click and
 * Shift+Insert paste PRIMARY; Ctrl+Shift+V and the page's paste event the clipboard. OSC 52 may write, never read.
 */
import type { IDisposable } from "@xterm/xterm";
import type { App } from "../app/app.ts";
import { messageOf } from "../app/settings-store.ts";
import {
  cleanPaste,
  clipboardWrite,
  needsPreview,
  PASTE_CHARACTERS_MAX,
  pastedLines,
  quotePath,
  wrapPaste,
} from "../state/paste.ts";
import { counted } from "../state/words.ts";
import type { TerminalPane } from "./terminal-pane.ts";

/** A selection settles within this before it goes to PRIMARY, milliseconds. */
const PRIMARY_SETTLE_MS = 50;

export interface ClipboardControl extends IDisposable {
  copy(): void;
  paste(): void;
}

/** Wires the element of a pane. Dispose with it. */
export function clipboardControl(
  app: App,
  pane: TerminalPane,
  element: HTMLElement,
): ClipboardControl {
  const stop = new AbortController();
  const listen = { capture: true, signal: stop.signal } as const;
  const primary = (): void =>
    void app.host.primaryText().then(
      (text) => pasteText(app, pane, text),
      () => undefined,
    );
  element.addEventListener("paste", (event) => takePaste(event, app, pane), listen);
  element.addEventListener("keydown", (event) => onShiftInsert(event, app, primary), listen);
  if (app.host.hasPrimary) {
    element.addEventListener("auxclick", (event) => onMiddleClick(event, primary), listen);
    element.addEventListener("mousedown", (event) => swallowMiddle(event, pane), listen);
    element.addEventListener("mouseup", (event) => swallowMiddle(event, pane), listen);
  }
  element.addEventListener("dragover", (event) => event.preventDefault(), { signal: stop.signal });
  element.addEventListener("drop", (event) => takeDrop(event, app, pane), { signal: stop.signal });
  const selection = watchSelection(app, pane);
  const osc = watchOsc52(app, pane);
  return {
    copy: () => copySelection(app, pane),
    paste: () =>
      void app.host.clipboardText().then(
        (text) => pasteText(app, pane, text),
        (error) => refuse(app, error),
      ),
    dispose() {
      stop.abort();
      selection.dispose();
      osc.dispose();
    },
  };
}

/** Cleans, asks where needed, and types it. */
export async function pasteText(app: App, pane: TerminalPane, text: string): Promise<void> {
  if (text === "") return;
  if (text.length > PASTE_CHARACTERS_MAX) {
    const title = `The clipboard holds ${text.length} characters; a paste takes ${PASTE_CHARACTERS_MAX}.`;
    app.toasts.show({ tag: "paste", level: "warn", title, text: "" });
    return;
  }
  const clean = cleanPaste(text);
  const isBracketed = pane.terminal.modes.bracketedPasteMode;
  if (needsPreview(clean, isBracketed) && !(await confirmPaste(app, clean))) return;
  pane.type(wrapPaste(clean, isBracketed));
}

async function confirmPaste(app: App, clean: string): Promise<boolean> {
  const lines = pastedLines(clean);
  const { value } = await app.dialog.ask({
    title: `Paste ${counted(lines.length, "line")}?`,
    lines: ["The program would run them one after the other."],
    preview: lines.slice(0, 200).join("\n"),
    buttons: [
      { value: "cancel", label: "Cancel", isDefault: true },
      { value: "paste", label: "Paste" },
    ],
  });
  return value === "paste";
}

function copySelection(app: App, pane: TerminalPane): void {
  const text = pane.terminal.getSelection();
  if (text !== "")
    void app.host.setClipboardText(text).catch((error: unknown) => refuse(app, error));
}

function refuse(app: App, error: unknown): void {
  app.toasts.show({
    tag: "clipboard",
    level: "warn",
    title: "The clipboard cannot be used.",
    text: messageOf(error),
  });
}

function takePaste(event: ClipboardEvent, app: App, pane: TerminalPane): void {
  event.preventDefault();
  event.stopPropagation();
  void pasteText(app, pane, event.clipboardData?.getData("text/plain") ?? "");
}

function onShiftInsert(event: KeyboardEvent, app: App, primary: () => void): void {
  const isIt = event.key === "Insert" && event.shiftKey && !event.ctrlKey && !event.altKey;
  if (!isIt || !app.host.hasPrimary) return;
  event.preventDefault();
  event.stopPropagation();
  primary();
}

function onMiddleClick(event: MouseEvent, primary: () => void): void {
  if (event.button !== 1) return;
  event.preventDefault();
  primary();
}

/** WebKitGTK would paste the wrong selection; a program that tracks the mouse still gets its click. */
function swallowMiddle(event: MouseEvent, pane: TerminalPane): void {
  if (event.button !== 1 || pane.terminal.modes.mouseTrackingMode !== "none") return;
  event.preventDefault();
  event.stopPropagation();
}

function takeDrop(event: DragEvent, app: App, pane: TerminalPane): void {
  event.preventDefault();
  const list = event.dataTransfer?.getData("text/uri-list") ?? "";
  const paths = list
    .split(/\r?\n/)
    .filter((line) => line.startsWith("file://"))
    .map((line) => quotePath(decodeURIComponent(new URL(line).pathname)));
  void pasteText(app, pane, paths.join(" "));
}

function watchSelection(app: App, pane: TerminalPane): IDisposable {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const handle = pane.terminal.onSelectionChange(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const text = pane.terminal.getSelection();
      if (text !== "") app.host.setPrimaryText(text);
    }, PRIMARY_SETTLE_MS);
  });
  return {
    dispose() {
      clearTimeout(timer);
      handle.dispose();
    },
  };
}

function watchOsc52(app: App, pane: TerminalPane): IDisposable {
  let isTold = false;
  return pane.terminal.parser.registerOscHandler(52, (data) => {
    const text = clipboardWrite(data);
    if (text === undefined) return true;
    void app.host.setClipboardText(text).catch((error: unknown) => refuse(app, error));
    if (!isTold) {
      isTold = true;
      const title = `A program in the terminal wrote ${counted(text.length, "character")} to the clipboard.`;
      app.toasts.show({ tag: "osc52", level: "info", title, text: "" });
    }
    return true;
  });
}
