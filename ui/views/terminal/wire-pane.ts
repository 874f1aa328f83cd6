/** Ties a mounted pane to its tab: size, visibility, focus, clipboard, and what commands may do with it. */
import type { DockviewPanelApi } from "dockview-core";
import { createEffect, on, onCleanup } from "solid-js";
import type { App } from "../../app/app.ts";
import { openPrinted } from "../../app/open-place.ts";
import { placeOf } from "../../state/path-links.ts";
import { clipboardControl } from "../../terminal/clipboard-control.ts";
import type { TerminalPane } from "../../terminal/terminal-pane.ts";
import { type MenuWish, menuAtPointer, menuInView } from "./terminal-menu.tsx";

export interface WireOptions {
  readonly app: App;
  readonly pane: TerminalPane;
  readonly api: DockviewPanelApi;
  readonly screen: HTMLElement;
  readonly onFind: () => void;
  readonly onMenu: (wish: MenuWish) => void;
  /** Enter where a shell has ended. */
  readonly onEnterAfterEnd: () => void;
}

/** Lives in the calling reactive scope. */
export function wirePane(options: WireOptions): void {
  const { app, pane, api, screen } = options;
  const clipboard = clipboardControl(app, pane, screen);
  const watch = new ResizeObserver(() => pane.fit());
  watch.observe(screen);
  const look = (): void => pane.setVisible(api.isVisible && document.visibilityState === "visible");
  const visibility = api.onDidVisibilityChange(look);
  document.addEventListener("visibilitychange", look);
  look();
  offer(options, clipboard);
  openMenus(options);
  followAttention(options);
  pane.terminal.onData((data) => {
    if (data === "\r" && ["ended", "gone"].includes(pane.state().kind)) options.onEnterAfterEnd();
  });
  onCleanup(() => {
    app.dock()?.handles.delete(api.id);
    document.removeEventListener("visibilitychange", look);
    visibility.dispose();
    watch.disconnect();
    clipboard.dispose();
  });
}

function offer(
  { app, pane, api, onFind, onMenu }: WireOptions,
  clipboard: { copy(): void; paste(): void },
): void {
  const { terminal } = pane;
  app.dock()?.handles.set(api.id, {
    focus: () => {
      if (app.overlay() === "none" && app.dialog.current() === undefined) terminal.focus();
    },
    copy: clipboard.copy,
    paste: clipboard.paste,
    find: onFind,
    clear: () => terminal.clear(),
    page: (direction) => terminal.scrollPages(direction),
    prompt: (direction) => pane.marks.jump(direction),
    menu: () => onMenu(menuInView(pane)),
    selectAll: () => terminal.selectAll(),
    typeEarly: (text, atMs) => pane.typeAt(text, atMs),
    isSettled: () => pane.isSettled,
    openSelection: () => {
      const place = placeOf(terminal.getSelection());
      if (place !== undefined) void openPrinted(app, place);
    },
  });
  if (api.isActive && api.isGroupActive) app.dock()?.handles.get(api.id)?.focus();
}

/** By the pointer, and by the Menu key, of which xterm sends nothing. */
function openMenus({ pane, screen, onMenu }: WireOptions): void {
  const onPointer = (event: MouseEvent): void => {
    const wish = menuAtPointer(pane, event);
    event.preventDefault();
    event.stopPropagation();
    if (wish !== undefined) onMenu(wish);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key !== "ContextMenu") return;
    event.preventDefault();
    event.stopPropagation();
    onMenu(menuInView(pane));
  };
  screen.addEventListener("contextmenu", onPointer, true);
  screen.addEventListener("keydown", onKey, true);
}

/** A tab the person looks at has nothing new to tell. */
function followAttention({ app, pane, api }: WireOptions): void {
  const session = () => app.dock()?.sessionOf(api.id);
  const inView = () => app.isFront() && app.dock()?.active() === api.id && api.isVisible;
  const facts = () => {
    const id = session();
    return id === undefined || !inView() ? undefined : app.sessions.byId(id);
  };
  createEffect(
    on(facts, (known) => {
      if (known !== undefined) app.sessions.focused(known.id);
    }),
  );
  pane.terminal.textarea?.addEventListener("focus", () => {
    const id = session();
    if (id !== undefined) app.sessions.focused(id);
  });
}
