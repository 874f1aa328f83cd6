/** Opens a place in a file: the hub asks every page to show it. */
import { info, open as openMethod } from "../../bus/contracts/hub.ts";
import type { PathLink } from "../state/path-links.ts";
import type { App } from "./app.ts";
import { messageOf } from "./settings-store.ts";

/** A path from the workspace on. */
export function openInWorkspace(app: App, place: Pick<PathLink, "path" | "line" | "column">): void {
  app.connection.request(info, {}).then(
    ({ workspace }) => openPlace(app, { ...place, path: `${workspace}/${place.path}` }),
    (error: unknown) => tellNotOpened(app, place.path, error),
  );
}

/** A relative path counts from the folder of the active terminal. */
export function openPlace(app: App, place: Pick<PathLink, "path" | "line" | "column">): void {
  const id = app.dock()?.activeSession();
  const cwd = id === undefined ? "" : (app.sessions.byId(id)?.cwd ?? "");
  const path = /^[/~]/.test(place.path) || cwd === "" ? place.path : `${cwd}/${place.path}`;
  app.connection
    .request(openMethod, { path, line: place.line, column: place.column, newWindow: false })
    .catch((error: unknown) => tellNotOpened(app, place.path, error));
}

function tellNotOpened(app: App, path: string, error: unknown): void {
  app.toasts.show({
    tag: "open",
    level: "warn",
    title: `${path} was not opened.`,
    text: messageOf(error),
  });
}
