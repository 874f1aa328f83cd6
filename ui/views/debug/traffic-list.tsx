/** The virtual list: rows of one height in a capped scroller, following its end until a person looks up. */
import { createEffect, createMemo, createSignal, For, Index, type JSX, on, Show } from "solid-js";
import type { SortColumn, TrafficRow } from "../../state/traffic-row.ts";
import {
  ROW_PIXELS,
  scrollHeight,
  scrollTopOf,
  topRow,
  topToShow,
} from "../../state/traffic-scroll.ts";
import { countWords, type FilterCell } from "../../state/traffic-words.ts";
import { useDebug } from "./context.ts";
import { createElementSize } from "./element-size.ts";
import type { LiveTraffic } from "./live-traffic.ts";
import type { MenuPlace } from "./menu.tsx";
import { type Column, columnsFor, gridTemplate } from "./traffic-columns.ts";
import { TrafficRowView } from "./traffic-row.tsx";

/** Rows read beyond either edge, so that a short scroll shows no gap. */
const BEYOND = 20;
/** From here on the rate is shown in large. */
const FAST_ROWS = 500;

export interface TrafficListProps {
  readonly width: number;
  readonly selected: TrafficRow | undefined;
  readonly onSelect: (row: TrafficRow | undefined) => void;
  readonly onDetail: () => void;
  readonly onEscape: () => void;
  readonly onCell: (row: TrafficRow, cell: FilterCell, mode: "only" | "not") => void;
  readonly onMenu: (row: TrafficRow, place: MenuPlace) => void;
  readonly ref: (element: HTMLElement) => void;
}

export function TrafficList(props: TrafficListProps): JSX.Element {
  const { traffic } = useDebug();
  const { height, observe } = createElementSize();
  const [scroller, setScroller] = createSignal<HTMLElement | undefined>(undefined);
  const scroll = createScroll(traffic, scroller, height);
  const columns = createMemo(() => columnsFor(props.width));
  const select = (row: TrafficRow) => {
    if (traffic.following() === "following") traffic.setFollowing("held");
    props.onSelect(row);
  };
  const onKeyDown = createKeys(traffic, scroll, props);
  return (
    <div class="traffic-list" style={{ "--columns": gridTemplate(columns()) }}>
      <Head columns={columns()} />
      <div
        class="traffic-scroller inset"
        role="grid"
        tabindex="0"
        aria-label="Traffic"
        aria-rowcount={traffic.look().matched}
        aria-activedescendant={
          props.selected === undefined ? undefined : `traffic-row-${props.selected.entry}`
        }
        data-testid="traffic-list"
        ref={(element) => {
          setScroller(element);
          observe(element);
          props.ref(element);
        }}
        onScroll={scroll.onScroll}
        onKeyDown={onKeyDown}
      >
        <div class="traffic-height" style={{ height: `${scrollHeight(traffic.look().matched)}px` }}>
          <div class="traffic-window" style={{ height: `${height()}px` }}>
            <div
              style={{
                transform: `translateY(${(traffic.look().from - scroll.top()) * ROW_PIXELS}px)`,
              }}
            >
              <Index each={traffic.look().rows}>
                {(row, index) => (
                  <TrafficRowView
                    row={row()}
                    place={traffic.look().from + index}
                    columns={columns()}
                    isSelected={props.selected?.entry === row().entry}
                    onSelect={() => select(row())}
                    onDetail={props.onDetail}
                    onCell={props.onCell}
                    onMenu={(place) => {
                      select(row());
                      props.onMenu(row(), place);
                    }}
                  />
                )}
              </Index>
            </div>
          </div>
        </div>
      </div>
      <Over scroll={scroll} />
    </div>
  );
}

interface Scroll {
  /** Row at the top edge, with its fraction. */
  readonly top: () => number;
  readonly viewRows: () => number;
  readonly goTo: (top: number) => void;
  readonly show: (place: number) => void;
  readonly onScroll: () => void;
  readonly follow: () => void;
}

function createScroll(
  traffic: LiveTraffic,
  scroller: () => HTMLElement | undefined,
  height: () => number,
): Scroll {
  const [heldTop, setHeldTop] = createSignal(0);
  const matched = () => traffic.look().matched;
  const lastTop = () => Math.max(0, matched() - height() / ROW_PIXELS);
  const top = () =>
    traffic.following() === "following" ? lastTop() : Math.min(heldTop(), lastTop());
  const goTo = (wanted: number) => {
    const element = scroller();
    if (element === undefined) return;
    setHeldTop(Math.min(Math.max(0, wanted), lastTop()));
    element.scrollTop = scrollTopOf(wanted, height(), matched());
  };
  const onScroll = () => {
    const element = scroller();
    if (element === undefined) return;
    const at = topRow(element.scrollTop, height(), matched());
    if (traffic.following() === "following") {
      // Less than a row from the end is our own scrolling or rounding, more is a person's.
      if (at > lastTop() - 1) return;
      traffic.setFollowing("held");
    }
    // A pixel is less than a thousandth of a row off after rounding; keep the exact place then.
    if (Math.abs(scrollTopOf(heldTop(), height(), matched()) - element.scrollTop) > 1)
      setHeldTop(at);
    const isAtEnd = at >= lastTop() - 0.5;
    if (isAtEnd && traffic.following() === "held" && traffic.look().newer === 0)
      traffic.setFollowing("following");
  };
  createEffect(() => {
    const rows = Math.ceil(height() / ROW_PIXELS) + 1;
    if (traffic.following() === "following") traffic.setRequest({ from: "end", count: rows });
    else
      traffic.setRequest({
        from: Math.max(0, Math.floor(heldTop()) - BEYOND),
        count: rows + 2 * BEYOND,
      });
  });
  createEffect(
    on([matched, height, traffic.following], () => {
      const element = scroller();
      if (element === undefined || traffic.following() !== "following") return;
      setHeldTop(lastTop());
      element.scrollTop = element.scrollHeight;
    }),
  );
  createEffect(
    on(
      () => traffic.look().removed,
      (removed, before) => {
        // Rows were taken off the front: what is in sight stays in sight.
        if (before !== undefined && removed > before && traffic.following() !== "following")
          goTo(heldTop() - (removed - before));
      },
    ),
  );
  return {
    top,
    viewRows: () => Math.max(1, Math.floor(height() / ROW_PIXELS)),
    goTo,
    show: (place) => goTo(topToShow(place, top(), height())),
    onScroll,
    follow: () => traffic.setFollowing("following"),
  };
}

/** What lies over the list: nothing here, newer rows, the rate. */
function Over(props: { scroll: Scroll }): JSX.Element {
  const { traffic } = useDebug();
  const isEmpty = () => traffic.look().matched === 0;
  const isFast = () =>
    traffic.following() === "following" && traffic.look().rowsPerSecond > FAST_ROWS;
  return (
    <>
      <Show when={isEmpty()}>
        <p class="debug-empty" data-testid="traffic-empty">
          <Show
            when={traffic.look().kept > 0}
            fallback={traffic.problem() === "" ? "Nothing yet" : traffic.problem()}
          >
            0 of {countWords(traffic.look().kept)} rows match.{" "}
            <button type="button" class="link" onClick={() => traffic.setFilterText("")}>
              Clear filter
            </button>
          </Show>
        </p>
      </Show>
      <Show when={isFast()}>
        <p class="traffic-rate">{countWords(Math.round(traffic.look().rowsPerSecond))} rows/s</p>
      </Show>
      <div class="traffic-foot">
        <Show when={traffic.sort()}>
          {(sort) => (
            <button type="button" class="traffic-pill" onClick={() => traffic.setSort(null)}>
              by {sort().column} - back to time (Esc)
            </button>
          )}
        </Show>
        <Show when={traffic.following() !== "following"}>
          <button
            type="button"
            class="traffic-pill"
            data-testid="traffic-newer"
            onClick={() => props.scroll.follow()}
          >
            {countWords(traffic.look().newer)} newer - Jump to now (End)
          </button>
        </Show>
      </div>
    </>
  );
}

function Head(props: { columns: readonly Column[] }): JSX.Element {
  const { traffic } = useDebug();
  const press = (column: SortColumn | null) => {
    if (column === null) return;
    const sort = traffic.sort();
    if (column === "time") traffic.setSort(null);
    else if (sort?.column !== column) traffic.setSort({ column, direction: "down" });
    else traffic.setSort(sort.direction === "down" ? { column, direction: "up" } : null);
  };
  const arrow = (column: Column) => {
    const sort = traffic.sort();
    if (sort === null || sort.column !== column.sort) return "";
    return sort.direction === "up" ? " \u2191" : " \u2193";
  };
  return (
    <div class="traffic-row traffic-head" role="row">
      <For each={props.columns}>
        {(column) => (
          <button
            type="button"
            class="debug-headcell inset"
            classList={{ "is-number": column.isNumber }}
            tabindex="-1"
            disabled={column.sort === null}
            onClick={() => press(column.sort)}
          >
            {column.head}
            {arrow(column)}
          </button>
        )}
      </For>
    </div>
  );
}

function createKeys(
  traffic: LiveTraffic,
  scroll: Scroll,
  props: TrafficListProps,
): (event: KeyboardEvent) => void {
  const moveTo = async (place: number) => {
    const wanted = Math.min(Math.max(0, place), traffic.look().matched - 1);
    const row = await traffic.rowAt(wanted);
    if (row === undefined) return;
    if (traffic.following() === "following") traffic.setFollowing("held");
    props.onSelect(row);
    scroll.show(wanted);
  };
  const move = async (step: number) => {
    const place = props.selected === undefined ? -1 : await traffic.placeOf(props.selected.entry);
    await moveTo(place < 0 ? Math.floor(scroll.top() + scroll.viewRows()) - 1 : place + step);
  };
  const acts: Readonly<Record<string, () => void>> = {
    ArrowDown: () => void move(1),
    ArrowUp: () => void move(-1),
    PageDown: () => void move(scroll.viewRows()),
    PageUp: () => void move(-scroll.viewRows()),
    Home: () => void moveTo(0),
    End: scroll.follow,
    Escape: props.onEscape,
    " ": () => traffic.setFollowing(traffic.following() === "paused" ? "following" : "paused"),
  };
  return (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === "Enter" && props.selected !== undefined) openDetail(props.onDetail);
    else if (event.key === "ContextMenu" && props.selected !== undefined)
      menuAt(props.selected, props.onMenu);
    else if (acts[event.key] !== undefined) acts[event.key]?.();
    else return;
    event.preventDefault();
  };
}

/** Enter opens the details; Enter again moves into them. */
function openDetail(open: () => void): void {
  const detail = document.querySelector<HTMLElement>(
    "[data-testid=traffic-detail] [role=tab][aria-selected=true]",
  );
  if (detail === null) open();
  else detail.focus();
}

function menuAt(row: TrafficRow, open: (row: TrafficRow, place: MenuPlace) => void): void {
  const box = document.getElementById(`traffic-row-${row.entry}`)?.getBoundingClientRect();
  if (box !== undefined) open(row, { x: box.left + 24, y: box.bottom });
}
