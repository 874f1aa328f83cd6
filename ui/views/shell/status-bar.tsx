/** The status bar: lamps on the left, the terminal in view and the bell on the right. Every item is a button. */
import { For, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import { createStartHint } from "../../app/start-hint.ts";
import { LAMP_ORDER, LAMPS, lampTooltip, lampWord } from "../../state/lamp.ts";
import { counted, shortPath } from "../../state/words.ts";
import { wantProcess } from "../debug/wanted-process.ts";
import { EditorItems } from "./editor-items.tsx";
import { BranchItem, GrantsItem } from "./git-items.tsx";
import { Icon } from "./icon.tsx";
import { Lamp } from "./lamp.tsx";
import "./status-bar.css";

export function StatusBar(): JSX.Element {
  return (
    <footer class="status-bar" data-testid="status-bar">
      <div class="status-lamps">
        <For each={LAMP_ORDER}>
          {(item) => <StatusLamp label={item.label} process={item.process} />}
        </For>
      </div>
      <div class="status-right">
        <Hint />
        <GrantsItem />
        <BranchItem />
        <TerminalFacts />
        <EditorItems />
        <Memory />
        <Bell />
      </div>
    </footer>
  );
}

function StatusLamp(props: { label: string; process: string }): JSX.Element {
  const app = useApp();
  const row = () => app.processes.row(props.process);
  const isHubAway = () => props.process === "hub" && app.connection.state() !== "live";
  const state = () => (isHubAway() ? "starting" : (row()?.state ?? "dormant"));
  const word = () => {
    const known = row();
    if (isHubAway()) return "away";
    return known === undefined ? "not known yet" : lampWord(known, app.processes.nowMs());
  };
  const open = () => {
    app.layout.setBottom({ open: true });
    wantProcess(props.process);
  };
  return (
    <button
      type="button"
      class="status-item inset"
      classList={{ "status-loud": ["warn", "error"].includes(LAMPS[state()].tone) }}
      aria-label={`${props.label} ${word()}`}
      title={lampTooltip(props.label, row(), app.processes.nowMs())}
      data-testid={`lamp-${props.process}`}
      data-state={state()}
      onClick={open}
    >
      <Lamp state={state()} />
      <span class="status-lamp-name">{props.label}</span>{" "}
      <Show when={!["ready", "dormant"].includes(state())}>
        <span class="status-lamp-word">{LAMPS[state()].word}</span>
      </Show>
    </button>
  );
}

/** For the first sessions only; the palette tells its key by itself. */
function Hint(): JSX.Element {
  const app = useApp();
  const isShown = createStartHint(
    app.connection,
    app.boot.crash === undefined ? "start" : "return",
  );
  return (
    <Show when={isShown()}>
      <button
        type="button"
        class="status-item status-hint inset"
        data-testid="start-hint"
        onClick={() => app.run("palette.show")}
      >
        Ctrl+Shift+P all commands
      </button>
    </Show>
  );
}

function TerminalFacts(): JSX.Element {
  const app = useApp();
  const session = () => {
    const id = app.dock()?.activeSession();
    return id === undefined ? undefined : app.sessions.byId(id);
  };
  return (
    <Show when={session()}>
      {(known) => (
        <button
          type="button"
          class="status-item status-folder inset"
          title={`${known().cwd}\n${known().shell}, pid ${known().pid}, ${known().cols} x ${known().rows}`}
          onClick={() => app.run("tab.rename")}
        >
          {shortPath(known().cwd, app.boot.env["HOME"] ?? "")}
          <span class="status-pid">
            {known().shell} {known().pid}
          </span>
        </button>
      )}
    </Show>
  );
}

function Memory(): JSX.Element {
  const app = useApp();
  const ours = () => app.processes.rows().filter(({ kind }) => kind !== "shell");
  const bytes = () => ours().reduce((sum, row) => sum + (row.pssBytes ?? row.rssBytes ?? 0), 0);
  return (
    <Show when={bytes() > 0}>
      <button
        type="button"
        class="status-item status-memory inset"
        title={`Memory of ${counted(ours().length, "process", "processes")} of Bulkhead, shells not counted`}
        onClick={() => app.run("view.debug")}
      >
        {Math.round(bytes() / 1_048_576)} MB
      </button>
    </Show>
  );
}

function Bell(): JSX.Element {
  const app = useApp();
  const unread = () => app.toasts.unread();
  return (
    <button
      type="button"
      class="status-item inset"
      aria-label={unread() > 0 ? `Notifications, ${unread()} new` : "Notifications"}
      title="Notifications"
      data-testid="status-bell"
      onClick={() => app.run("view.notifications")}
    >
      <Icon name="bell" size={12} />
      <Show when={unread() > 0}>{unread()}</Show>
    </button>
  );
}
