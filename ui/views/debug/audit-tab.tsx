/**
 * What the agent and the MCP servers did with files and commands, and what you opened: the file guard's hash-chained
 * log. It lies beside the crash reports: both are looked at after the fact, with the frames of Traffic at hand.
 */
import { createSignal, For, Index, type JSX, Match, Show, Switch } from "solid-js";
import type { AuditEntry } from "../../../bus/contracts/file-guard.ts";
import { useApp } from "../../app/app.ts";
import { knownFolders } from "../../app/known-folders.ts";
import {
  DECISIONS,
  endWords,
  headWords,
  PRINCIPALS,
  whatWords,
  whoWords,
} from "../../state/audit-words.ts";
import { shortened } from "../../state/denial.ts";
import { timeTooltip, timeWords } from "../../state/traffic-words.ts";
import { Icon } from "../shell/icon.tsx";
import "./audit.css";
import { type AuditList, createAuditList } from "./audit-list.ts";
import { DetailPane } from "./detail-pane.tsx";
import { createElementSize } from "./element-size.ts";

const ROW_PX = 22;
const SPARE_ROWS = 10;
/** Below this the details lie over the list, pixels. */
const BESIDE_PX = 900;

export function AuditTab(): JSX.Element {
  const app = useApp();
  const [top, setTop] = createSignal(0);
  const [selected, select] = createSignal<number | undefined>(undefined);
  const list = createAuditList(app.connection, () => top() < ROW_PX);
  const size = createElementSize();
  let box: HTMLElement | undefined;
  const entry = () => list.entries().find(({ number }) => number === selected());
  const toTop = () => {
    if (box !== undefined) box.scrollTop = 0;
    list.reload();
  };
  return (
    <div class="audit" ref={size.observe}>
      <Tools list={list} onNewer={toTop} />
      <Verdict list={list} />
      <div class="audit-middle">
        <div class="audit-table">
          <Heads />
          <Says list={list} />
          <Rows
            list={list}
            top={top()}
            selected={selected()}
            onSelect={select}
            onScroll={(made) => {
              box = made;
              setTop(made.scrollTop);
            }}
          />
        </div>
        <Show when={entry()}>
          {(shown) => (
            <Detail
              entry={shown()}
              isOver={size.width() < BESIDE_PX}
              onClose={() => select(undefined)}
            />
          )}
        </Show>
      </div>
    </div>
  );
}

function Tools(props: { list: AuditList; onNewer: () => void }): JSX.Element {
  const filter = () => props.list.filter();
  const problem = () => props.list.head()?.problem ?? "";
  return (
    <div class="audit-tools" role="toolbar" aria-label="Audit log">
      <label class="audit-choice">
        By
        <select
          data-testid="audit-principal"
          onChange={(event) =>
            props.list.setFilter({ ...filter(), principal: event.currentTarget.value })
          }
        >
          <For each={PRINCIPALS}>{([value, name]) => <option value={value}>{name}</option>}</For>
        </select>
      </label>
      <label class="audit-choice">
        Decision
        <select
          data-testid="audit-decision"
          onChange={(event) => {
            const decision = DECISIONS.find(([value]) => value === event.currentTarget.value)?.[0];
            props.list.setFilter({ ...filter(), decision: decision ?? "" });
          }}
        >
          <For each={DECISIONS}>{([value, name]) => <option value={value}>{name}</option>}</For>
        </select>
      </label>
      <Show when={props.list.newer() > 0 && props.list.state() === "ready"}>
        <button type="button" class="link" onClick={() => props.onNewer()}>
          {props.list.newer().toLocaleString("en-US")} newer - show
        </button>
      </Show>
      <span class="audit-head" data-testid="audit-head">
        <Show when={problem()} fallback={<HeadWords list={props.list} />}>
          <Icon name="triangle-alert" size={12} /> nothing can be recorded: {problem()}
        </Show>
      </span>
      <button
        type="button"
        class="tool"
        disabled={props.list.isVerifying()}
        title="Looks through the whole log: every record, unchanged and in order"
        data-testid="audit-verify"
        onClick={() => void props.list.verify()}
      >
        <Icon name="check" size={12} /> {props.list.isVerifying() ? "Verifying" : "Verify"}
      </button>
    </div>
  );
}

function HeadWords(props: { list: AuditList }): JSX.Element {
  return <Show when={props.list.head()}>{(head) => <>{headWords(head())}</>}</Show>;
}

function Verdict(props: { list: AuditList }): JSX.Element {
  return (
    <Show when={props.list.verdict()}>
      {(verdict) => (
        <p
          class="audit-verdict"
          classList={{ "audit-broken": !verdict().isWhole }}
          role="status"
          data-testid="audit-verdict"
        >
          <Icon name={verdict().isWhole ? "check" : "triangle-alert"} size={12} /> {verdict().words}
        </p>
      )}
    </Show>
  );
}

function Heads(): JSX.Element {
  return (
    <div class="audit-row audit-heads" aria-hidden="true">
      <span>Time</span>
      <span>By</span>
      <span>Did</span>
      <span>To</span>
      <span>Decision</span>
      <span class="audit-end">Rule or end</span>
    </div>
  );
}

interface RowsProps {
  readonly list: AuditList;
  readonly top: number;
  readonly selected: number | undefined;
  readonly onSelect: (number: number) => void;
  readonly onScroll: (box: HTMLElement) => void;
}

function Rows(props: RowsProps): JSX.Element {
  const size = createElementSize();
  let box: HTMLElement | undefined;
  const entries = () => props.list.entries();
  const first = () => Math.max(0, Math.floor(props.top / ROW_PX) - SPARE_ROWS);
  const shown = () =>
    entries().slice(first(), first() + Math.ceil(size.height() / ROW_PX) + 2 * SPARE_ROWS);
  const scrolled = (made: HTMLElement) => {
    props.onScroll(made);
    const left = made.scrollHeight - made.scrollTop - made.clientHeight;
    if (left < made.clientHeight) props.list.more();
  };
  const keyed = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = entries().findIndex(({ number }) => number === props.selected);
    const to = Math.min(Math.max(at + step, 0), entries().length - 1);
    const next = entries()[to];
    if (next !== undefined) props.onSelect(next.number);
    if (box !== undefined) keepInView(box, to);
  };
  return (
    <div
      ref={(made) => {
        box = made;
        size.observe(made);
      }}
      class="audit-rows inset"
      role="listbox"
      tabIndex={0}
      aria-label="Records, newest first"
      data-testid="audit-rows"
      onScroll={(event) => scrolled(event.currentTarget)}
      onKeyDown={keyed}
    >
      <div class="audit-space" style={{ height: `${entries().length * ROW_PX}px` }}>
        <Index each={shown()}>
          {(entry, index) => (
            <Line
              entry={entry()}
              top={(first() + index) * ROW_PX}
              isSelected={entry().number === props.selected}
              onSelect={() => props.onSelect(entry().number)}
            />
          )}
        </Index>
      </div>
    </div>
  );
}

function Says(props: { list: AuditList }): JSX.Element {
  const { list } = props;
  const isFiltered = () => list.filter().principal !== "" || list.filter().decision !== "";
  const isEmpty = () => list.entries().length === 0;
  return (
    <Switch>
      <Match when={list.state() === "failed"}>
        <p class="audit-says" role="status" data-testid="audit-says">
          The log cannot be read: {list.problem()}{" "}
          <button type="button" class="link" onClick={() => list.reload()}>
            Try again
          </button>
        </p>
      </Match>
      <Match when={list.state() === "loading" && isEmpty()}>
        <p class="audit-says" role="status">
          Reading the newest records
        </p>
      </Match>
      <Match when={isEmpty() && isFiltered()}>
        <p class="audit-says" role="status" data-testid="audit-says">
          No record fits.{" "}
          <Show when={list.hasMore()}>
            <button type="button" class="link" onClick={() => list.more()}>
              Look further back
            </button>
          </Show>
        </p>
      </Match>
      <Match when={isEmpty()}>
        <p class="audit-says" role="status" data-testid="audit-says">
          No record yet. What the agent and MCP servers do with files and commands is written here,
          and what you open of closed files.
        </p>
      </Match>
    </Switch>
  );
}

function Line(props: {
  entry: AuditEntry;
  top: number;
  isSelected: boolean;
  onSelect: () => void;
}): JSX.Element {
  const app = useApp();
  const isBad = () => props.entry.decision !== "allowed";
  const shortEntry = (): AuditEntry => {
    const { to, path } = props.entry;
    const short = (whole: string) => shortened(whole, knownFolders(app));
    return { ...props.entry, path: short(path), ...(to === undefined ? {} : { to: short(to) }) };
  };
  return (
    <div
      class="audit-row"
      classList={{ "is-selected": props.isSelected, "audit-bad": isBad() }}
      role="option"
      tabIndex={-1}
      aria-selected={props.isSelected}
      data-decision={props.entry.decision}
      style={{ transform: `translateY(${props.top}px)` }}
      onClick={() => props.onSelect()}
    >
      <span title={timeTooltip(props.entry.atMs)}>{timeWords(props.entry.atMs)}</span>
      <span>{whoWords(props.entry.principal)}</span>
      <span>{props.entry.op}</span>
      <span class="audit-what" title={whatWords(props.entry)}>
        {whatWords(shortEntry())}
      </span>
      <span class="audit-decision">
        <Show when={isBad()}>
          <Icon name={props.entry.decision === "denied" ? "lock" : "triangle-alert"} size={12} />
        </Show>
        {props.entry.decision}
      </span>
      <span class="audit-end" title={endWords(props.entry)}>
        {endWords(props.entry)}
      </span>
    </div>
  );
}

function Detail(props: { entry: AuditEntry; isOver: boolean; onClose: () => void }): JSX.Element {
  const facts = (): ReadonlyArray<readonly [string, string]> => {
    const { entry } = props;
    const all: ReadonlyArray<readonly [string, string | undefined]> = [
      ["At", timeTooltip(entry.atMs)],
      ["For", whoWords(entry.principal)],
      ["Process", entry.actor],
      ["Did", entry.op],
      [entry.command === undefined ? "Path" : "Folder", entry.path],
      ["To", entry.to],
      ["Command", entry.command],
      ["Decision", entry.decision],
      ["Rule", entry.rule],
      ["End", entry.says],
      ["Hash", entry.hash],
    ];
    return all.flatMap(([name, value]) =>
      value === undefined || value === "" ? [] : [[name, value] as const],
    );
  };
  return (
    <DetailPane
      label={`Record ${props.entry.number}`}
      testid="audit-detail"
      isOver={props.isOver}
      head={<strong>Record {props.entry.number.toLocaleString("en-US")}</strong>}
      onClose={props.onClose}
    >
      <dl class="audit-facts">
        <For each={facts()}>
          {([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          )}
        </For>
      </dl>
    </DetailPane>
  );
}

function keepInView(box: HTMLElement, index: number): void {
  const above = index * ROW_PX;
  if (above < box.scrollTop) box.scrollTop = above;
  else if (above + ROW_PX > box.scrollTop + box.clientHeight) {
    box.scrollTop = above + ROW_PX - box.clientHeight;
  }
}
