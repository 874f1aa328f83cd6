/** The text of a version: from the page, the editor's process, git, or the disk through the file guard. */
import type { Text } from "@codemirror/state";
import { commitText, headText, indexText, type Side } from "../../bus/contracts/git.ts";
import { lineText } from "../editor/line-text.ts";
import type { OpenDocument } from "../editor/open-document.ts";
import { pathWithin } from "../state/paths.ts";
import type { Version } from "../state/version-id.ts";
import type { App } from "./app.ts";
import { diskText } from "./diff-texts.ts";
import { readVersion } from "./document-store.ts";

/** A version as it is compared, or why it has no text. */
export type VersionText =
  | { readonly is: "text"; readonly text: Text }
  | Exclude<Side, { readonly is: "text" }>;

/**
 * `undefined` while the document is not open yet. Rejects with `file-guard/denied` when a rule closes the file, and with
 * git's errors.
 */
export async function readVersionText(
  app: App,
  document: OpenDocument,
  version: Version,
): Promise<VersionText | undefined> {
  switch (version.is) {
    case "here": {
      const text = document.model()?.text;
      return text === undefined ? undefined : { is: "text", text };
    }
    case "disk": {
      const id = document.facts()?.document;
      if (id === undefined) return undefined;
      return of(await readVersion(app.connection, { document: id, side: "disk" }));
    }
    case "file":
      return fromSide(await diskText(app.connection, version.path));
    default:
      return fromSide(await gitText(app, document, version));
  }
}

async function gitText(
  app: App,
  document: OpenDocument,
  version: Extract<Version, { is: "head" | "index" | "commit" }>,
): Promise<Side> {
  const { workspace } = await app.editors.places();
  const path = pathWithin(document.state()?.path ?? document.path, workspace);
  if (path === undefined) throw new Error("git is asked for files of the workspace only.");
  if (version.is === "head") return app.connection.request(headText, { path });
  if (version.is === "index") return app.connection.request(indexText, { path });
  return app.connection.request(commitText, { path, commit: version.id });
}

function fromSide(side: Side): VersionText {
  return side.is === "text" ? of(side.text) : side;
}

function of(text: string): VersionText {
  return { is: "text", text: lineText(text) };
}
