/** Brings the tabs back: the stored layout, then shells without a tab, then one new terminal if there is none. */
import type { DockviewApi } from "dockview-core";
import * as v from "valibot";
import type { Session } from "../../../bus/contracts/terminal.ts";
import type { App } from "../../app/app.ts";
import { resumeFocus } from "../../app/panes.ts";
import { clock, counted, size } from "../../state/words.ts";
import type { DockControl } from "./dock-control.ts";
import { readPanelParams } from "./panel-params.ts";

/** What of dockview's own form is looked at. */
const Stored = v.looseObject({
  panels: v.record(v.string(), v.looseObject({ params: v.optional(v.unknown()) })),
});

/** How long the list of shells is waited for before tabs are drawn without it, milliseconds. */
const SESSIONS_MS_MAX = 3_000;
/** A page that comes so soon after the first shell was reloaded by its person, milliseconds. */
const YOUNG_MS = 5_000;
/** How long screens are waited for before the toast counts those that are missing, milliseconds. */
const SETTLE_MS_MAX = 5_000;

/** Resolves when the tabs stand. */
export async function restoreDock(app: App, api: DockviewApi, dock: DockControl): Promise<void> {
  const [layout, sessions] = await Promise.all([app.layout.load(), knownSessions(app)]);
  const alive = (sessions ?? []).filter(({ state }) => state !== "closing");
  loadStored(api, sessions === undefined ? layout.dock : withoutLost(layout.dock, sessions));
  if (sessions !== undefined) removeLost(api, alive);
  for (const session of alive) {
    if (dock.panelOf(session.id) === undefined)
      dock.openTerminal("within", { session: session.id });
  }
  if (api.panels.length === 0) dock.openTerminal("within");
  resumeFocus(app);
  app.early.settle((text, atMs) => dock.activeHandle()?.typeEarly(text, atMs));
  if (app.boot.crash === undefined) tellReattached(app, alive);
  else void tellPageCrash(app, dock, app.boot.crash);
}

function loadStored(api: DockviewApi, stored: unknown): void {
  if (typeof stored !== "object" || stored === null) return;
  try {
    api.fromJSON(stored as Parameters<DockviewApi["fromJSON"]>[0]);
  } catch {
    // A layout of another version, or a damaged one: the tabs come back in one group.
    api.clear();
  }
}

/** The same layout, where tabs whose shell is gone name only its folder: they start a new one in it, and say so. */
function withoutLost(stored: unknown, known: readonly Session[]): unknown {
  const layout = v.safeParse(Stored, stored);
  if (!layout.success) return stored;
  const panels = Object.entries(layout.output.panels).map(([id, panel]) => {
    const { session, cwd } = readPanelParams(panel.params);
    const isLost = session !== undefined && !known.some((one) => one.id === session);
    return [id, isLost && cwd !== undefined ? { ...panel, params: { cwd } } : panel];
  });
  return { ...layout.output, panels: Object.fromEntries(panels) };
}

/** Tabs that are being closed, or that nobody knows a folder of. */
function removeLost(api: DockviewApi, alive: readonly Session[]): void {
  for (const panel of [...api.panels]) {
    const { session } = readPanelParams(panel.params);
    if (session !== undefined && !alive.some(({ id }) => id === session)) api.removePanel(panel);
  }
}

function knownSessions(app: App): Promise<readonly Session[] | undefined> {
  const until = Date.now() + SESSIONS_MS_MAX;
  return new Promise((resolve) => {
    const look = (): void => {
      const known = app.sessions.all();
      if (known !== undefined || Date.now() >= until) resolve(known);
      else setTimeout(look, 20);
    };
    look();
  });
}

/** Measured from the end of the old page to the last screen that stands again. */
async function tellPageCrash(
  app: App,
  dock: DockControl,
  crash: { reason: string; atMs: number },
): Promise<void> {
  const untilMs = Date.now() + SETTLE_MS_MAX;
  const left = (): number => [...dock.handles.values()].filter((pane) => !pane.isSettled()).length;
  while (left() > 0 && Date.now() < untilMs) await new Promise((wake) => setTimeout(wake, 10));
  const seconds = ((Date.now() - crash.atMs) / 1_000).toFixed(1);
  const restored = "layout, text and terminals restored";
  const details = { label: "Details", run: () => void showPageCrash(app, crash) };
  app.toasts.show({
    tag: "page crashed",
    level: left() === 0 ? "ok" : "warn",
    title: `The window came back in ${seconds} s`,
    text: left() === 0 ? restored : `${counted(left(), "terminal")} not restored yet`,
    actions: [details],
  });
}

async function showPageCrash(app: App, crash: { reason: string; atMs: number }): Promise<void> {
  await app.dialog.ask({
    title: "The window's page crashed",
    lines: [`Reason: ${crash.reason}`, `At ${clock(crash.atMs)}`, "Its process keeps no stack."],
    buttons: [{ value: "cancel", label: "Close", isDefault: true }],
  });
}

function tellReattached(app: App, sessions: readonly Session[]): void {
  const oldest = sessions.reduce(
    (least, { createdMs }) => Math.min(least, createdMs),
    Number.POSITIVE_INFINITY,
  );
  if (sessions.length === 0 || Date.now() - oldest < YOUNG_MS) return;
  const bytes = sessions.reduce((sum, { unseenBytes }) => sum + unseenBytes, 0);
  app.toasts.show({
    tag: "reattached",
    level: "ok",
    title: `${counted(sessions.length, "shell")} reattached`,
    text: `running since ${clock(oldest)}, ${size(bytes)} of output while you were away`,
  });
}
