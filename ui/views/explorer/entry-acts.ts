/** What can be done with a line of the explorer. */
import type { Path } from "../../../bus/contracts/file-guard.ts";
import type { App } from "../../app/app.ts";
import { openFile, previewFile } from "../../app/open-place.ts";
import {
  childPath,
  type EntryRow,
  folderKey,
  folderPath,
  type NoteRow,
  ROOT,
} from "../../state/file-tree.ts";
import type { Edit } from "./edit-row.tsx";

export interface EntryActs {
  /** A click: folds or unfolds, or selects. */
  press(row: EntryRow): void;
  /** Opens a file, or folds a folder. */
  open(row: EntryRow): void;
  fold(row: EntryRow): void;
  rename(row: EntryRow): void;
  remove(row: EntryRow): void;
  /** Starts a name in the folder of `near`, or in the workspace. */
  make(what: "file" | "folder", near: EntryRow | undefined): void;
  makeIn(what: "file" | "folder", note: NoteRow): void;
  /** Takes a typed name; undefined gives it up. */
  finish(edit: Edit, name: string | undefined): void;
  /** Moves one into a folder; without a folder into the workspace. */
  move(row: EntryRow, into: EntryRow | undefined): void;
  retry(folder: string): void;
  /** Absolute path as text. */
  fullPath(row: EntryRow): string;
}

/** The view's own state that acts change. */
export interface ActsView {
  select(key: string): void;
  edit(edit: Edit | undefined): void;
  /** Gives the focus back to the tree. */
  focus(): void;
}

export function createEntryActs(app: App, view: ActsView): EntryActs {
  const { files } = app;
  const fullPath = (row: EntryRow): string => {
    const above = files.tree().folders.get(folderKey(row.key))?.realPath ?? "";
    return `${above === "/" ? "" : above}/${row.entry.name}`;
  };
  const fold = (row: EntryRow): void => {
    if (row.entry.kind === "folder") files.toggle(row.key, row.path);
  };
  const explain = (row: EntryRow): void =>
    app.denials.explain(row.path, "in the explorer", () =>
      openFile(app, { path: fullPath(row), line: 0, column: 0 }),
    );
  const makeIn = (what: "file" | "folder", folder: string, path: Path): void => {
    if (folder !== ROOT && !files.tree().open.has(folder)) files.toggle(folder, path);
    view.edit({ type: "make", what, folder, folderPath: path });
  };
  return {
    press(row) {
      view.select(row.key);
      // The row under the pointer took it; the tree has the keys.
      view.focus();
      fold(row);
      if (row.entry.kind === "file") previewFile(app, fullPath(row));
    },
    open(row) {
      if (row.entry.kind === "closed") return explain(row);
      if (row.entry.kind === "file" || row.entry.kind === "link")
        openFile(app, { path: fullPath(row), line: 0, column: 0 });
    },
    fold,
    rename: (row) => view.edit({ type: "rename", row }),
    remove: (row) => void files.remove(row.path, row.entry.name),
    make(what, near) {
      if (near?.entry.kind === "folder") return makeIn(what, near.key, near.path);
      if (near === undefined) return makeIn(what, ROOT, "");
      makeIn(what, folderKey(near.key), folderPath(near.path));
    },
    makeIn: (what, note) => makeIn(what, note.folder, note.path),
    finish(edit, name) {
      view.edit(undefined);
      view.focus();
      if (name === undefined) return;
      if (edit.type === "make") {
        void files.make(edit.what, childPath(edit.folderPath, { name }));
        view.select(edit.folder === ROOT ? name : `${edit.folder}/${name}`);
        return;
      }
      const folder = folderKey(edit.row.key);
      const to = childPath(folderPath(edit.row.path), { name });
      void files.rename(edit.row.path, to, edit.row.entry.name);
      view.select(folder === ROOT ? name : `${folder}/${name}`);
    },
    move(row, into) {
      const target = into?.key ?? ROOT;
      const isInside = target === row.key || target.startsWith(`${row.key}/`);
      if (isInside || target === folderKey(row.key)) return;
      void files.rename(row.path, childPath(into?.path ?? "", row.entry), row.entry.name);
    },
    retry: (folder) => void files.refresh(folder),
    fullPath,
  };
}
