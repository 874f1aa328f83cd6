/** Times, sizes and results of the Traffic list in words and figures. Pure. */
import { isFailure, printValue } from "../../bus/filter/index.ts";
import type { TrafficRow } from "./traffic-row.ts";

/** `14:02:08.118` in local time. */
export function timeWords(atMs: number): string {
  const date = new Date(atMs);
  const ms = String(Math.floor(((atMs % 1000) + 1000) % 1000)).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** Date and microseconds, for the tooltip. */
export function timeTooltip(atMs: number): string {
  const us = String(Math.round((((atMs % 1) + 1) % 1) * 1000) % 1000).padStart(3, "0");
  const date = new Date(atMs);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${timeWords(atMs)}${us}`;
}

/** Milliseconds with three digits: `0.01`, `0.1`, `11.1`, `120`, `3,400`. Empty when not known. */
export function msWords(ms: number | null): string {
  if (ms === null) return "";
  if (ms < 0.005) return "0";
  if (ms < 1) return String(Number(ms.toFixed(2)));
  if (ms < 100) return String(Number(ms.toFixed(1)));
  return countWords(Math.round(ms));
}

/** `64 B`, `1.2 KB`, `48 KB`, `3.1 MB`. */
export function bytesWords(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  if (bytes < 1_024_000) return `${shortNumber(bytes / 1_024)} KB`;
  if (bytes < 1_048_576_000) return `${shortNumber(bytes / 1_048_576)} MB`;
  return `${shortNumber(bytes / 1_073_741_824)} GB`;
}

/** `1,204`. */
export function countWords(count: number): string {
  return count.toLocaleString("en-US");
}

/** `64 B / 18 B`; one way only where nothing can come back. */
export function sentBackWords(row: TrafficRow): string {
  if (row.type === "event" || row.type === "frame" || row.type === "control")
    return bytesWords(row.sentBytes);
  return `${bytesWords(row.sentBytes)} / ${bytesWords(row.backBytes)}`;
}

/** What stands in the Method column: the subject, for frames without one their kind. */
export function methodWords(row: TrafficRow): string {
  const name = row.subject === "" ? "" : row.subject;
  if (row.type === "stream")
    return name === "" ? `stream ${row.correlation}` : `${name} stream ${row.correlation}`;
  if (row.type === "call" || row.type === "event") return name === "" ? row.kind : name;
  return name === "" ? row.kind : `${row.kind} ${name}`;
}

/** The result: `ok`, `open`, or the last part of the code in capitals where the bus gave it. */
export function resultWords(row: TrafficRow): string {
  if (row.status === "bus/denied") return "denied";
  return row.status.startsWith("bus/") ? row.status.slice(4).toUpperCase() : row.status;
}

/** Colour of a result; the word says the same. */
export function resultTone(row: TrafficRow): "plain" | "warn" | "error" {
  if (!isFailure(row.status)) return "plain";
  const isMild = [
    "bus/cancelled",
    "dropped",
    "bus/expired",
    "expired",
    "no-such-stream",
    "bus/not-implemented",
  ];
  return isMild.includes(row.status) ? "warn" : "error";
}

/** Cells that a Ctrl+click turns into a filter. */
export type FilterCell = "from" | "to" | "method" | "result" | "time" | "total" | "trace";

/** `field = value` for a cell, null where there is none. */
export function cellFilter(row: TrafficRow, cell: FilterCell): string | null {
  switch (cell) {
    case "from":
      return term("src", row.source);
    case "to":
      return term("dst", row.destination);
    case "method":
      return term("subject", row.subject);
    case "result":
      return term("status", row.status);
    case "trace":
      return term("trace", row.trace.slice(0, 16));
    case "total":
      return row.totalMs === null ? null : `total >= ${Math.floor(row.totalMs)}ms`;
    case "time":
      return `time >= ${timeWords(row.atMs)}`;
    default:
      return cell satisfies never;
  }
}

/** `filter and term`; with `not` the term is excluded. Brackets where an `or` would change the meaning. */
export function addTerm(filter: string, addition: string, mode: "only" | "not"): string {
  const wanted = mode === "not" ? `not ${addition}` : addition;
  const text = filter.trim();
  if (text === "") return wanted;
  return /(^|[\s)])or($|[\s(])/i.test(text) ? `(${text}) and ${wanted}` : `${text} and ${wanted}`;
}

/** Length of the bar of a row's total, 0 to 1: logarithmic from 0.1 ms to 10 s. */
export function barLength(ms: number): number {
  return Math.min(1, Math.max(0.02, (Math.log10(Math.max(ms, 0.1)) + 1) / 5));
}

function term(field: string, value: string): string | null {
  return value === "" ? null : `${field} = ${printValue(value)}`;
}

function shortNumber(value: number): string {
  return value < 10 ? value.toFixed(1) : countWords(Math.round(value));
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
