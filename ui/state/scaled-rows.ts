/**
 * Rows of one height in a scroller. Browsers stop at about 17.9 million pixels, so above SCALED_PIXELS_MAX the scroller
 * is shorter than its rows and each of its pixels stands for more.
 */
export const SCALED_PIXELS_MAX = 8_000_000;

/** Row height and number of rows. */
export interface Rows {
  readonly rowPixels: number;
  readonly count: number;
}

/** Height of everything inside the scroller. */
export function rowsHeight({ rowPixels, count }: Rows): number {
  return Math.min(count * rowPixels, SCALED_PIXELS_MAX);
}

/** The first row in view, with its fraction, for a scroller `viewPixels` high at `scrollTop`. */
export function firstRow(rows: Rows, scrollTop: number, viewPixels: number): number {
  const hidden = rowsHeight(rows) - viewPixels;
  if (hidden <= 0) return 0;
  const hiddenRows = rows.count - viewPixels / rows.rowPixels;
  return Math.min(1, Math.max(0, scrollTop / hidden)) * hiddenRows;
}

/** The scroll position that puts `row` first. */
export function scrollTopFor(rows: Rows, row: number, viewPixels: number): number {
  const hidden = rowsHeight(rows) - viewPixels;
  const hiddenRows = rows.count - viewPixels / rows.rowPixels;
  if (hidden <= 0 || hiddenRows <= 0) return 0;
  return Math.min(1, Math.max(0, row / hiddenRows)) * hidden;
}
