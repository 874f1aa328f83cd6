/** A long list of text rows that are fetched page by page as they come into view. Keys and wheel scroll it. */
import { createEffect, createSignal, For, type JSX, on, untrack } from "solid-js";
import { firstRow, rowsHeight, scrollTopFor } from "../../state/scaled-rows.ts";
import { createElementSize } from "../debug/element-size.ts";
import { createPages } from "./pages.ts";

const ROW_PX = 20;
const SPARE_ROWS = 4;

export interface PagedRowsProps {
  readonly label: string;
  /** Rows as far as they are known. */
  readonly count: number;
  readonly pageRows: number;
  /** Texts of a page; fewer than `pageRows` at the end. */
  readonly fetch: (page: number) => Promise<readonly string[]>;
  /** What stands left of a row. */
  readonly number: (row: number) => string;
  /** A row that stands out, from 0. */
  readonly marked?: number | undefined;
  /** Called once with the way to show a row, from 0. */
  readonly onReady: (reveal: (row: number) => void, focus: () => void) => void;
}

export function PagedRows(props: PagedRowsProps): JSX.Element {
  const size = createElementSize();
  const [scroll, setScroll] = createSignal(0);
  const pages = createPages({
    pageRows: untrack(() => props.pageRows),
    count: () => props.count,
    fetch: (page) => props.fetch(page),
  });
  let scroller: HTMLElement | undefined;
  const rows = () => ({ rowPixels: ROW_PX, count: props.count });
  const first = () => firstRow(rows(), scroll(), size.height());
  const shown = () => {
    const from = Math.max(0, Math.floor(first()) - SPARE_ROWS);
    const count = Math.ceil(size.height() / ROW_PX) + 2 * SPARE_ROWS;
    const to = Math.min(props.count, from + count);
    return Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at);
  };
  createEffect(on([shown, () => props.count], ([seen]) => pages.want(seen)));
  // While the rows are still counted, those in view stay where they are.
  createEffect(
    on(
      () => props.count,
      (count, before = count) => {
        if (scroller === undefined || count === before || scroller.scrollTop === 0) return;
        const was = { rowPixels: ROW_PX, count: before };
        const row = firstRow(was, scroller.scrollTop, size.height());
        scroller.scrollTop = scrollTopFor(rows(), row, size.height());
      },
    ),
  );
  const reveal = (row: number) => {
    if (scroller !== undefined) scroller.scrollTop = scrollTopFor(rows(), row, size.height());
  };
  const ready = (element: HTMLElement) => {
    scroller = element;
    size.observe(element);
    props.onReady(reveal, () => element.focus());
  };
  return (
    <section
      ref={ready}
      class="paged-rows inset"
      tabindex="0"
      aria-label={props.label}
      data-testid="paged-rows"
      onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
    >
      <div class="paged-rows-all" style={{ height: `${rowsHeight(rows())}px` }}>
        <For each={shown()}>
          {(row) => (
            <div
              class="paged-row"
              classList={{ "paged-marked": row === props.marked }}
              style={{ transform: `translateY(${scroll() + (row - first()) * ROW_PX}px)` }}
            >
              <span class="paged-number">{props.number(row)}</span>
              <span class="paged-text">{pages.textOf(row)}</span>
            </div>
          )}
        </For>
      </div>
    </section>
  );
}
