/** One line of the Traffic list. */
import { For, type JSX, Show } from "solid-js";
import type { TrafficRow } from "../../state/traffic-row.ts";
import {
  barLength,
  type FilterCell,
  methodWords,
  msWords,
  resultTone,
  resultWords,
  sentBackWords,
  timeTooltip,
  timeWords,
} from "../../state/traffic-words.ts";
import type { MenuPlace } from "./menu.tsx";
import type { Column } from "./traffic-columns.ts";

export interface TrafficRowProps {
  readonly row: TrafficRow;
  readonly place: number;
  readonly columns: readonly Column[];
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  readonly onDetail: () => void;
  readonly onCell: (row: TrafficRow, cell: FilterCell, mode: "only" | "not") => void;
  readonly onMenu: (place: MenuPlace) => void;
}

export function TrafficRowView(props: TrafficRowProps): JSX.Element {
  return (
    <div
      class={`traffic-row tone-${resultTone(props.row)}`}
      classList={{ "is-selected": props.isSelected }}
      role="row"
      id={`traffic-row-${props.row.entry}`}
      aria-rowindex={props.place + 1}
      aria-selected={props.isSelected}
      data-testid="traffic-row"
      onClick={() => props.onSelect()}
      onDblClick={() => props.onDetail()}
      onContextMenu={(event) => {
        event.preventDefault();
        props.onMenu({ x: event.clientX, y: event.clientY });
      }}
    >
      <For each={props.columns}>{(column) => <Cell {...props} column={column} />}</For>
    </div>
  );
}

function Cell(props: TrafficRowProps & { readonly column: Column }): JSX.Element {
  const onClick = (event: MouseEvent) => {
    const { filter } = props.column;
    if (!event.ctrlKey || filter === null) return;
    event.stopPropagation();
    props.onCell(props.row, filter, event.shiftKey ? "not" : "only");
  };
  return (
    <span
      role="gridcell"
      class={`cell cell-${props.column.id}`}
      classList={{ "is-number": props.column.isNumber }}
      title={tooltip(props.row, props.column)}
      onClick={onClick}
    >
      <Show when={props.column.id === "bar"} fallback={words(props.row, props.column)}>
        <Bar row={props.row} />
      </Show>
    </span>
  );
}

function Bar(props: { row: TrafficRow }): JSX.Element {
  const total = () => props.row.totalMs;
  const workPart = () => {
    const whole = total();
    const work = props.row.workMs ?? whole ?? 0;
    return whole === null || whole <= 0 ? 1 : Math.min(1, work / whole);
  };
  return (
    <Show when={total() !== null}>
      <span class="bar" style={{ width: `${barLength(total() ?? 0) * 100}%` }}>
        <span class="bar-wait" style={{ flex: 1 - workPart() }} />
        <span class="bar-work" style={{ flex: workPart() }} />
      </span>
    </Show>
  );
}

function words(row: TrafficRow, column: Column): string {
  switch (column.id) {
    case "time":
      return timeWords(row.atMs);
    case "delta":
      return row.deltaMs === null ? "" : msWords(row.deltaMs);
    case "from":
      return row.source;
    case "to":
      return row.destination;
    case "from-to":
      return row.destination === "" ? row.source : `${row.source} \u2192 ${row.destination}`;
    case "method":
      return methodWords(row);
    case "size":
      return sentBackWords(row);
    case "wait":
      return msWords(row.waitMs);
    case "work":
      return msWords(row.workMs);
    case "total":
      return msWords(row.totalMs);
    case "bar":
      return "";
    case "result":
      return resultWords(row);
    default:
      return column.id satisfies never;
  }
}

function tooltip(row: TrafficRow, column: Column): string | undefined {
  switch (column.id) {
    case "time":
      return timeTooltip(row.atMs);
    case "from":
    case "to":
    case "from-to":
      return `${row.source} to ${row.destination}, incarnation ${row.epoch}`;
    case "method":
      return methodWords(row);
    case "result":
      return row.status;
    default:
      return undefined;
  }
}
