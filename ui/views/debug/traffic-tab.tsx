/** Traffic: tool bar, filter, the list and the details of the selected row. */
import { createMemo, createSignal, type JSX, Show } from "solid-js";
import type { TrafficRow } from "../../state/traffic-row.ts";
import { addTerm, cellFilter, countWords, type FilterCell } from "../../state/traffic-words.ts";
import { Icon } from "../shell/icon.tsx";
import { useDebug } from "./context.ts";
import { createElementSize } from "./element-size.ts";
import { Menu, type MenuItem, type MenuPlace } from "./menu.tsx";
import { TrafficDetail } from "./traffic-detail.tsx";
import { TrafficFilter } from "./traffic-filter.tsx";
import { TrafficList } from "./traffic-list.tsx";
import "./traffic.css";

const DETAIL_PIXELS = 400;
/** Narrower than this the details lie over the list. */
const BESIDE_FROM = 1_000;

export function TrafficTab(): JSX.Element {
  const { traffic, selectedRow: selected, selectRow: select } = useDebug();
  const { width, observe } = createElementSize();
  const [detail, setDetail] = createSignal<"closed" | "open">("closed");
  const [menu, setMenu] = createSignal<{ row: TrafficRow; place: MenuPlace } | undefined>(
    undefined,
  );
  const isBeside = () => detail() === "open" && selected() !== undefined && width() >= BESIDE_FROM;
  const listWidth = createMemo(() => (isBeside() ? width() - DETAIL_PIXELS : width()));
  let list: HTMLElement | undefined;
  const add = (row: TrafficRow, cell: FilterCell, mode: "only" | "not") => {
    const term = cellFilter(row, cell);
    if (term !== null) void traffic.setFilterText(addTerm(traffic.filterText(), term, mode));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "/" && !(event.target instanceof HTMLInputElement)) {
      event.preventDefault();
      document.getElementById("traffic-filter")?.focus();
    }
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only the key that jumps to the filter.
    <div class="traffic" ref={observe} onKeyDown={onKeyDown}>
      <ToolBar onLeave={() => list?.focus()} />
      <div class="traffic-main">
        <TrafficList
          width={listWidth()}
          selected={selected()}
          onSelect={select}
          onDetail={() => setDetail("open")}
          onEscape={() => (traffic.sort() === null ? setDetail("closed") : traffic.setSort(null))}
          onCell={add}
          onMenu={(row, place) => setMenu({ row, place })}
          ref={(element) => {
            list = element;
          }}
        />
        <Show when={detail() === "open" ? selected() : undefined}>
          {(row) => (
            <TrafficDetail
              row={row()}
              isOver={!isBeside()}
              onClose={() => {
                setDetail("closed");
                list?.focus();
              }}
            />
          )}
        </Show>
      </div>
      <Show when={menu()} keyed>
        {({ row, place }) => (
          <Menu
            label="Acts on this row"
            place={place}
            items={rowMenu(row, add)}
            onClose={() => setMenu(undefined)}
          />
        )}
      </Show>
    </div>
  );
}

function ToolBar(props: { onLeave: () => void }): JSX.Element {
  const { traffic } = useDebug();
  const isPaused = () => traffic.following() === "paused";
  return (
    <div class="traffic-tools" role="toolbar" aria-label="Traffic">
      <button
        type="button"
        class="tool"
        classList={{ "is-on": isPaused() }}
        aria-pressed={isPaused()}
        title="Space"
        data-testid="traffic-pause"
        onClick={() => traffic.setFollowing(isPaused() ? "following" : "paused")}
      >
        <Icon name={isPaused() ? "play" : "pause"} size={14} />
        {isPaused() ? "Resume" : "Pause"}
      </button>
      <TrafficFilter onLeave={props.onLeave} />
      <fieldset class="tool-group">
        <legend class="sr-only">Kinds of rows</legend>
        <Toggle name="calls" label="Calls" />
        <Toggle name="events" label="Events" />
        <Toggle name="streams" label="Streams" />
      </fieldset>
      <Toggle name="control" label={`Control ${countWords(traffic.look().control)}`} />
      <Toggle name="everyFrame" label="Every frame" />
    </div>
  );
}

function Toggle(props: {
  name: "calls" | "events" | "streams" | "control" | "everyFrame";
  label: string;
}): JSX.Element {
  const { traffic } = useDebug();
  return (
    <button
      type="button"
      class="tool"
      classList={{ "is-on": traffic.choice()[props.name] }}
      aria-pressed={traffic.choice()[props.name]}
      data-testid={`traffic-${props.name}`}
      onClick={() => traffic.setChoice({ [props.name]: !traffic.choice()[props.name] })}
    >
      {props.label}
    </button>
  );
}

function rowMenu(
  row: TrafficRow,
  add: (row: TrafficRow, cell: FilterCell, mode: "only" | "not") => void,
): readonly MenuItem[] {
  const copy = (text: string) => void navigator.clipboard?.writeText(text);
  const items: MenuItem[] = [
    {
      label: "Only this method",
      icon: "search",
      says: cellFilter(row, "method") ?? undefined,
      run: () => add(row, "method", "only"),
    },
    {
      label: "Without this method",
      icon: "x",
      says: `not ${cellFilter(row, "method") ?? ""}`,
      run: () => add(row, "method", "not"),
    },
    { label: `Only from ${row.source}`, run: () => add(row, "from", "only") },
    { label: `Only to ${row.destination}`, run: () => add(row, "to", "only") },
  ];
  if (row.trace !== "")
    items.push({ label: "Follow its trace", run: () => add(row, "trace", "only") });
  items.push({
    label: "Copy as JSON",
    icon: "copy",
    run: () => copy(JSON.stringify(row, null, 2)),
  });
  if (row.type === "call") {
    items.push({
      label: "Copy as command",
      icon: "terminal",
      run: () => copy(`bulkhead call ${row.subject}`),
    });
  }
  return row.subject === "" ? items.slice(2) : items;
}
