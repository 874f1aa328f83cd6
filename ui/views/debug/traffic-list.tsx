/** The virtual list: rows of one height in a capped scroller, following its end until a person looks up. */
import { createMemo, createSignal, For, Index, type JSX, Show } from "solid-js";
import type { SortColumn, TrafficRow } from "../../state/traffic-row.ts";
import { ROW_PIXELS, scrollHeight } from "../../state/traffic-scroll.ts";
import { countWords } from "../../state/traffic-words.ts";
import { useDebug } from "./context.ts";
import { createElementSize } from "./element-size.ts";
import { type Column, columnsFor, gridTemplate } from "./traffic-columns.ts";
import { createKeys, type TrafficListProps } from "./traffic-keys.ts";
import { TrafficRowView } from "./traffic-row.tsx";
import { createScroll, type Scroll } from "./traffic-scroller.ts";

/** From here on the rate is shown in large. */
const FAST_ROWS = 500;

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
            <button type="button" class="link" onClick={() => void traffic.setFilterText("")}>
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
    <fieldset class="traffic-row traffic-head" aria-label="Sort by">
      <For each={props.columns}>
        {(column) => (
          <button
            type="button"
            class="debug-headcell inset"
            classList={{ "is-number": column.isNumber }}
            disabled={column.sort === null}
            onClick={() => press(column.sort)}
          >
            {column.head}
            {arrow(column)}
          </button>
        )}
      </For>
    </fieldset>
  );
}
