/** The menu of a line, or of the empty ground below all lines. */
import type { App } from "../../app/app.ts";
import { messageOf } from "../../app/settings-store.ts";
import type { EntryRow } from "../../state/file-tree.ts";
import type { MenuItem } from "../debug/menu.tsx";
import type { EntryActs } from "./entry-acts.ts";

export function entryItems(app: App, acts: EntryActs, row: EntryRow | undefined): MenuItem[] {
  const make: MenuItem[] = [
    { label: "New file", icon: "file-plus", run: () => acts.make("file", row) },
    { label: "New folder", icon: "folder-plus", run: () => acts.make("folder", row) },
  ];
  if (row === undefined) return make;
  const closed =
    row.entry.kind === "closed" ? `Closed by rule ${row.entry.denied ?? ""}.` : undefined;
  if (closed !== undefined) {
    return [
      { label: "Why is it closed?", icon: "lock", says: closed, run: () => acts.open(row) },
      ...make,
      { label: "Copy path", icon: "copy", run: () => copy(app, acts.fullPath(row)) },
    ];
  }
  return [
    {
      label: row.entry.kind === "folder" ? (row.isOpen ? "Fold" : "Unfold") : "Open",
      run: () => (row.entry.kind === "folder" ? acts.fold(row) : acts.open(row)),
    },
    ...make,
    { label: "Rename (F2)", run: () => acts.rename(row) },
    {
      label: "Delete (Del)",
      says: "Moves it to the trash",
      run: () => acts.remove(row),
    },
    { label: "Copy path", icon: "copy", run: () => copy(app, acts.fullPath(row)) },
  ];
}

function copy(app: App, text: string): void {
  app.host.setClipboardText(text).catch((error: unknown) =>
    app.toasts.show({
      tag: "clipboard",
      level: "warn",
      title: "The clipboard cannot be used.",
      text: messageOf(error),
    }),
  );
}
