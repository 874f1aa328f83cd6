/** Turns what the hub and the terminals tell into toasts and desktop notices. */
import { type Notice, notices, show } from "../../bus/contracts/hub.ts";
import { attention } from "../../bus/contracts/terminal.ts";
import { titleOf } from "../state/badges.ts";
import type { ToastAction } from "../state/toasts.ts";
import type { App } from "./app.ts";
import { openFile } from "./open-place.ts";
import { reloadInstalled } from "./reload.ts";

/** Desktop notices of one session come at most this often, milliseconds. */
const NOTIFY_MS_MIN = 2_000;

/** Lives as long as the page. */
export function feedNotices(app: App): void {
  app.connection.subscribe(notices, (notice) => showNotice(app, notice));
  const lastMs = new Map<string, number>();
  app.connection.subscribe(attention, ({ session, kind, title, text }) => {
    const known = app.sessions.byId(session);
    const name = known === undefined ? "terminal" : titleOf(known);
    // The badge of the tab counts it, and goes when the tab is looked at; the words stay in the list.
    if (kind === "notice")
      app.toasts.keep({
        tag: `notice ${session}`,
        level: "info",
        title: name,
        text: noticeWords(title, text),
      });
    const isSeen = app.isFront() && app.dock()?.activeSession() === session;
    if (isSeen) return app.sessions.focused(session);
    const now = Date.now();
    if (app.isFront() || now - (lastMs.get(session) ?? 0) < NOTIFY_MS_MIN) return;
    lastMs.set(session, now);
    app.host.notify(title === "" ? name : title, text === "" ? `${name} rang the bell` : text);
  });
  app.connection.subscribe(show, (wish) => {
    if (wish.what === "debug") app.layout.setBottom({ open: true });
    if (wish.what === "terminal" && wish.session !== undefined) showSession(app, wish.session);
    if (wish.what === "file" && wish.path !== undefined)
      openFile(app, { path: wish.path, line: wish.line ?? 0, column: wish.column ?? 0 });
  });
}

function noticeWords(title: string, text: string): string {
  return [title, text].filter((part) => part !== "").join(": ");
}

/** The same process again within a minute replaces its toast. */
function showNotice(app: App, notice: Notice): void {
  app.toasts.show({
    tag: `${notice.kind} ${notice.process}`,
    level: notice.level,
    title: notice.title,
    text: notice.text,
    actions: actionsOf(app, notice),
  });
}

function actionsOf(app: App, notice: Notice): ToastAction[] {
  const details = { label: "Details", run: () => openCrash(app, notice.crash) };
  if (notice.kind === "parked") {
    return [
      { label: "Try again", run: () => void app.processes.act(notice.process, "retry") },
      details,
    ];
  }
  if (notice.kind === "updated") {
    return [{ label: "Reload", run: () => void reloadInstalled(app) }];
  }
  return notice.crash === null ? [] : [details];
}

function openCrash(app: App, crash: string | null): void {
  app.layout.setBottom({ open: true });
  if (crash !== null) app.setWantedCrash(crash);
}

function showSession(app: App, session: string): void {
  const panel = app.dock()?.panelOf(session);
  if (panel === undefined) app.dock()?.openTerminal("within", { session });
  else app.dock()?.focusTab(panel);
}
