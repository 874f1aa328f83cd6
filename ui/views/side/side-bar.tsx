/** The side bar: one view at a time, 260 wide unless dragged, an overlay below 960. */
import { type JSX, Match, Show, Switch } from "solid-js";
import { useApp } from "../../app/app.ts";
import { draggedSideWidth, SIDE_BAR_DEFAULT, type SideView } from "../../state/layout.ts";
import { Changes } from "../changes/changes.tsx";
import { Explorer } from "../explorer/explorer.tsx";
import { Search } from "../search/search.tsx";
import { Icon } from "../shell/icon.tsx";
import { ProcessBanner } from "../shell/process-banner.tsx";
import { ViewBoundary } from "../shell/view-boundary.tsx";
import { Notifications } from "./notifications.tsx";
import "./side-bar.css";

const TITLES: Readonly<Record<SideView, string>> = {
  explorer: "Explorer",
  search: "Search",
  changes: "Changes",
  agent: "Agent",
  mcp: "MCP",
  notifications: "Notifications",
};

/** Views that later versions fill: what they say, and the process they will stand on. */
const UNBUILT: Readonly<Partial<Record<SideView, { says: string; process: string }>>> = {
  agent: { says: "The agent is not built yet.", process: "model" },
  mcp: { says: "MCP servers are not built yet.", process: "mcp" },
};

export function SideBar(): JSX.Element {
  const app = useApp();
  const side = () => app.layout.layout().side;
  return (
    <Show when={app.layout.sideView()} keyed>
      {(view) => (
        <aside
          class="side-bar"
          style={{ width: `${side().width}px` }}
          aria-label={TITLES[view]}
          data-testid={`side-${view}`}
        >
          <header class="side-head">
            <h2>{TITLES[view]}</h2>
            <button
              type="button"
              class="icon-only"
              aria-label="Close the side bar"
              title="Close the side bar (Ctrl+Shift+B)"
              onClick={() => app.layout.showSide(null)}
            >
              <Icon name="x" size={14} />
            </button>
          </header>
          <ViewBoundary name={TITLES[view]}>
            <Switch>
              <Match when={view === "explorer"}>
                <Explorer />
              </Match>
              <Match when={view === "search"}>
                <Search />
              </Match>
              <Match when={view === "changes"}>
                <Changes />
              </Match>
              <Match when={view === "notifications"}>
                <Notifications />
              </Match>
              <Match when={UNBUILT[view]}>{(facts) => <Unbuilt {...facts()} />}</Match>
            </Switch>
          </ViewBoundary>
          <SideEdge />
        </aside>
      )}
    </Show>
  );
}

function Unbuilt(props: { says: string; process: string }): JSX.Element {
  return (
    <>
      <ProcessBanner process={props.process} />
      <p class="side-empty">{props.says}</p>
    </>
  );
}

function SideEdge(): JSX.Element {
  const app = useApp();
  const drag = (event: PointerEvent & { currentTarget: HTMLDivElement }) => {
    const handle = event.currentTarget;
    const start = app.layout.layout().side.width - event.clientX;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (move) => {
      const width = draggedSideWidth(start + move.clientX, innerWidth);
      if (width === undefined) app.layout.showSide(null);
      else app.layout.setSide({ width });
    };
    handle.onpointerup = () => {
      handle.onpointermove = null;
    };
  };
  const step = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -20, ArrowRight: 20 }[event.key];
    if (by === undefined) return;
    const width = draggedSideWidth(app.layout.layout().side.width + by, innerWidth);
    if (width !== undefined) app.layout.setSide({ width });
  };
  return (
    // biome-ignore lint/a11y/useSemanticElements: a window splitter is a focusable separator, which hr cannot be.
    <div
      class="side-edge inset"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the side bar"
      aria-valuenow={app.layout.layout().side.width}
      tabindex="0"
      onPointerDown={drag}
      onKeyDown={step}
      onDblClick={() => app.layout.setSide({ width: SIDE_BAR_DEFAULT })}
    />
  );
}
