/** The Processes table: order of the tree, columns by width, figures of the head line. Pure. */
import type { ProcessAct, ProcessRow } from "../../bus/contracts/hub.ts";

/** One line of the tree. */
export interface ProcessLine {
  readonly row: ProcessRow;
  /** 0 for the ends of the tree. */
  readonly level: number;
  readonly hasChildren: boolean;
}

export type ProcessColumn =
  | "process"
  | "state"
  | "pid"
  | "up"
  | "memory"
  | "cpu"
  | "lag"
  | "mailbox"
  | "restarts"
  | "reason";

export interface ProcessSort {
  readonly column: ProcessColumn;
  readonly direction: "up" | "down";
}

/** Widths in pixels; 0 takes the rest. */
export const PROCESS_COLUMNS: ReadonlyArray<{
  readonly column: ProcessColumn;
  readonly head: string;
  readonly width: number;
  /** Shown when the table is at least so wide. */
  readonly from: number;
  readonly isNumber: boolean;
}> = [
  { column: "process", head: "Process", width: 200, from: 0, isNumber: false },
  { column: "state", head: "State", width: 144, from: 0, isNumber: false },
  { column: "pid", head: "Pid", width: 60, from: 800, isNumber: true },
  { column: "up", head: "Up", width: 56, from: 980, isNumber: true },
  { column: "memory", head: "Memory", width: 80, from: 0, isNumber: true },
  { column: "cpu", head: "CPU %", width: 60, from: 800, isNumber: true },
  { column: "lag", head: "Lag ms", width: 56, from: 980, isNumber: true },
  { column: "mailbox", head: "Mailbox", width: 76, from: 0, isNumber: true },
  { column: "restarts", head: "Restarts", width: 64, from: 0, isNumber: true },
  { column: "reason", head: "Last reason", width: 0, from: 720, isNumber: false },
];

/** The memory curve in the row is drawn from this width on. */
export const SPARK_FROM = 1_160;
/** What its column gets more for it. */
export const SPARK_WIDTH = 56;

const KIND_ORDER: ReadonlyArray<ProcessRow["kind"]> = [
  "hub",
  "actor",
  "runner",
  "mcp",
  "client",
  "shell",
  "keeper",
  "window",
  "page",
  "root",
];

/**
 * The tree: hub and what it started, keeper and its shells, window and its page, root. Siblings keep a fixed order
 * (kind, then the order the hub tells them in) unless sorted. Lines under a closed one are left out.
 */
export function processLines(
  rows: readonly ProcessRow[],
  closed: ReadonlySet<string>,
  sort: ProcessSort | null,
): readonly ProcessLine[] {
  const names = new Set(rows.map((row) => row.name));
  const children = new Map<string, ProcessRow[]>();
  for (const row of rows) {
    const parent = isEndOfTree(row, names) ? "" : row.parent;
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [row]);
    else siblings.push(row);
  }
  const lines: ProcessLine[] = [];
  const visit = (parent: string, level: number) => {
    for (const row of inOrder(children.get(parent) ?? [], sort)) {
      const hasChildren = children.has(row.name) && row.name !== parent;
      lines.push({ row, level, hasChildren });
      if (hasChildren && !closed.has(row.name) && level < 8) visit(row.name, level + 1);
    }
  };
  visit("", 0);
  return lines;
}

/** What a column is sorted by; missing numbers last. */
export function processValue(row: ProcessRow, column: ProcessColumn): number | string {
  switch (column) {
    case "process":
      return row.name;
    case "state":
      return row.state;
    case "pid":
      return row.pid ?? Number.NaN;
    case "up":
      return row.uptimeMs ?? Number.NaN;
    case "memory":
      return row.pssBytes ?? row.rssBytes ?? Number.NaN;
    case "cpu":
      return row.cpuPercent ?? Number.NaN;
    case "lag":
      return row.lagMs ?? Number.NaN;
    case "mailbox":
      return row.mailbox + row.held;
    case "restarts":
      return row.restarts;
    case "reason":
      return row.reason;
    default:
      return column satisfies never;
  }
}

/** Processes that live, and their memory: proportional where it is known, so that shared pages count once. */
export function processFigures(rows: readonly ProcessRow[]): {
  readonly count: number;
  readonly bytes: number;
} {
  const living = rows.filter((row) => row.pid !== null);
  return {
    count: living.length,
    bytes: living.reduce((sum, row) => sum + (row.pssBytes ?? row.rssBytes ?? 0), 0),
  };
}

/** The word of an act for people, and its icon. */
export const ACT_WORDS: Readonly<
  Record<
    ProcessAct,
    {
      readonly word: string;
      readonly icon: "pause" | "play" | "snowflake" | "square" | "refresh-cw" | "skull";
    }
  >
> = {
  suspend: { word: "Pause", icon: "pause" },
  resume: { word: "Resume", icon: "play" },
  freeze: { word: "Freeze", icon: "snowflake" },
  park: { word: "Stop", icon: "square" },
  retry: { word: "Start", icon: "play" },
  restart: { word: "Restart", icon: "refresh-cw" },
  kill: { word: "Kill", icon: "skull" },
};

/** Order of acts in the menu. */
export const ACT_ORDER: readonly ProcessAct[] = [
  "resume",
  "suspend",
  "freeze",
  "park",
  "retry",
  "restart",
  "kill",
];

/** The at most three acts that stand in the row itself. */
export function rowActs(row: ProcessRow): readonly ProcessAct[] {
  const offered = (acts: readonly ProcessAct[]) => acts.find((act) => row.acts.includes(act));
  const chosen = [offered(["resume", "suspend"]), offered(["retry", "restart"]), offered(["kill"])];
  return chosen.filter((act) => act !== undefined);
}

function isEndOfTree(row: ProcessRow, names: ReadonlySet<string>): boolean {
  if (row.parent === "" || row.parent === row.name || !names.has(row.parent)) return true;
  return row.parent === "root" && row.kind !== "page";
}

function inOrder(rows: readonly ProcessRow[], sort: ProcessSort | null): readonly ProcessRow[] {
  const byKind = rows.toSorted((a, b) => KIND_ORDER.indexOf(a.kind) - KIND_ORDER.indexOf(b.kind));
  if (sort === null) return byKind;
  const sign = sort.direction === "up" ? 1 : -1;
  return byKind.sort(
    (a, b) => sign * compareValues(processValue(a, sort.column), processValue(b, sort.column)),
  );
}

function compareValues(left: number | string, right: number | string): number {
  if (typeof left === "string" || typeof right === "string")
    return String(left).localeCompare(String(right));
  if (Number.isNaN(left) || Number.isNaN(right))
    return Number(Number.isNaN(left)) - Number(Number.isNaN(right));
  return left - right;
}
