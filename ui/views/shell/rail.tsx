/** The rail: one button a view, at the foot notifications and settings. */
import { For, type JSX, Show } from "solid-js";
import { useApp } from "../../app/app.ts";
import type { IconName } from "../../icons.ts";
import { changedFiles } from "../../state/changes.ts";
import { chordLabel } from "../../state/chord.ts";
import type { CommandId } from "../../state/commands.ts";
import { keyOf } from "../../state/keymap.ts";
import { Icon } from "./icon.tsx";
import "./rail.css";

interface Item {
  readonly id: string;
  readonly label: string;
  readonly icon: IconName;
  readonly command: CommandId;
}

const TOP: readonly Item[] = [
  { id: "explorer", label: "Explorer", icon: "files", command: "view.explorer" },
  { id: "search", label: "Search", icon: "search", command: "view.search" },
  { id: "changes", label: "Changes", icon: "git-branch", command: "view.changes" },
  { id: "agent", label: "Agent", icon: "bot", command: "view.agent" },
  { id: "mcp", label: "MCP", icon: "plug", command: "view.mcp" },
  { id: "debug", label: "Debug", icon: "bug", command: "view.debug" },
];
const FOOT: readonly Item[] = [
  { id: "notifications", label: "Notifications", icon: "bell", command: "view.notifications" },
  { id: "settings", label: "Settings", icon: "settings", command: "settings.show" },
];

export function Rail(): JSX.Element {
  return (
    <nav class="rail" aria-label="Views" data-testid="rail">
      <For each={TOP}>{(item) => <RailButton item={item} />}</For>
      <div class="rail-gap" />
      <For each={FOOT}>{(item) => <RailButton item={item} />}</For>
    </nav>
  );
}

function RailButton(props: { item: Item }): JSX.Element {
  const app = useApp();
  const isOpen = () => {
    if (props.item.id === "debug") return app.layout.layout().bottom.open;
    return app.layout.sideView() === props.item.id;
  };
  const count = () => badgeCount(props.item.id);
  const badgeCount = (id: string): number => {
    if (id === "notifications") return app.toasts.unread() + calls();
    if (id === "changes") return changedFiles(app.changes.status()?.changes ?? []);
    return id === "debug" ? stopped() : 0;
  };
  const calls = () =>
    (app.sessions.all() ?? []).filter(
      ({ attention }) => attention.bells > 0 || attention.notice !== null,
    ).length;
  const stopped = () => app.processes.rows().filter(({ state }) => state === "parked").length;
  const what = () => (props.item.id === "changes" ? "changed" : "new");
  const label = () => {
    const key = keyOf(app.settings.keymap(), props.item.command);
    return key === undefined ? props.item.label : `${props.item.label} (${chordLabel(key)})`;
  };
  return (
    <button
      type="button"
      class="rail-cell inset"
      classList={{ "rail-open": isOpen() }}
      aria-label={count() > 0 ? `${props.item.label}, ${count()} ${what()}` : props.item.label}
      aria-pressed={isOpen()}
      title={label()}
      data-testid={`rail-${props.item.id}`}
      onClick={() => app.run(props.item.command)}
    >
      <Icon name={props.item.icon} size={20} />
      <Show when={count() > 0}>
        <span class="rail-badge" aria-hidden="true">
          {count() > 99 ? "99+" : count()}
        </span>
      </Show>
    </button>
  );
}
