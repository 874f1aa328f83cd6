/** The keys of a tree: arrows, Home and End, Enter, F2, Del, the menu key, and names by their first letters. */
import { type EntryRow, findByPrefix, type TreeRow } from "../../state/file-tree.ts";
import type { EntryActs } from "./entry-acts.ts";

/** Letters typed within this time are one beginning of a name, milliseconds. */
const TYPED_MS = 800;

export interface KeyScene {
  readonly lines: ReadonlyArray<TreeRow | { readonly type: "edit" }>;
  /** Index of the selected line, -1 for none. */
  readonly at: number;
  /** Lines of a page. */
  readonly page: number;
  select(key: string): void;
  readonly acts: EntryActs;
  menu(): void;
}

/** @returns whether the key meant something here. */
export function keyAct(event: KeyboardEvent, scene: KeyScene): boolean {
  if (event.ctrlKey || event.altKey || event.metaKey) return false;
  const target = targetOf(event.key, scene);
  if (target !== undefined) {
    selectNear(scene, target, target < scene.at ? -1 : 1);
    return true;
  }
  const row = rowAt(scene, scene.at);
  if (row !== undefined && actOn(event, scene, row)) return true;
  return event.key.length === 1 && byLetters(event, scene);
}

function targetOf(key: string, { at, page, lines }: KeyScene): number | undefined {
  switch (key) {
    case "ArrowDown":
      return at + 1;
    case "ArrowUp":
      return Math.max(0, at - 1);
    case "PageDown":
      return at + page;
    case "PageUp":
      return Math.max(0, at - page);
    case "Home":
      return 0;
    case "End":
      return lines.length - 1;
    default:
      return undefined;
  }
}

function actOn(event: KeyboardEvent, scene: KeyScene, row: EntryRow): boolean {
  const { acts } = scene;
  const isFolder = row.entry.kind === "folder";
  switch (event.key) {
    case "ArrowRight":
      if (isFolder && !row.isOpen) acts.fold(row);
      else if (isFolder) selectNear(scene, scene.at + 1, 1);
      return true;
    case "ArrowLeft":
      if (isFolder && row.isOpen) acts.fold(row);
      else selectFolderOf(scene, row);
      return true;
    case "Enter":
      if (isFolder) acts.fold(row);
      else acts.open(row);
      return true;
    case "F2":
      if (row.entry.kind !== "closed") acts.rename(row);
      return true;
    case "Delete":
      if (row.entry.kind !== "closed") acts.remove(row);
      return true;
    case "ContextMenu":
      scene.menu();
      return true;
    case "F10":
      if (event.shiftKey) scene.menu();
      return event.shiftKey;
    default:
      return false;
  }
}

/** Selects the line at an index, or the next one that is a name. */
function selectNear(scene: KeyScene, index: number, step: 1 | -1): void {
  const last = scene.lines.length - 1;
  for (let at = Math.min(Math.max(index, 0), last); at >= 0 && at <= last; at += step) {
    const row = rowAt(scene, at);
    if (row !== undefined) return scene.select(row.key);
  }
}

function selectFolderOf(scene: KeyScene, row: EntryRow): void {
  for (let at = scene.at - 1; at >= 0; at -= 1) {
    const above = rowAt(scene, at);
    if (above !== undefined && above.depth < row.depth) return scene.select(above.key);
  }
}

function rowAt(scene: KeyScene, index: number): EntryRow | undefined {
  const line = scene.lines[index];
  return line?.type === "entry" ? line : undefined;
}

let typed = { text: "", atMs: 0 };

function byLetters(event: KeyboardEvent, scene: KeyScene): boolean {
  const isGoingOn = event.timeStamp - typed.atMs < TYPED_MS && typed.text !== "";
  typed = { text: (isGoingOn ? typed.text : "") + event.key, atMs: event.timeStamp };
  const rows = scene.lines.filter((line): line is TreeRow => line.type !== "edit");
  const found = rows[findByPrefix(rows, scene.at + (isGoingOn ? 0 : 1), typed.text)];
  if (found?.type === "entry") scene.select(found.key);
  return true;
}
