/** Opens a place in a file: in the editor that shows it, else in a new one. */
import { stat } from "../../bus/contracts/file-guard.ts";
import { absolutePath } from "../state/paths.ts";
import type { App } from "./app.ts";
import { messageOf } from "./settings-store.ts";

/** Where in a file; 0 where nothing was said. Lines and columns count from 1. */
export interface FilePlace {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** An absolute path. */
export function openFile(app: App, place: FilePlace): void {
  app.editors.noteOpened(place.path);
  app.early.act(() => app.dock()?.openEditor(place));
}

/** Shows a file, absolute, for a look: the keys stay where they are, and the next look takes its tab. */
export function previewFile(app: App, path: string): void {
  app.early.act(() => app.dock()?.previewEditor(path));
}

/** A path from the workspace on. */
export async function openInWorkspace(app: App, place: FilePlace): Promise<void> {
  try {
    const { workspace, home } = await app.editors.places();
    openFile(app, { ...place, path: absolutePath(place.path, { folder: workspace, home }) });
  } catch (error) {
    tellNotOpened(app, place.path, error);
  }
}

/**
 * A path a program printed: a relative one counts from the folder of the active terminal. What is no file is told, and
 * nothing is opened.
 */
export async function openPrinted(app: App, place: FilePlace): Promise<void> {
  try {
    const { workspace, home } = await app.editors.places();
    const id = app.dock()?.activeSession();
    const cwd = id === undefined ? "" : (app.sessions.byId(id)?.cwd ?? "");
    const path = absolutePath(place.path, { folder: cwd === "" ? workspace : cwd, home });
    const { kind } = await app.connection.request(stat, { path });
    if (kind === "folder") throw new Error("It is a folder.");
    openFile(app, { ...place, path });
  } catch (error) {
    tellNotOpened(app, place.path, error);
  }
}

function tellNotOpened(app: App, path: string, error: unknown): void {
  app.toasts.show({
    tag: "open",
    level: "warn",
    title: `${path} was not opened.`,
    text: messageOf(error),
  });
}
