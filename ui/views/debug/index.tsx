/** The debug panel: processes, traffic and crash reports, on one tap and one list of processes. */
// Before the tabs, whose sheets refine it.
import "./debug.css";

import {
  createEffect,
  createMemo,
  createSignal,
  For,
  type JSX,
  Match,
  onCleanup,
  Switch,
} from "solid-js";
import { useApp } from "../../app/app.ts";
import { processFigures } from "../../state/processes.ts";
import { createMemoryHistory } from "../../state/processes-memory.ts";
import type { TrafficRow } from "../../state/traffic-row.ts";
import { bytesWords, countWords } from "../../state/traffic-words.ts";
import { Icon } from "../shell/icon.tsx";
import { AuditTab } from "./audit-tab.tsx";
import { DebugContext, type DebugTab } from "./context.ts";
import { createCrashList } from "./crash-list.ts";
import { CrashesTab } from "./crashes-tab.tsx";
import { createLiveTraffic } from "./live-traffic.ts";
import { ProcessesTab } from "./processes-tab.tsx";
import { TrafficTab } from "./traffic-tab.tsx";
import { wantedProcess } from "./wanted-process.ts";

export interface DebugPanelProps {
  readonly onClose: () => void;
  readonly onToggleMaximize: () => void;
  readonly maximized: boolean;
}

/** Everything it opens (tap, worker) ends with it: closed, it costs nothing. */
export function DebugPanel(props: DebugPanelProps): JSX.Element {
  const app = useApp();
  const [tab, setTab] = createSignal<DebugTab>("processes");
  const traffic = createLiveTraffic(app.connection);
  const crashes = createCrashList(app.connection);
  const memory = createMemoryHistory();
  createEffect(() => memory.add(app.processes.nowMs(), app.processes.rows()));
  createEffect(() => {
    if (wantedProcess() !== undefined) setTab("processes");
  });
  createEffect(() => {
    const id = app.wantedCrash();
    if (id === undefined) return;
    setTab("crashes");
    crashes.select(id);
    app.setWantedCrash(undefined);
  });
  onCleanup(() => traffic.close());
  const [selectedRow, selectRow] = createSignal<TrafficRow | undefined>(undefined);
  const showTraffic = async (filter: string, select: "none" | "last") => {
    setTab("traffic");
    await traffic.setFilterText(filter);
    selectRow(select === "last" ? await traffic.lastRow() : undefined);
  };
  const context = {
    traffic,
    crashes,
    memory,
    showTraffic,
    setTab,
    selectedRow,
    selectRow,
  };
  return (
    <DebugContext.Provider value={context}>
      <div id="debug-panel" class="debug" data-testid="debug-panel">
        <header class="debug-head">
          <Tabs tab={tab()} setTab={setTab} crashes={crashes.heads().length} />
          <Figures />
          <button
            type="button"
            class="icon-only"
            aria-label={props.maximized ? "Restore panel" : "Maximise panel"}
            title={props.maximized ? "Restore panel" : "Maximise panel"}
            data-testid="debug-maximize"
            onClick={() => props.onToggleMaximize()}
          >
            <Icon name={props.maximized ? "minimize-2" : "maximize-2"} />
          </button>
          <button
            type="button"
            class="icon-only"
            aria-label="Close panel"
            title="Close panel (Ctrl+Shift+Y)"
            data-testid="debug-close"
            onClick={() => props.onClose()}
          >
            <Icon name="x" />
          </button>
        </header>
        <div
          class="debug-body"
          role="tabpanel"
          id="debug-tabpanel"
          aria-labelledby={`debug-tab-${tab()}`}
        >
          <Switch>
            <Match when={tab() === "processes"}>
              <ProcessesTab />
            </Match>
            <Match when={tab() === "traffic"}>
              <TrafficTab />
            </Match>
            <Match when={tab() === "crashes"}>
              <CrashesTab />
            </Match>
            <Match when={tab() === "audit"}>
              <AuditTab />
            </Match>
          </Switch>
        </div>
      </div>
    </DebugContext.Provider>
  );

  function Figures(): JSX.Element {
    const figures = createMemo(() => processFigures(app.processes.rows()));
    return (
      <p class="debug-figures" data-testid="debug-figures">
        <span class="figure-wide">{figures().count} processes</span>
        <span class="figure-wide">{bytesWords(figures().bytes)}</span>
        <span>{countWords(Math.round(traffic.look().framesPerSecond))} frames/s</span>
        <span classList={{ "debug-missed": traffic.look().missed > 0 }}>
          {countWords(traffic.look().missed)} not captured
        </span>
      </p>
    );
  }
}

const TABS: ReadonlyArray<{ readonly id: DebugTab; readonly label: string }> = [
  { id: "processes", label: "Processes" },
  { id: "traffic", label: "Traffic" },
  { id: "crashes", label: "Crashes" },
  { id: "audit", label: "Audit" },
];

function Tabs(props: {
  tab: DebugTab;
  setTab: (tab: DebugTab) => void;
  crashes: number;
}): JSX.Element {
  let list: HTMLDivElement | undefined;
  const move = (event: KeyboardEvent) => {
    if (event.key === "/" && props.tab === "traffic") {
      event.preventDefault();
      document.getElementById("traffic-filter")?.focus();
    }
    const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const at = TABS.findIndex(({ id }) => id === props.tab);
    const next = TABS[(at + step + TABS.length) % TABS.length];
    if (next === undefined) return;
    props.setTab(next.id);
    list?.querySelector<HTMLElement>(`#debug-tab-${next.id}`)?.focus();
  };
  return (
    <div
      class="debug-tabs"
      role="tablist"
      aria-label="Debug panel views"
      ref={(element) => {
        list = element;
      }}
    >
      <For each={TABS}>
        {({ id, label }) => (
          <button
            type="button"
            role="tab"
            class="debug-tab inset"
            id={`debug-tab-${id}`}
            data-testid={`debug-tab-${id}`}
            aria-selected={props.tab === id}
            aria-controls="debug-tabpanel"
            tabindex={props.tab === id ? 0 : -1}
            onClick={() => props.setTab(id)}
            onKeyDown={move}
          >
            {label}
            {id === "crashes" && props.crashes > 0 ? (
              <span class="debug-count">{props.crashes}</span>
            ) : null}
          </button>
        )}
      </For>
    </div>
  );
}
