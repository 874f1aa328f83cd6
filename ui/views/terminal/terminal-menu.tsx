/** The menu of a terminal: acts on the command block under the pointer, then copy and paste. */
import { type JSX, Show } from "solid-js";
import type { App } from "../../app/app.ts";
import { messageOf } from "../../app/settings-store.ts";
import { cleanPaste, wrapPaste } from "../../state/paste.ts";
import {
  type Block,
  blockAt,
  blockInView,
  commandText,
  isAtPrompt,
  outputText,
} from "../../terminal/block-text.ts";
import type { TerminalPane } from "../../terminal/terminal-pane.ts";
import { Menu, type MenuItem, type MenuPlace } from "../debug/menu.tsx";

/** What a menu is opened for. */
export interface MenuWish {
  readonly place: MenuPlace;
  /** Undefined where no command block begins. */
  readonly block: Block | undefined;
}

export function TerminalMenu(props: {
  app: App;
  pane: TerminalPane;
  wish: MenuWish | undefined;
  onClose: () => void;
}): JSX.Element {
  return (
    <Show when={props.wish} keyed>
      {(wish) => (
        <Menu
          label={wish.block === undefined ? "Terminal" : "Command"}
          place={wish.place}
          items={[
            ...(wish.block === undefined ? [] : blockItems(props.app, props.pane, wish.block)),
            ...clipboardItems(props.app, props.pane),
          ]}
          onClose={props.onClose}
        />
      )}
    </Show>
  );
}

/** The menu for a press at this height; undefined where the program in the terminal has the mouse. */
export function menuAtPointer(pane: TerminalPane, event: MouseEvent): MenuWish | undefined {
  const { terminal } = pane;
  if (terminal.modes.mouseTrackingMode !== "none" && !event.shiftKey) return undefined;
  const box = screenBox(pane);
  const { type, viewportY } = terminal.buffer.active;
  const row = Math.floor(((event.clientY - box.top) * terminal.rows) / Math.max(1, box.height));
  const block = type === "normal" ? blockAt(pane.marks.blocks.all, viewportY + row) : undefined;
  return { place: { x: event.clientX, y: event.clientY }, block };
}

/** The menu for the keyboard: of the command in view, beside its first line. */
export function menuInView(pane: TerminalPane): MenuWish {
  const { terminal } = pane;
  const { type, viewportY } = terminal.buffer.active;
  const block = type === "normal" ? blockInView(terminal, pane.marks.blocks.all) : undefined;
  const box = screenBox(pane);
  const row = block === undefined ? 0 : block.prompt.line - viewportY + 1;
  const shown = Math.min(Math.max(0, row), terminal.rows);
  return { place: { x: box.left, y: box.top + (shown * box.height) / terminal.rows }, block };
}

function blockItems(app: App, pane: TerminalPane, block: Block): MenuItem[] {
  const { terminal } = pane;
  const command = commandText(terminal, block);
  const unknown = command === "" ? "The shell did not say which command it was." : undefined;
  const busy = isAtPrompt(terminal, pane.marks.blocks.all) ? undefined : "Only at an empty prompt.";
  return [
    {
      label: "Copy command",
      icon: "copy",
      testid: "block-copy-command",
      says: command.split("\n", 1)[0]?.slice(0, 200),
      unavailable: unknown,
      run: () => copy(app, command),
    },
    {
      label: "Copy output",
      icon: "copy",
      testid: "block-copy-output",
      run: () => copy(app, outputText(terminal, block)),
    },
    {
      label: "Run again",
      icon: "play",
      testid: "block-run-again",
      unavailable: unknown ?? busy,
      run: () => runAgain(pane, command),
    },
    {
      label: "Ask the agent about it",
      icon: "bot",
      testid: "block-ask-agent",
      unavailable: "The agent is not built yet.",
      run: () => undefined,
    },
  ];
}

function clipboardItems(app: App, pane: TerminalPane): MenuItem[] {
  return [
    {
      label: "Copy",
      unavailable: pane.terminal.hasSelection() ? undefined : "Nothing is selected.",
      run: () => app.run("terminal.copy"),
    },
    { label: "Paste", run: () => app.run("terminal.paste") },
  ];
}

function runAgain(pane: TerminalPane, command: string): void {
  const clean = cleanPaste(command);
  pane.type(`${wrapPaste(clean, pane.terminal.modes.bracketedPasteMode)}\r`);
}

function copy(app: App, text: string): void {
  app.host.setClipboardText(text).catch((error: unknown) =>
    app.toasts.show({
      tag: "clipboard",
      level: "warn",
      title: "The clipboard cannot be used.",
      text: messageOf(error),
    }),
  );
}

function screenBox(pane: TerminalPane): DOMRect {
  const screen = pane.terminal.element?.querySelector(".xterm-screen");
  return screen?.getBoundingClientRect() ?? new DOMRect();
}
