/** The .editorconfig files over a file, read once for a short while. */
import { read } from "../../bus/contracts/file-guard.ts";
import {
  type EditorConfigFile,
  type EditorRules,
  FOLDERS_MAX,
  rulesFor,
} from "../state/editor-config.ts";
import { folderOf } from "../state/paths.ts";
import type { App } from "./app.ts";

const NAME = ".editorconfig";
const BYTES_MAX = 64 * 1024;
/** How long what was read counts, milliseconds. */
const FRESH_MS = 5_000;
/** Longest that a save or an opening waits for them, milliseconds. */
const READ_MS_MAX = 1_500;

const known = new Map<
  string,
  { readonly atMs: number; readonly text: Promise<string | undefined> }
>();

/** Of folders within the workspace only; a file elsewhere has no rules. `path` is absolute. */
export async function rulesOf(app: App, path: string): Promise<EditorRules> {
  try {
    const { workspace } = await app.editors.places();
    const folders = foldersOf(path, workspace);
    const texts = await Promise.all(folders.map((folder) => textIn(app, folder)));
    const files = folders.flatMap((folder, at): EditorConfigFile[] => {
      const text = texts[at];
      return text === undefined ? [] : [{ folder, text }];
    });
    return rulesFor(path, files);
  } catch {
    return {};
  }
}

/** From the file's own up to the workspace. */
function foldersOf(path: string, workspace: string): string[] {
  const folders: string[] = [];
  for (let folder = folderOf(path); folders.length < FOLDERS_MAX; folder = folderOf(folder)) {
    if (folder !== workspace && !folder.startsWith(`${workspace}/`)) break;
    folders.push(folder);
  }
  return folders;
}

function textIn(app: App, folder: string): Promise<string | undefined> {
  const before = known.get(folder);
  if (before !== undefined && Date.now() - before.atMs < FRESH_MS) return before.text;
  const text = app.connection
    .request(
      read,
      { path: `${folder}/${NAME}`, offset: 0, length: BYTES_MAX },
      { timeoutMs: READ_MS_MAX },
    )
    .then(
      ({ bytes }) => new TextDecoder().decode(bytes),
      // There is none, or it is closed: it says nothing.
      () => undefined,
    );
  known.set(folder, { atMs: Date.now(), text });
  return text;
}
