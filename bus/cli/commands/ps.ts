/** `bulkhead ps`: one line per process. */
import type { ProcessRow } from "../../contracts/hub.ts";
import { hub } from "../../contracts/index.ts";
import type { Session } from "../session.ts";
import { type Column, formatBytes, formatSpan, renderTable } from "../table.ts";

const columns: readonly Column[] = [
  { head: "NAME", align: "left" },
  { head: "STATE", align: "left" },
  { head: "PID", align: "right" },
  { head: "MEMORY", align: "right" },
  { head: "UP", align: "right" },
  { head: "RESTARTS", align: "right" },
  { head: "WAITING", align: "right" },
  { head: "LAST END", align: "left" },
];

/** Prints the processes: the tree for people, one object a line with `--json`. */
export async function ps(session: Session): Promise<void> {
  const { processes } = await session.peer.request(hub.processesList, {}, session.callOptions);
  if (session.json) {
    for (const row of processes) session.outJson(jsonRow(row));
    return;
  }
  const lines = renderTable(columns, inTreeOrder(processes).map(textRow));
  for (const line of lines) session.out(line);
}

/** The fields scripts rely on, and no others. */
function jsonRow(row: ProcessRow): object {
  const { name, kind, state, pid, epoch, restarts, reason, rssBytes, pssBytes, mailbox } = row;
  const uptimeMs = row.uptimeMs === null ? null : Math.round(row.uptimeMs);
  return { name, kind, state, pid, epoch, restarts, reason, rssBytes, pssBytes, mailbox, uptimeMs };
}

interface Placed {
  readonly row: ProcessRow;
  readonly depth: number;
}

/** Parents before their children. A row whose parent is not there stands at the top. */
export function inTreeOrder(rows: readonly ProcessRow[]): Placed[] {
  const names = new Set(rows.map((row) => row.name));
  const placed: Placed[] = [];
  const seen = new Set<string>();
  const place = (row: ProcessRow, depth: number): void => {
    if (seen.has(row.name)) return;
    seen.add(row.name);
    placed.push({ row, depth });
    for (const child of rows) if (child.parent === row.name) place(child, depth + 1);
  };
  for (const row of rows) if (!names.has(row.parent)) place(row, 0);
  // Two rows that name each other as parent would otherwise be lost.
  for (const row of rows) place(row, 0);
  return placed;
}

function textRow({ row, depth }: Placed): string[] {
  return [
    "  ".repeat(depth) + row.name,
    row.state,
    row.pid === null ? "-" : String(row.pid),
    formatBytes(row.pssBytes ?? row.rssBytes),
    formatSpan(row.uptimeMs),
    String(row.restarts),
    String(row.mailbox + row.held),
    row.reason,
  ];
}
