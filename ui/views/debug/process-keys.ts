/** Keys of the tree of processes. */
import type { ProcessRow } from "../../../bus/contracts/hub.ts";
import type { ProcessLine } from "../../state/processes.ts";
import type { MenuPlace } from "./menu.tsx";

export interface KeyTarget {
  readonly lines: readonly ProcessLine[];
  readonly line: ProcessLine | undefined;
  readonly select: (name: string) => void;
  readonly toggle: (name: string, wanted: "open" | "closed") => void;
  readonly openMenu: (row: ProcessRow, place: MenuPlace) => void;
  readonly setDetail: (state: "open" | "closed") => void;
}

/** Whether the key was one of the tree's. */
export function pressKey(event: KeyboardEvent, target: KeyTarget): boolean {
  const { lines, line } = target;
  const at = line === undefined ? -1 : lines.indexOf(line);
  const goTo = (index: number) => {
    const next = lines[Math.min(Math.max(0, index), lines.length - 1)];
    if (next === undefined) return;
    target.select(next.row.name);
    document.getElementById(`process-${next.row.name}`)?.scrollIntoView({ block: "nearest" });
  };
  switch (event.key) {
    case "ArrowDown":
      goTo(at + 1);
      return true;
    case "ArrowUp":
      goTo(at - 1);
      return true;
    case "Home":
      goTo(0);
      return true;
    case "End":
      goTo(lines.length - 1);
      return true;
    case "Escape":
      target.setDetail("closed");
      return true;
    default:
      return line !== undefined && pressOnLine(event, line, target);
  }
}

function pressOnLine(event: KeyboardEvent, line: ProcessLine, target: KeyTarget): boolean {
  switch (event.key) {
    case "ArrowRight":
      target.toggle(line.row.name, "open");
      return true;
    case "ArrowLeft":
      target.toggle(line.row.name, "closed");
      return true;
    case "Enter":
      if (event.target instanceof HTMLButtonElement) return false;
      target.setDetail("open");
      return true;
    case "ContextMenu": {
      const box = document.getElementById(`process-${line.row.name}`)?.getBoundingClientRect();
      target.openMenu(line.row, { x: (box?.left ?? 0) + 24, y: box?.bottom ?? 0 });
      return true;
    }
    default:
      return false;
  }
}
