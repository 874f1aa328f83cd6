/** The explorer's tree: which folders are open and what was read of them. Pure. */
import type { Entry, Path } from "../../bus/contracts/file-guard.ts";

/** What is known of one folder. Names read before stay visible while it is read again. */
export interface Folder {
  readonly state: "loading" | "ready" | "failed";
  /** Sorted as they are shown. */
  readonly entries: readonly Entry[];
  /** Real path; empty until the first answer. */
  readonly realPath: string;
  /** Whether there are more names than were told. */
  readonly isCut: boolean;
  /** Why it could not be read; empty otherwise. */
  readonly words: string;
}

export interface FileTree {
  /** Keys of the folders that are unfolded; the workspace itself always is. */
  readonly open: ReadonlySet<string>;
  readonly folders: ReadonlyMap<string, Folder>;
}

/** A line of the explorer. */
export type TreeRow = EntryRow | NoteRow;

export interface EntryRow {
  readonly type: "entry";
  readonly key: string;
  readonly path: Path;
  readonly entry: Entry;
  /** 0 for what lies in the workspace itself. */
  readonly depth: number;
  readonly isOpen: boolean;
}

/** What is said in place of names. */
export interface NoteRow {
  readonly type: "note";
  readonly key: string;
  /** Key and path of the folder it speaks of. */
  readonly folder: string;
  readonly path: Path;
  readonly depth: number;
  readonly note: "empty" | "loading" | "failed" | "cut";
  readonly words: string;
}

/** Key of the workspace. */
export const ROOT = "";
/** Folders kept open at once; opening more folds the oldest. */
export const OPEN_MAX = 1_000;

const NEW_FOLDER: Folder = {
  state: "loading",
  entries: [],
  realPath: "",
  isCut: false,
  words: "",
};

export const EMPTY_TREE: FileTree = {
  open: new Set([ROOT]),
  folders: new Map([[ROOT, NEW_FOLDER]]),
};

/** Key of a name in a folder. Names whose bytes are no text get keys that no text can be. */
export function childKey(folder: string, entry: Pick<Entry, "name" | "raw">): string {
  const name = entry.raw === undefined ? entry.name : `\0${[...entry.raw].join(",")}`;
  return folder === ROOT ? name : `${folder}/${name}`;
}

/** Path of a name in a folder, as the guard wants it. */
export function childPath(folder: Path, entry: Pick<Entry, "name" | "raw">): Path {
  if (typeof folder === "string" && entry.raw === undefined)
    return folder === "" ? entry.name : `${folder}/${entry.name}`;
  const above = typeof folder === "string" ? new TextEncoder().encode(folder) : folder;
  const name = entry.raw ?? new TextEncoder().encode(entry.name);
  const slash = above.length === 0 ? [] : [47];
  return Uint8Array.from([...above, ...slash, ...name]);
}

/** Key of the folder a name lies in. */
export function folderKey(key: string): string {
  return key.slice(0, Math.max(0, key.lastIndexOf("/")));
}

/** Path of the folder a path lies in. */
export function folderPath(path: Path): Path {
  if (typeof path === "string") return folderKey(path);
  return path.slice(0, Math.max(0, path.lastIndexOf(47)));
}

/** Unfolds or folds. A folder that is unfolded is to be read by the caller. */
export function setOpen(tree: FileTree, key: string, to: "open" | "folded"): FileTree {
  const open = new Set(tree.open);
  const folders = new Map(tree.folders);
  if (to === "folded") {
    open.delete(key);
    return { ...tree, open };
  }
  open.add(key);
  if (open.size > OPEN_MAX) {
    const oldest = [...open].find((known) => known !== ROOT);
    if (oldest !== undefined) open.delete(oldest);
  }
  if (!folders.has(key)) folders.set(key, NEW_FOLDER);
  return { open, folders };
}

/** Takes what was read; folders that are no longer among the names are forgotten with all below them. */
export function setListed(
  tree: FileTree,
  key: string,
  listed: { readonly path: string; readonly entries: readonly Entry[]; readonly isCut: boolean },
): FileTree {
  const entries = sortEntries(listed.entries);
  const folder: Folder = {
    state: "ready",
    entries,
    realPath: listed.path,
    isCut: listed.isCut,
    words: "",
  };
  const names = new Set(entries.map((entry) => childKey(key, entry)));
  const isGone = (known: string): boolean => {
    const child = childOf(key, known);
    return child !== undefined && !names.has(child);
  };
  return {
    open: new Set([...tree.open].filter((known) => !isGone(known))),
    folders: new Map([
      ...[...tree.folders].filter(([known]) => !isGone(known)),
      [key, folder] as const,
    ]),
  };
}

/** Keeps the names and says why they could not be read again. */
export function setFailed(tree: FileTree, key: string, words: string): FileTree {
  const before = tree.folders.get(key) ?? NEW_FOLDER;
  const folders = new Map(tree.folders).set(key, { ...before, state: "failed", words });
  return { ...tree, folders };
}

/** The lines to show, from top to bottom. */
export function rowsOf(tree: FileTree): TreeRow[] {
  const rows: TreeRow[] = [];
  addRows(rows, tree, { key: ROOT, path: "", depth: 0 });
  return rows;
}

/** Folders first, then by name as people count: `a2` before `a10`. */
export function sortEntries(entries: readonly Entry[]): Entry[] {
  const rank = (entry: Entry): number => (entry.kind === "folder" ? 0 : 1);
  return entries.toSorted(
    (a, b) => rank(a) - rank(b) || COLLATOR.compare(a.name, b.name) || (a.name < b.name ? -1 : 1),
  );
}

/** The next line whose name begins so, after `from`, around the end. */
export function findByPrefix(rows: readonly TreeRow[], from: number, typed: string): number {
  const wanted = typed.toLowerCase();
  for (let step = 0; step < rows.length; step += 1) {
    const at = (from + step) % rows.length;
    const row = rows[at];
    if (row?.type === "entry" && row.entry.name.toLowerCase().startsWith(wanted)) return at;
  }
  return -1;
}

const COLLATOR = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

interface Place {
  readonly key: string;
  readonly path: Path;
  readonly depth: number;
}

function addRows(rows: TreeRow[], tree: FileTree, { key, path, depth }: Place): void {
  const folder = tree.folders.get(key);
  if (folder === undefined) return;
  const note = (kind: NoteRow["note"], words: string): void => {
    rows.push({
      type: "note",
      key: `${key}\0${kind}`,
      folder: key,
      path,
      depth,
      note: kind,
      words,
    });
  };
  if (folder.state === "failed") note("failed", folder.words);
  for (const entry of folder.entries) {
    const child = { key: childKey(key, entry), path: childPath(path, entry), depth: depth + 1 };
    const isOpen = tree.open.has(child.key);
    rows.push({ type: "entry", key: child.key, path: child.path, entry, depth, isOpen });
    if (isOpen) addRows(rows, tree, child);
  }
  if (folder.entries.length > 0) {
    if (folder.isCut) note("cut", `Only the first ${folder.entries.length} names are shown.`);
  } else if (folder.state === "ready") note("empty", "Empty folder.");
  else if (folder.state === "loading") note("loading", "");
}

/** The child of `folder` on the way to `key`, if that lies below it. */
function childOf(folder: string, key: string): string | undefined {
  const start = folder === ROOT ? "" : `${folder}/`;
  if (key === ROOT || !key.startsWith(start) || key === folder) return undefined;
  const end = key.indexOf("/", start.length);
  return end === -1 ? key : key.slice(0, end);
}
