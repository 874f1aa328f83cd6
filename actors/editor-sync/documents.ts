/**
 * All documents of this process: found by id or real path, opened once, kept while somebody needs them.
 *
 *   journal on disk --attach--> open --last view gone, 60 s--> clean: forgotten; unsaved: journal on disk
 */
import { resolve } from "node:path";
import type { Clock } from "../../bus/clock.ts";
import { EditorSyncCode } from "../../bus/contracts/editor-document.ts";
import type { Summary } from "../../bus/contracts/editor-sync.ts";
import { BusError } from "../../bus/errors.ts";
import type { CallContext } from "../../bus/peer.ts";
import { DiskSync } from "./disk-sync.ts";
import type { LiveDocument } from "./document.ts";
import { type GuardedFiles, isAbsence, isOutside } from "./guarded-files.ts";
import type { JournalFolder } from "./journal-folder.ts";
import { LargeFile } from "./large-file.ts";
import type { Merger } from "./merger.ts";
import { type OpenTools, openFile, readJournalFile, restoreDocument } from "./open-document.ts";
import type { Watches } from "./watches.ts";

/** Documents open at once. */
export const DOCUMENTS_MAX = 500;
/** A document without views is let go after this time, milliseconds. */
const IDLE_MS = 60_000;
/** Hints within this time are one, milliseconds. */
const SETTLE_MS = 50;

/** An open document with what keeps it in step with its file. */
export interface Open {
  readonly document: LiveDocument;
  readonly sync: DiskSync;
}

/** What documents are made with. */
export interface DocumentsTools {
  readonly files: GuardedFiles;
  readonly merger: Merger;
  readonly watches: Watches;
  readonly journals: JournalFolder;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly workspace: string;
  readonly onChange: () => void;
}

interface Entry extends Open {
  unwatch: () => void;
  watched: string;
  cancelLook: (() => void) | undefined;
  cancelIdle: (() => void) | undefined;
}

export class Documents {
  readonly #tools: DocumentsTools;
  readonly #open = new Map<string, Entry>();
  readonly #large = new Map<string, LargeFile>();
  readonly #opening = new Map<string, Promise<Open | LargeFile>>();

  constructor(tools: DocumentsTools) {
    this.#tools = tools;
  }

  /** A document that is open. @throws BusError `no-such-document` */
  get(id: string): Open {
    const entry = this.#open.get(id);
    if (entry !== undefined) return entry;
    throw noSuch(id);
  }

  /** @throws BusError `no-such-document` */
  large(id: string): LargeFile {
    const file = this.#large.get(id);
    if (file !== undefined) return file;
    throw noSuch(id);
  }

  all(): Open[] {
    return [...this.#open.values()];
  }

  list(): Summary[] {
    const open = this.all().map(({ document }) => document.summary());
    const isOpen = new Set(open.map(({ document }) => document));
    const kept = this.#tools.journals.unsaved().filter(({ document }) => !isOpen.has(document));
    return [...open, ...kept];
  }

  /** Where a document is: open, or kept from an earlier life. Undefined: it is neither. */
  pathOf(id: string): string | undefined {
    const known = this.#open.get(id) ?? this.#large.get(id);
    return known === undefined ? this.#tools.journals.pathOf(id) : pathOf(known);
  }

  /** By id: open, or kept from an earlier life. The file guard judges the caller. */
  async byId(id: string, call: CallContext): Promise<Open | LargeFile> {
    const path = this.pathOf(id);
    if (path === undefined) throw noSuch(id);
    const found = await this.byPath(path, call);
    if (idOf(found) !== id) throw noSuch(id);
    return found;
  }

  /** By path; opens it when it is not. @throws what the file guard says */
  async byPath(path: string, call: CallContext): Promise<Open | LargeFile> {
    const real = await this.#realPath(path, call);
    const known = this.#atPath(real);
    if (known !== undefined) return known;
    let opening = this.#opening.get(real);
    if (opening === undefined) {
      opening = this.#begin(real, call).finally(() => this.#opening.delete(real));
      this.#opening.set(real, opening);
    }
    return opening;
  }

  /** Called when views came or went, or the path changed. */
  settle(document: LiveDocument): void {
    const entry = this.#open.get(document.id);
    if (entry === undefined) return;
    if (entry.watched !== document.disk.path) {
      entry.unwatch();
      this.#watch(entry);
    }
    entry.cancelIdle?.();
    entry.cancelIdle = undefined;
    if (document.views > 0) return;
    entry.cancelIdle = this.#tools.clock.setTimer(IDLE_MS, () => this.#letGo(entry));
  }

  /** Lets go of a large file that nobody looks at. */
  settleLarge(file: LargeFile): void {
    if (file.views === 0) this.#large.delete(file.id);
  }

  /** Writes down what there is and ends all. */
  close(code: string, message: string): void {
    for (const entry of this.#open.values()) {
      entry.unwatch();
      entry.cancelLook?.();
      entry.cancelIdle?.();
      entry.document.close(code, message);
    }
    this.#open.clear();
  }

  async #realPath(path: string, call: CallContext): Promise<string> {
    try {
      return (await this.#tools.files.stat(path, call)).path;
    } catch (error) {
      const full = resolve(this.#tools.workspace, path);
      const isKnown = this.#atPath(full) !== undefined || this.#tools.journals.has(full);
      if (isAbsence(error) && isKnown) return full;
      // The person asks for this one file; nobody else can.
      if (isOutside(error) && call.principal === "person")
        return this.#tools.files.widen(full, call);
      throw error;
    }
  }

  #atPath(path: string): Entry | LargeFile | undefined {
    for (const entry of this.#open.values()) {
      if (entry.document.disk.path === path) return entry;
    }
    for (const file of this.#large.values()) {
      if (file.path === path) return file;
    }
    return undefined;
  }

  async #begin(path: string, call: CallContext): Promise<Open | LargeFile> {
    if (this.#open.size + this.#large.size >= DOCUMENTS_MAX) {
      const message = `${DOCUMENTS_MAX} documents are open already`;
      throw new BusError(EditorSyncCode.limit, message);
    }
    const tools = this.#openTools();
    const restored = await this.#restored(path, call, tools);
    if (restored !== undefined) {
      const open = await this.#add(restored);
      if (!restored.kept.isAllowed) this.#tools.journals.forbid(restored.id);
      return open;
    }
    const opened = await openFile(path, call, tools);
    if (!("stat" in opened)) return this.#add(opened);
    const file = new LargeFile(this.#tools.newId(), opened, this.#tools.files);
    this.#large.set(file.id, file);
    return file;
  }

  async #restored(
    path: string,
    call: CallContext,
    tools: OpenTools,
  ): Promise<LiveDocument | undefined> {
    const { journals } = this.#tools;
    const id = journals.idOf(path);
    const replay = id === undefined ? undefined : readJournalFile(journals.fileOf(id));
    if (id === undefined || replay === undefined) return undefined;
    const document = await restoreDocument(replay, call, tools);
    // A clean one that cannot go on has nothing to lose.
    if (document === undefined) journals.forgetClean(id);
    else journals.opened(id);
    return document;
  }

  async #add(document: LiveDocument): Promise<Open> {
    const sync = new DiskSync(document, this.#tools);
    const entry: Entry = {
      document,
      sync,
      unwatch: () => undefined,
      watched: "",
      cancelLook: undefined,
      cancelIdle: undefined,
    };
    this.#open.set(document.id, entry);
    this.#watch(entry);
    await sync.rescan();
    this.settle(document);
    return entry;
  }

  #watch(entry: Entry): void {
    const { watches, clock } = this.#tools;
    entry.watched = entry.document.disk.path;
    entry.unwatch = watches.watch(entry.watched, () => {
      entry.cancelLook ??= clock.setTimer(SETTLE_MS, () => {
        entry.cancelLook = undefined;
        void entry.sync.rescan().then(() => this.settle(entry.document));
      });
    });
  }

  #letGo(entry: Entry): void {
    const { document } = entry;
    const isUnsaved = document.authority.isDirty || !document.marks.isEmpty;
    // What lives in memory only would be lost.
    if (document.views > 0 || (isUnsaved && !document.kept.isKept)) return;
    entry.unwatch();
    entry.cancelLook?.();
    this.#open.delete(document.id);
    const summary = document.summary();
    document.close(EditorSyncCode.noSuchDocument, "nobody looks at it any more");
    if (isUnsaved) this.#tools.journals.left(summary);
    else document.kept.remove();
    this.#tools.onChange();
  }

  #openTools(): OpenTools {
    const { files, clock, newId, journals, onChange } = this.#tools;
    return { files, clock, newId, journalOf: (id) => journals.fileOf(id), onChange };
  }
}

function pathOf(found: Entry | LargeFile): string {
  return found instanceof LargeFile ? found.path : found.document.disk.path;
}

function idOf(found: Open | LargeFile): string {
  return found instanceof LargeFile ? found.id : found.document.id;
}

function noSuch(id: string): BusError {
  return new BusError(EditorSyncCode.noSuchDocument, `no document ${id} is open or kept`);
}
