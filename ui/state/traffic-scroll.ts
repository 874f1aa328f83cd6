/**
 * Where rows of one height stand in a scroller. Browsers stop at about 17.9 million pixels, so above
 * SCROLL_PIXELS_MAX the scroller is shorter than its rows and each of its pixels stands for more.
 */

/** Height of a row in pixels. */
export const ROW_PIXELS = 22;
export const SCROLL_PIXELS_MAX = 8_000_000;

/** Height of everything inside the scroller. */
export function scrollHeight(rows: number): number {
  return Math.min(rows * ROW_PIXELS, SCROLL_PIXELS_MAX);
}

/** The row at the top edge, with its fraction, for a scroller `viewPixels` high at `scrollTop`. */
export function topRow(scrollTop: number, viewPixels: number, rows: number): number {
  const hidden = scrollHeight(rows) - viewPixels;
  if (hidden <= 0) return 0;
  const hiddenRows = rows - viewPixels / ROW_PIXELS;
  return Math.min(1, Math.max(0, scrollTop / hidden)) * hiddenRows;
}

/** The scroll position that puts `row` at the top edge. */
export function scrollTopOf(row: number, viewPixels: number, rows: number): number {
  const hidden = scrollHeight(rows) - viewPixels;
  const hiddenRows = rows - viewPixels / ROW_PIXELS;
  if (hidden <= 0 || hiddenRows <= 0) return 0;
  return Math.min(1, Math.max(0, row / hiddenRows)) * hidden;
}

/** The top row that makes `row` wholly visible with the least movement. */
export function topToShow(row: number, top: number, viewPixels: number): number {
  const whole = viewPixels / ROW_PIXELS;
  if (row < top) return row;
  return row + 1 > top + whole ? row + 1 - whole : top;
}
