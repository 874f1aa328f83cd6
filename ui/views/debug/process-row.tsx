/** One process: its cells, and at the right what can be done to it while pointer or focus is on the row. */
import { createSignal, For, type JSX, Match, Show, Switch } from "solid-js";
import type { ProcessAct, ProcessRow } from "../../../bus/contracts/hub.ts";
import { useApp } from "../../app/app.ts";
import { titleOf } from "../../state/badges.ts";
import { LAMPS, lampWord } from "../../state/lamp.ts";
import {
  ACT_WORDS,
  type ProcessColumn,
  type ProcessLine,
  rowActs,
  SPARK_FROM,
} from "../../state/processes.ts";
import { bytesWords, countWords, msWords } from "../../state/traffic-words.ts";
import { duration } from "../../state/words.ts";
import { Icon } from "../shell/icon.tsx";
import { Lamp } from "../shell/lamp.tsx";
import { useDebug } from "./context.ts";
import type { MenuPlace } from "./menu.tsx";
import type { ProcessActs } from "./process-acts.ts";
import { Spark } from "./spark.tsx";

/** States whose word counts seconds. */
const COUNTING: ReadonlySet<string> = new Set(["backing-off", "starting", "stopping"]);

export interface ProcessRowProps {
  readonly line: ProcessLine;
  readonly columns: readonly ProcessColumn[];
  readonly tableWidth: number;
  readonly isSelected: boolean;
  readonly isClosed: boolean;
  readonly acts: ProcessActs;
  readonly onSelect: () => void;
  readonly onToggle: () => void;
  readonly onDetail: () => void;
  readonly onMenu: (place: MenuPlace) => void;
}

export function ProcessRowView(props: ProcessRowProps): JSX.Element {
  const row = () => props.line.row;
  return (
    <div
      class="processes-row"
      classList={{ "is-selected": props.isSelected }}
      role="row"
      id={`process-${row().name}`}
      data-testid={`process-row-${row().name}`}
      data-state={row().state}
      aria-selected={props.isSelected}
      aria-level={props.line.level + 1}
      aria-expanded={props.line.hasChildren ? !props.isClosed : undefined}
      onClick={() => props.onSelect()}
      onDblClick={() => props.onDetail()}
      onContextMenu={(event) => {
        event.preventDefault();
        props.onMenu({ x: event.clientX, y: event.clientY });
      }}
    >
      <For each={props.columns}>{(column) => <Cell column={column} {...props} />}</For>
      <Acts row={row()} acts={props.acts} isSelected={props.isSelected} />
    </div>
  );
}

function Cell(props: ProcessRowProps & { readonly column: ProcessColumn }): JSX.Element {
  return (
    <Switch
      fallback={
        <NumberCell row={props.line.row} column={props.column} tableWidth={props.tableWidth} />
      }
    >
      <Match when={props.column === "process"}>
        <NameCell {...props} />
      </Match>
      <Match when={props.column === "state"}>
        <StateCell row={props.line.row} />
      </Match>
      <Match when={props.column === "reason"}>
        <span role="gridcell" class="cell cell-dim" title={props.line.row.reason}>
          {props.line.row.reason}
        </span>
      </Match>
    </Switch>
  );
}

function NameCell(props: ProcessRowProps): JSX.Element {
  const { sessions } = useApp();
  // A shell is known to a person by the title of its tab.
  const label = () => {
    const { kind, name, pid } = props.line.row;
    const session = kind === "shell" ? sessions.all()?.find((one) => one.pid === pid) : undefined;
    return session === undefined ? name : titleOf(session);
  };
  return (
    <span
      role="gridcell"
      class="cell cell-name"
      style={{ "padding-left": `${4 + props.line.level * 16}px` }}
      title={`${props.line.row.name}: ${props.line.row.kind}, incarnation ${props.line.row.epoch}`}
    >
      <span class="cell-twist">
        <Show when={props.line.hasChildren}>
          <button
            type="button"
            class="twist"
            tabindex="-1"
            aria-label={
              props.isClosed ? `Open ${props.line.row.name}` : `Close ${props.line.row.name}`
            }
            onClick={(event) => {
              event.stopPropagation();
              props.onToggle();
            }}
          >
            <Icon name={props.isClosed ? "chevron-right" : "chevron-down"} size={12} />
          </button>
        </Show>
      </span>
      {label()}
    </span>
  );
}

function StateCell(props: { row: ProcessRow }): JSX.Element {
  const { processes } = useApp();
  const word = () => lampWord(props.row, processes.nowMs());
  // What does not fit here stands in the columns for it: held messages, the reason.
  const short = () => (COUNTING.has(props.row.state) ? word() : LAMPS[props.row.state].word);
  return (
    <span
      role="gridcell"
      class="cell cell-state"
      title={word()}
      data-testid={`process-state-${props.row.name}`}
    >
      <Lamp state={props.row.state} />
      <span class="cell-state-word">{short()}</span>
    </span>
  );
}

function NumberCell(props: {
  row: ProcessRow;
  column: ProcessColumn;
  tableWidth: number;
}): JSX.Element {
  const { memory } = useDebug();
  const hasSpark = () => props.column === "memory" && props.tableWidth >= SPARK_FROM;
  return (
    <span role="gridcell" class="cell is-number" title={numberTooltip(props.row, props.column)}>
      <Show when={hasSpark()}>
        <Spark values={memory.of(props.row)} width={52} height={14} label="Memory" />
      </Show>
      {numberWords(props.row, props.column)}
    </span>
  );
}

function numberWords(row: ProcessRow, column: ProcessColumn): string {
  switch (column) {
    case "pid":
      return row.pid === null ? "" : String(row.pid);
    case "up":
      return row.uptimeMs === null ? "" : duration(row.uptimeMs);
    case "memory": {
      const bytes = row.pssBytes ?? row.rssBytes;
      return bytes === null ? "" : bytesWords(bytes);
    }
    case "cpu":
      return row.cpuPercent === null ? "" : row.cpuPercent.toFixed(1);
    case "lag":
      return msWords(row.lagMs);
    case "mailbox":
      return mailboxWords(row);
    case "restarts":
      return countWords(row.restarts);
    default:
      return "";
  }
}

function mailboxWords(row: ProcessRow): string {
  if (row.held === 0) return String(row.mailbox);
  return row.mailbox === 0 ? `${row.held} held` : `${row.mailbox} + ${row.held}`;
}

function numberTooltip(row: ProcessRow, column: ProcessColumn): string | undefined {
  if (column === "mailbox") return `${row.mailbox} waiting, ${row.held} held`;
  if (column !== "memory") return undefined;
  const parts = [];
  if (row.pssBytes !== null)
    parts.push(`${bytesWords(row.pssBytes)} proportional (shared pages counted once)`);
  if (row.rssBytes !== null) parts.push(`${bytesWords(row.rssBytes)} resident`);
  return parts.join(", ");
}

function Acts(props: { row: ProcessRow; acts: ProcessActs; isSelected: boolean }): JSX.Element {
  const isArmed = (act: ProcessAct) => {
    const armed = props.acts.armed();
    return armed?.name === props.row.name && armed.act === act;
  };
  return (
    <span
      role="gridcell"
      class="cell cell-acts"
      classList={{ "is-armed": props.acts.armed()?.name === props.row.name }}
    >
      <For each={rowActs(props.row)}>
        {(act) => (
          <ActButton
            row={props.row}
            act={act}
            acts={props.acts}
            isArmed={isArmed(act)}
            isSelected={props.isSelected}
          />
        )}
      </For>
    </span>
  );
}

function ActButton(props: {
  row: ProcessRow;
  act: ProcessAct;
  acts: ProcessActs;
  isArmed: boolean;
  isSelected: boolean;
}): JSX.Element {
  const [isShown, setShown] = createSignal(false);
  const word = () => ACT_WORDS[props.act].word;
  const said = () => props.acts.said(props.row.name, props.act);
  const id = () => `act-${props.act}-${props.row.name}`;
  const show = () => {
    setShown(true);
    void props.acts.ask(props.row.name, props.act);
  };
  return (
    <span class="act">
      <button
        type="button"
        class={props.isArmed ? "act-anyway" : "icon-only"}
        data-testid={`act-${props.act}`}
        // Only the selected row's acts are in the tab order: the table is one stop, not three a row.
        tabindex={props.isSelected || props.isArmed ? 0 : -1}
        aria-label={props.isArmed ? undefined : `${word()} ${props.row.name}`}
        aria-describedby={isShown() ? `${id()}-says` : undefined}
        onPointerEnter={show}
        onPointerLeave={() => setShown(false)}
        onFocus={show}
        onBlur={() => setShown(false)}
        onDblClick={(event) => event.stopPropagation()}
        onClick={(event) => {
          event.stopPropagation();
          void props.acts.press(props.row.name, props.act);
        }}
      >
        {props.isArmed ? `${word()} anyway` : <Icon name={ACT_WORDS[props.act].icon} />}
      </button>
      <Show when={isShown()}>
        <span class="act-says" role="tooltip" id={`${id()}-says`} data-testid="act-says">
          {said()?.sentence ?? `${word()} ${props.row.name}`}
          <For each={said()?.loses ?? []}>{(loss) => <span class="act-loss">{loss}</span>}</For>
        </span>
      </Show>
    </span>
  );
}
