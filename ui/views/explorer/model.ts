/** What one explorer shows: its lines, what is selected, named or dragged, and which of the lines are in view. */
import { type Accessor, createEffect, createMemo, createSignal } from "solid-js";
import type { App } from "../../app/app.ts";
import { type EntryRow, rowsOf, type TreeRow } from "../../state/file-tree.ts";
import { createElementSize } from "../debug/element-size.ts";
import type { MenuPlace } from "../debug/menu.tsx";
import { createDrag, type Drag } from "./drag.ts";
import type { Edit } from "./edit-row.tsx";
import { createEntryActs, type EntryActs } from "./entry-acts.ts";
import { keyAct } from "./keys.ts";

/** Height of a row, CSS pixels (ux.md section 1). */
export const ROW_PX = 24;
/** Rows drawn above and below those in view. */
const SPARE_ROWS = 8;

/** A row, or the line where a name is typed. */
export type Line = TreeRow | { readonly type: "edit"; readonly depth: number; readonly edit: Edit };

/** A menu that is open, for a line or for the ground below all lines. */
export interface OpenMenu {
  readonly place: MenuPlace;
  readonly row: EntryRow | undefined;
}

export interface ExplorerModel {
  readonly lines: Accessor<readonly Line[]>;
  /** Index of the selected line, -1 for none. */
  readonly at: Accessor<number>;
  readonly selected: Accessor<string | undefined>;
  readonly selectedRow: Accessor<EntryRow | undefined>;
  readonly menu: Accessor<OpenMenu | undefined>;
  /** Index of the first line that is drawn, and those that are. */
  readonly first: Accessor<number>;
  readonly shown: Accessor<readonly Line[]>;
  readonly acts: EntryActs;
  readonly drag: Drag;
  mount(list: HTMLElement): void;
  scrolled(): void;
  focused(): void;
  keyed(event: KeyboardEvent): void;
  menuAt(event: MouseEvent): void;
  closeMenu(): void;
}

/** Lives in the calling reactive scope. */
export function createExplorerModel(app: App): ExplorerModel {
  const [edit, setEdit] = createSignal<Edit | undefined>(undefined);
  const [selected, select] = createSignal<string | undefined>(undefined);
  const [menu, setMenu] = createSignal<OpenMenu | undefined>(undefined);
  const [top, setTop] = createSignal(0);
  const [list, setList] = createSignal<HTMLElement | undefined>(undefined);
  const size = createElementSize();
  const lines = createMemo(() => linesOf(rowsOf(app.files.tree()), edit()));
  const at = createMemo(() =>
    lines().findIndex((line) => isEntry(line) && line.key === selected()),
  );
  const selectedRow = (): EntryRow | undefined => entryOf(lines()[at()]);
  const acts = createEntryActs(app, { select, edit: setEdit, focus: () => list()?.focus() });
  const rowAt = (y: number): EntryRow | undefined => entryAt(lines(), list(), y);
  const first = (): number => Math.max(0, Math.floor(top() / ROW_PX) - SPARE_ROWS);
  const openMenu = (row: EntryRow | undefined, place: MenuPlace): void => {
    if (row !== undefined) select(row.key);
    setMenu({ place, row });
  };
  createEffect(() => {
    const box = list();
    if (box !== undefined && at() >= 0) keepInView(box, at());
  });
  return {
    lines,
    at,
    selected,
    selectedRow,
    menu,
    first,
    shown: () =>
      lines().slice(first(), first() + Math.ceil(size.height() / ROW_PX) + 2 * SPARE_ROWS),
    acts,
    drag: createDrag({ rowAt, drop: acts.move }),
    mount(made) {
      setList(made);
      size.observe(made);
    },
    scrolled: () => setTop(list()?.scrollTop ?? 0),
    focused() {
      const row = lines().find(isEntry);
      if (at() < 0 && row !== undefined) select(row.key);
    },
    keyed(event) {
      const box = list();
      if (box === undefined || event.target !== box) return;
      const page = Math.max(1, Math.floor(size.height() / ROW_PX) - 1);
      const showMenu = (): void => openMenu(selectedRow(), placeOf(box, at()));
      const scene = { lines: lines(), at: at(), page, select, acts, menu: showMenu };
      if (keyAct(event, scene)) event.preventDefault();
    },
    menuAt(event) {
      event.preventDefault();
      openMenu(rowAt(event.clientY), { x: event.clientX, y: event.clientY });
    },
    closeMenu: () => setMenu(undefined),
  };
}

/** Puts the line of a name being typed where the name will be. */
function linesOf(rows: readonly TreeRow[], edit: Edit | undefined): readonly Line[] {
  if (edit === undefined) return rows;
  if (edit.type === "rename")
    return rows.map((row) =>
      row.key === edit.row.key ? { type: "edit", depth: row.depth, edit } : row,
    );
  const folder = rows.findIndex((row) => isEntry(row) && row.key === edit.folder);
  const depth = folder === -1 ? 0 : (rows[folder]?.depth ?? 0) + 1;
  return [...rows.slice(0, folder + 1), { type: "edit", depth, edit }, ...rows.slice(folder + 1)];
}

function isEntry(line: Line): line is EntryRow {
  return line.type === "entry";
}

function entryOf(line: Line | undefined): EntryRow | undefined {
  return line?.type === "entry" ? line : undefined;
}

function entryAt(
  lines: readonly Line[],
  list: HTMLElement | undefined,
  y: number,
): EntryRow | undefined {
  if (list === undefined) return undefined;
  const offset = y - list.getBoundingClientRect().top + list.scrollTop;
  return entryOf(lines[Math.floor(offset / ROW_PX)]);
}

function keepInView(list: HTMLElement, index: number): void {
  const { scrollTop, clientHeight } = list;
  const above = index * ROW_PX;
  if (above < scrollTop) list.scrollTop = above;
  else if (above + ROW_PX > scrollTop + clientHeight)
    list.scrollTop = above + ROW_PX - clientHeight;
}

function placeOf(list: HTMLElement, index: number): MenuPlace {
  const box = list.getBoundingClientRect();
  return { x: box.left + 40, y: box.top + (index + 1) * ROW_PX - list.scrollTop };
}
