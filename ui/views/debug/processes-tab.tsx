/** The tree of processes: state, figures, and what can be done to each. */
import { createEffect, createMemo, createSignal, Index, type JSX, on, Show } from "solid-js";
import type { ProcessAct, ProcessRow } from "../../../bus/contracts/hub.ts";
import { useApp } from "../../app/app.ts";
import {
  ACT_ORDER,
  ACT_WORDS,
  PROCESS_COLUMNS,
  type ProcessColumn,
  type ProcessSort,
  SPARK_FROM,
  SPARK_WIDTH,
} from "../../state/processes.ts";
import { useDebug } from "./context.ts";
import { createElementSize } from "./element-size.ts";
import { Menu, type MenuItem, type MenuPlace } from "./menu.tsx";
import { createProcessActs, type ProcessActs } from "./process-acts.ts";
import { ProcessDetail } from "./process-detail.tsx";
import { pressKey } from "./process-keys.ts";
import { createLines } from "./process-lines.ts";
import { ProcessRowView } from "./process-row.tsx";
import { ProcessesHead } from "./processes-head.tsx";
import { wantedProcess, wantProcess } from "./wanted-process.ts";
import "./processes.css";

const DETAIL_PIXELS = 400;
/** Narrower than this the detail lies over the table. */
const BESIDE_FROM = 1_040;

export function ProcessesTab(): JSX.Element {
  const app = useApp();
  const debug = useDebug();
  const acts = createProcessActs(app);
  const { width, observe } = createElementSize();
  const [selected, select] = createSignal<string | undefined>(undefined);
  const [detail, setDetail] = createSignal<"closed" | "open">("closed");
  const [menu, setMenu] = createSignal<{ row: ProcessRow; place: MenuPlace } | undefined>(
    undefined,
  );
  const selectedRow = () => app.processes.rows().find(({ name }) => name === selected());
  const openMenu = (row: ProcessRow, place: MenuPlace) => {
    select(row.name);
    for (const act of row.acts) void acts.ask(row.name, act);
    setMenu({ row, place });
  };
  createEffect(
    on(wantedProcess, (name) => {
      if (name === undefined) return;
      select(name);
      setDetail("open");
      wantProcess(undefined);
    }),
  );
  return (
    <div class="processes" ref={observe}>
      <ProcessTable
        width={detail() === "open" && width() >= BESIDE_FROM ? width() - DETAIL_PIXELS : width()}
        selected={selected()}
        acts={acts}
        onSelect={select}
        onDetail={setDetail}
        onMenu={openMenu}
      />
      <Show when={detail() === "open" ? selectedRow() : undefined}>
        {(row) => (
          <ProcessDetail
            row={row()}
            isOver={width() < BESIDE_FROM}
            onClose={() => setDetail("closed")}
          />
        )}
      </Show>
      <Show when={menu()} keyed>
        {({ row, place }) => (
          <Menu
            label={`Acts on ${row.name}`}
            place={place}
            items={menuItems(
              row,
              acts,
              () => void debug.showTraffic(`process = ${row.name}`, "none"),
            )}
            onClose={() => setMenu(undefined)}
          />
        )}
      </Show>
    </div>
  );
}

interface ProcessTableProps {
  readonly width: number;
  readonly selected: string | undefined;
  readonly acts: ProcessActs;
  readonly onSelect: (name: string) => void;
  readonly onDetail: (state: "open" | "closed") => void;
  readonly onMenu: (row: ProcessRow, place: MenuPlace) => void;
}

function ProcessTable(props: ProcessTableProps): JSX.Element {
  const app = useApp();
  const [closed, setClosed] = createSignal<ReadonlySet<string>>(new Set());
  const [sort, setSort] = createSignal<ProcessSort | null>(null);
  const [isInside, setInside] = createSignal(false);
  const lines = createLines({ rows: app.processes.rows, sort, closed, isInside });
  const columns = createMemo(() => PROCESS_COLUMNS.filter(({ from }) => props.width >= from));
  const ids = createMemo(() => columns().map(({ column }) => column));
  const template = () =>
    columns()
      .map(({ column, width }) => track(column, width, props.width))
      .join(" ");
  const toggle = (name: string, wanted: "open" | "closed") =>
    setClosed((known) => toggled(known, name, wanted));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const line = lines().find(({ row }) => row.name === props.selected);
    const target = {
      lines: lines(),
      line,
      toggle,
      select: props.onSelect,
      openMenu: props.onMenu,
      setDetail: props.onDetail,
    };
    if (pressKey(event, target)) event.preventDefault();
  };
  return (
    <div
      class="processes-table inset"
      role="treegrid"
      tabindex="0"
      aria-label="Processes"
      aria-activedescendant={props.selected === undefined ? undefined : `process-${props.selected}`}
      style={{ "--columns": template() }}
      data-testid="processes-table"
      onKeyDown={onKeyDown}
      onPointerEnter={() => setInside(true)}
      onPointerLeave={() => setInside(false)}
      onFocusIn={() => setInside(true)}
      onFocusOut={() => setInside(false)}
    >
      <ProcessesHead columns={ids()} sort={sort()} setSort={setSort} />
      <Index each={lines()}>
        {(line) => {
          const name = () => line().row.name;
          return (
            <ProcessRowView
              line={line()}
              columns={ids()}
              tableWidth={props.width}
              isSelected={name() === props.selected}
              isClosed={closed().has(name())}
              acts={props.acts}
              onSelect={() => props.onSelect(name())}
              onToggle={() => toggle(name(), closed().has(name()) ? "open" : "closed")}
              onDetail={() => props.onDetail("open")}
              onMenu={(place) => props.onMenu(line().row, place)}
            />
          );
        }}
      </Index>
      <Show when={lines().length === 0}>
        <p class="debug-empty">Waiting for the hub to tell its processes</p>
      </Show>
    </div>
  );
}

function track(column: ProcessColumn, width: number, tableWidth: number): string {
  if (width === 0) return "minmax(24px, 1fr)";
  return `${column === "memory" && tableWidth >= SPARK_FROM ? width + SPARK_WIDTH : width}px`;
}

function toggled(
  closed: ReadonlySet<string>,
  name: string,
  wanted: "open" | "closed",
): ReadonlySet<string> {
  const next = new Set(closed);
  if (wanted === "closed") next.add(name);
  else next.delete(name);
  return next;
}

function menuItems(
  row: ProcessRow,
  acts: ProcessActs,
  showTraffic: () => void,
): readonly MenuItem[] {
  const offered = ACT_ORDER.filter((act) => row.acts.includes(act));
  const items = offered.map((act: ProcessAct): MenuItem => {
    const said = acts.said(row.name, act);
    const isLoss = (said?.loses.length ?? 0) > 0;
    return {
      label: isLoss ? `${ACT_WORDS[act].word} anyway` : ACT_WORDS[act].word,
      icon: ACT_WORDS[act].icon,
      says: said?.sentence,
      testid: `menu-${act}`,
      run: () => void acts.press(row.name, act),
    };
  });
  return [
    ...items,
    { label: "Show its traffic", icon: "list", testid: "menu-traffic", run: showTraffic },
  ];
}
