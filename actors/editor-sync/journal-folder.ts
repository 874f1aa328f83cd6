/** The journals that lie on disk: of documents that are open, and of those whose unsaved edits wait for somebody. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Summary } from "../../bus/contracts/editor-sync.ts";
import { UNFINISHED } from "./journal.ts";
import { isUnsaved, type Replay, readJournal } from "./journal-record.ts";

/** A clean journal only lets views resume; one that old has none any more, milliseconds. */
const CLEAN_MS_MAX = 24 * 60 * 60 * 1000;
const SUFFIX = ".journal";
/** Journals read at start; more are left where they are. */
const JOURNALS_MAX = 1_000;

export class JournalFolder {
  readonly #folder: string;
  readonly #kept = new Map<string, Summary>();

  /** Reads what is there. @param nowMs wall clock */
  constructor(folder: string, nowMs: number) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder)) {
      // Left by a death while a journal was written anew; the one in its place is whole.
      if (name.endsWith(UNFINISHED)) rmSync(join(folder, name), { force: true });
    }
    for (const { file, changedMs } of newestFirst(folder).slice(0, JOURNALS_MAX)) {
      this.#read(file, nowMs - changedMs > CLEAN_MS_MAX);
    }
  }

  fileOf(id: string): string {
    return join(this.#folder, `${id}${SUFFIX}`);
  }

  pathOf(id: string): string | undefined {
    return this.#kept.get(id)?.path;
  }

  /** The journal of a file; of several, as a rename can leave, the newest with unsaved edits. */
  idOf(path: string): string | undefined {
    const found = [...this.#kept.values()].filter((summary) => summary.path === path);
    return (found.find(({ isDirty }) => isDirty) ?? found[0])?.document;
  }

  has(path: string): boolean {
    return this.idOf(path) !== undefined;
  }

  /** Documents with unsaved edits that nobody has open. */
  unsaved(): Summary[] {
    return [...this.#kept.values()].filter(({ isDirty }) => isDirty);
  }

  /** It is open now, and tells of itself. */
  opened(id: string): void {
    this.#kept.delete(id);
  }

  /** It was let go with unsaved edits in its journal. */
  left(summary: Summary): void {
    this.#kept.set(summary.document, summary);
  }

  /** Takes a journal away that has nothing unsaved; another one stays, out of the way. */
  forgetClean(id: string): void {
    const summary = this.#kept.get(id);
    this.#kept.delete(id);
    if (summary?.isDirty === false) rmSync(this.fileOf(id), { force: true });
  }

  /** Takes the journal of a file away that a rule closes to records by now. */
  forbid(id: string): void {
    rmSync(this.fileOf(id), { force: true });
  }

  #read(file: string, isOld: boolean): void {
    const replay = readJournal(readFileSync(file));
    if (replay === undefined) return;
    const summary = summaryOf(replay);
    if (isOld && !summary.isDirty) rmSync(file, { force: true });
    else this.#kept.set(summary.document, summary);
  }
}

function newestFirst(folder: string): { readonly file: string; readonly changedMs: number }[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(SUFFIX));
  const files = names.map((name) => join(folder, name));
  const found = files.map((file) => ({ file, changedMs: statSync(file).mtimeMs }));
  return found.sort((one, other) => other.changedMs - one.changedMs);
}

function summaryOf(replay: Replay): Summary {
  const { head, edits, dirty, marks } = replay;
  const { conflicts, proposals } = marks?.snapshot ?? head.marks;
  return {
    document: head.document,
    path: head.path,
    isDirty: isUnsaved(replay),
    isRestored: edits.length > 0 || dirty?.empty === false || conflicts.length > 0,
    disk: "same",
    conflicts: conflicts.length,
    proposals: proposals.length,
    clients: 0,
  };
}
