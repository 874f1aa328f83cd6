/** The keys of the list of changes. */
import type { Group } from "../../../bus/contracts/git.ts";
import type { ChangeRow } from "../../state/changes.ts";

export interface ChangeScene {
  readonly rows: readonly ChangeRow[];
  /** Index of the selected row, -1 for none. */
  readonly at: number;
  /** Rows of a page. */
  readonly page: number;
  /** Selects by index; outside of the list the nearest. */
  go(to: number): void;
  act(row: ChangeRow): void;
  fold(group: Group): void;
}

/** @returns whether the key meant something here. */
export function changeKey(event: KeyboardEvent, scene: ChangeScene): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const { rows, at, page, go } = scene;
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    PageDown: at + page,
    PageUp: at - page,
    Home: 0,
    End: rows.length - 1,
  };
  const to = steps[event.key];
  const row = rows[at];
  if (to !== undefined) go(to);
  return to !== undefined || (row !== undefined && actOn(event.key, row, scene));
}

function actOn(key: string, row: ChangeRow, { rows, at, go, act, fold }: ChangeScene): boolean {
  const isHead = row.type === "head";
  switch (key) {
    case "Enter":
    case " ":
      act(row);
      return true;
    case "ArrowRight":
      if (isHead && !row.isOpen) fold(row.group);
      else if (isHead) go(at + 1);
      return true;
    case "ArrowLeft":
      if (isHead && row.isOpen) fold(row.group);
      else if (!isHead) go(headAbove(rows, at));
      return true;
    default:
      return false;
  }
}

function headAbove(rows: readonly ChangeRow[], at: number): number {
  for (let above = at; above >= 0; above--) if (rows[above]?.type === "head") return above;
  return at;
}
