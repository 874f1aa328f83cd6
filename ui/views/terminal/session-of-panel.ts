/** Which session a tab shows: starts one when it has none, and another when the person asks. */
import { type Accessor, createEffect, createSignal, on, onCleanup } from "solid-js";
import { TerminalCode } from "../../../bus/contracts/terminal.ts";
import { isBusError } from "../../../bus/errors.ts";
import type { App } from "../../app/app.ts";
import type { TerminalParams } from "../../app/dock.ts";
import { newSessionId } from "../../app/session-store.ts";
import { messageOf } from "../../app/settings-store.ts";
import { clock, shortPath } from "../../state/words.ts";
import type { TerminalPane } from "../../terminal/terminal-pane.ts";

/** Size asked for while the tab has none yet (it is hidden). */
const FALLBACK = { cols: 80, rows: 24 };

export interface StartFailure {
  readonly says: string;
  /** Another shell may help. */
  readonly isShell: boolean;
}

export interface PanelSession {
  /** Connects the tab's session, or starts one. Once, when the pane is mounted. */
  start(): void;
  /** The same program again, in a new session; `argv` picks another one. */
  again(argv?: readonly string[]): void;
  readonly failure: Accessor<StartFailure | undefined>;
  /** Since when a shell is being started, wall clock ms; undefined when none is. */
  readonly startingSince: Accessor<number | undefined>;
}

export function sessionOfPanel(options: {
  app: App;
  pane: TerminalPane;
  panel: string;
  params: Accessor<TerminalParams>;
}): PanelSession {
  const { app, pane, panel, params } = options;
  const [failure, setFailure] = createSignal<StartFailure | undefined>(undefined);
  const [startingSince, setStartingSince] = createSignal<number | undefined>(undefined);
  // Until a shell stands, every attempt asks for the same one: one that was started unseen is found again.
  let wanted = newSessionId();
  let isClosed = false;
  onCleanup(() => {
    isClosed = true;
    // It may have been started although the answer never came.
    if (failure() !== undefined) app.sessions.close(wanted).catch(() => undefined);
  });
  const begin = async (make: () => Promise<{ id: string; cwd: string }>): Promise<void> => {
    pane.disconnect();
    setFailure(undefined);
    setStartingSince(Date.now());
    try {
      const { id, cwd } = await make();
      wanted = newSessionId();
      if (isClosed) return void (await app.sessions.close(id));
      app.dock()?.setParams(panel, { session: id, cwd });
      pane.connect(id);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setStartingSince(undefined);
    }
  };
  const create = (argv: readonly string[] = []): void => {
    const { near, cwd } = params();
    const place = cwd !== undefined ? { cwd } : near !== undefined ? { near } : {};
    if (cwd !== undefined) {
      const folder = shortPath(cwd, app.boot.env["HOME"] ?? "");
      sayRenewed(pane, folder, app.layout.rebootedMs());
    }
    void begin(() => app.sessions.create({ id: wanted, ...sizeOf(pane), ...place, argv }));
  };
  keepFolder(options);
  return {
    failure,
    startingSince,
    start() {
      const { session } = params();
      if (session === undefined) create();
      else pane.connect(session, app.sessions.byId(session));
    },
    again(argv) {
      const { session } = params();
      const isKnown = session !== undefined && app.sessions.byId(session) !== undefined;
      if (argv !== undefined || !isKnown) return create(argv);
      void begin(() => app.sessions.restart(session, { id: wanted, ...sizeOf(pane) }));
    },
  };
}

/** The folder goes into the layout, so that a tab whose shell is lost comes back in it. */
function keepFolder({
  app,
  panel,
  params,
}: {
  app: App;
  panel: string;
  params: Accessor<TerminalParams>;
}): void {
  const folder = () => {
    const { session } = params();
    return session === undefined ? undefined : app.sessions.byId(session)?.cwd;
  };
  createEffect(
    on(folder, (cwd) => {
      const { session } = params();
      if (cwd === undefined || session === undefined || params().cwd === cwd) return;
      app.dock()?.setParams(panel, { session, cwd });
    }),
  );
}

/** Of the machine's own end nobody keeps the time; when it came back is known. */
function sayRenewed(pane: TerminalPane, folder: string, rebootedMs: number | undefined): void {
  const ended =
    rebootedMs === undefined
      ? "while Bulkhead was away"
      : `with the machine before ${clock(rebootedMs)}`;
  pane.terminal.write(`\u001b[0;2mThis shell ended ${ended}. New shell in ${folder}.\u001b[0m\r\n`);
}

function sizeOf(pane: TerminalPane): { cols: number; rows: number } {
  const size = pane.size();
  return size.cols > 1 ? size : FALLBACK;
}

function failureOf(error: unknown): StartFailure {
  return { says: messageOf(error), isShell: isBusError(error, TerminalCode.shellNotFound) };
}
