/** The text of a file in git's last commit, for the marks beside the text: fetched when it is opened, saved or returned to. */
import { createEffect, on } from "solid-js";
import { headText } from "../../bus/contracts/git.ts";
import { lineText } from "../editor/line-text.ts";
import type { OpenDocument } from "../editor/open-document.ts";
import { pathWithin } from "../state/paths.ts";
import type { App } from "./app.ts";

/** Lives in the calling reactive scope. */
export function followHead(app: App, document: OpenDocument): void {
  const fetch = (): void => void fetchHead(app, document);
  createEffect(
    on(document.phase, (phase) => {
      if (phase === "live") fetch();
    }),
  );
  createEffect(on(document.saved, fetch, { defer: true }));
  createEffect(on(app.isFront, (isFront) => isFront && fetch(), { defer: true }));
}

/** No marks where git says nothing: no repository, a new file, a binary one. */
async function fetchHead(app: App, document: OpenDocument): Promise<void> {
  try {
    const { workspace } = await app.editors.places();
    const path = pathWithin(document.state()?.path ?? document.path, workspace);
    if (path === undefined) return document.head.set(undefined);
    const side = await app.connection.request(headText, { path });
    if (side.is !== "text") return document.head.set(undefined);
    const text = lineText(side.text);
    if (document.head()?.eq(text) !== true) document.head.set(text);
  } catch {
    document.head.set(undefined);
  }
}
