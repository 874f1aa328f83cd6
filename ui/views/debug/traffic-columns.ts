/** Columns of the Traffic list by its width (ux.md section 8). */
import type { SortColumn } from "../../state/traffic-row.ts";
import type { FilterCell } from "../../state/traffic-words.ts";

export type ColumnId =
  | "time"
  | "delta"
  | "from"
  | "to"
  | "from-to"
  | "method"
  | "size"
  | "wait"
  | "work"
  | "total"
  | "bar"
  | "result";

export interface Column {
  readonly id: ColumnId;
  readonly head: string;
  /** Pixels; 0 takes the rest. */
  readonly width: number;
  readonly isNumber: boolean;
  readonly sort: SortColumn | null;
  /** What a Ctrl+click on a cell filters by. */
  readonly filter: FilterCell | null;
  readonly shown: (listWidth: number) => boolean;
}

const always = () => true;
const wide = (width: number) => width >= 1_180;
const middle = (width: number) => width >= 880;
const narrow = (width: number) => width < 880;

const ALL: readonly Column[] = [
  {
    id: "time",
    head: "Time",
    width: 104,
    isNumber: false,
    sort: "time",
    filter: "time",
    shown: always,
  },
  { id: "delta", head: "Delta", width: 64, isNumber: true, sort: null, filter: null, shown: wide },
  {
    id: "from",
    head: "From",
    width: 104,
    isNumber: false,
    sort: "from",
    filter: "from",
    shown: middle,
  },
  { id: "to", head: "To", width: 104, isNumber: false, sort: "to", filter: "to", shown: middle },
  {
    id: "from-to",
    head: "From, to",
    width: 192,
    isNumber: false,
    sort: "from",
    filter: "from",
    shown: narrow,
  },
  {
    id: "method",
    head: "Method",
    width: 0,
    isNumber: false,
    sort: "method",
    filter: "method",
    shown: always,
  },
  {
    id: "size",
    head: "Sent / back",
    width: 120,
    isNumber: true,
    sort: "size",
    filter: null,
    shown: middle,
  },
  {
    id: "wait",
    head: "Wait",
    width: 56,
    isNumber: true,
    sort: "wait",
    filter: null,
    shown: middle,
  },
  {
    id: "work",
    head: "Work",
    width: 56,
    isNumber: true,
    sort: "work",
    filter: null,
    shown: middle,
  },
  {
    id: "total",
    head: "Total ms",
    width: 64,
    isNumber: true,
    sort: "total",
    filter: "total",
    shown: always,
  },
  { id: "bar", head: "", width: 56, isNumber: false, sort: null, filter: null, shown: wide },
  {
    id: "result",
    head: "Result",
    width: 104,
    isNumber: false,
    sort: "result",
    filter: "result",
    shown: always,
  },
];

/** The columns of a list so wide, in their order. */
export function columnsFor(listWidth: number): readonly Column[] {
  return ALL.filter((column) => column.shown(listWidth));
}

/** The same as a CSS grid template. */
export function gridTemplate(columns: readonly Column[]): string {
  return columns.map(({ width }) => (width === 0 ? "minmax(130px, 1fr)" : `${width}px`)).join(" ");
}
