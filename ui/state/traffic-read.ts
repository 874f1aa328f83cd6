/** Rows as the page gets them, read out of the columns. */
import type { Names } from "./traffic-names.ts";
import type { Mask, SortColumn, TrafficRow } from "./traffic-row.ts";
import { Cursor, ROW_TYPES, type Table } from "./traffic-table.ts";

const MASKS: readonly Mask[] = ["none", "content", "secret"];

/** One row; `entry` and `deltaMs` depend on the list and are added there. */
export function readRow(
  table: Table,
  index: number,
  names: Names,
): Omit<TrafficRow, "entry" | "deltaMs"> {
  const row = new Cursor(table, names).at(table, index);
  const slot = table.slotOf(index);
  const { type, mask, answer, hubEpoch, sent, back } = table.columns;
  return {
    type: ROW_TYPES[type[slot] ?? 0] ?? "frame",
    record: row.record,
    answerRecord: answer[slot] ?? 0,
    hubEpoch: hubEpoch[slot] ?? 0,
    atMs: row.atMs,
    source: row.source,
    destination: row.destination,
    kind: row.kind,
    subject: row.subject,
    correlation: row.correlation,
    epoch: row.epoch,
    lane: row.lane === "control" ? "control" : "data",
    sentBytes: sent[slot] ?? 0,
    backBytes: back[slot] ?? 0,
    waitMs: known(row.waitMs),
    workMs: known(row.workMs),
    totalMs: known(row.totalMs),
    status: row.status,
    trace: row.trace,
    mask: MASKS[mask[slot] ?? 0] ?? "none",
  };
}

/** What a row is sorted by. */
export function sortValue(row: Cursor, column: SortColumn): number | string {
  switch (column) {
    case "time":
      return row.atMs;
    case "from":
      return row.source;
    case "to":
      return row.destination;
    case "method":
      return row.subject;
    case "size":
      return row.bytes;
    case "wait":
      return row.waitMs;
    case "work":
      return row.workMs;
    case "total":
      return row.totalMs;
    case "result":
      return row.status;
    default:
      return column satisfies never;
  }
}

function known(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
