/**
 * The disk as a client of a document. A watcher's word is a hint, a look is the truth: stamp, then contents, then a merge
 * of what both sides made of the base. Looks and saves of one document never overlap.
 */
import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import { ChangeSet, type Text } from "@codemirror/state";
import type { Clock } from "../../bus/clock.ts";
import { EDIT_BYTES_MAX, EditorSyncCode } from "../../bus/contracts/editor-document.ts";
import type { SaveRefusal } from "../../bus/contracts/editor-sync.ts";
import { SAVE_BYTES_MAX, type Stat } from "../../bus/contracts/file-guard.ts";
import { BusError, isBusError } from "../../bus/errors.ts";
import type { CallContext } from "../../bus/peer.ts";
import { type DiskFacts, type LiveDocument, SAME } from "./document.ts";
import { type Loaded, load, save } from "./format.ts";
import {
  actingFor,
  type GuardedFiles,
  isAbsence,
  isDenial,
  type ReadFile,
} from "./guarded-files.ts";
import type { Merged } from "./merge.ts";
import type { Merger } from "./merger.ts";
import { ownUpdate } from "./update.ts";
import { whyReadOnly } from "./why-read-only.ts";

/** What a look at the disk came to: hunks merged, and conflicts among them. */
export type Found = SaveRefusal;

/** A file that is away is looked at once more after this time: many programs replace files in two steps, milliseconds. */
const GONE_MS = 150;
/** A merge whose text moved on meanwhile is made again this often; then the edits are moved over it. */
const MERGES_MAX = 3;
/** Files looked at for the one that was renamed. */
const RENAMED_MAX = 8;
const NOTHING: Found = { changes: 0, conflicts: 0 };

/** What it works with. */
export interface DiskTools {
  readonly files: GuardedFiles;
  readonly merger: Merger;
  readonly clock: Clock;
}

export class DiskSync {
  readonly #document: LiveDocument;
  readonly #tools: DiskTools;
  #last: Promise<unknown> = Promise.resolve();

  constructor(document: LiveDocument, tools: DiskTools) {
    this.#document = document;
    this.#tools = tools;
  }

  /** Looks at the disk and merges what it finds. Never rejects for what the disk is like. */
  rescan(): Promise<Found> {
    return this.#alone(() => this.#look(actingFor(this.#document.principal)));
  }

  /**
   * Writes the text to the disk.
   * @throws BusError `changed`, `deleted`, `conflicts`, `read-only`, `not-encodable`, or what the file guard says
   */
  save(
    options: { readonly mayCreate: boolean },
    call: CallContext,
  ): Promise<{ version: number; stamp: string; bytes: number }> {
    return this.#alone(() => this.#save(options, call));
  }

  /** Waits until no look and no save is under way. */
  async idle(): Promise<void> {
    await this.#last;
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.then(work, work);
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #look(as: CallContext | undefined): Promise<Found> {
    const document = this.#document;
    try {
      return await this.#compare(await this.#statPatiently(as), as);
    } catch (error) {
      if (!isBusError(error)) throw error;
      if (isDenial(error)) await this.#forbidIfClosed(document.disk.path);
      if (isAbsence(error)) document.setDiskState({ state: "deleted", says: "" });
      else document.setDiskState({ state: "unreadable", says: error.message });
      return NOTHING;
    }
  }

  async #compare(stat: Stat | undefined, as: CallContext | undefined): Promise<Found> {
    const document = this.#document;
    const { disk, diskState } = document;
    if (stat === undefined) {
      if (diskState.state !== "deleted") document.setDiskState({ state: "deleted", says: "" });
      return NOTHING;
    }
    if (stat.stamp === disk.stamp && stat.path === disk.path) {
      if (diskState !== SAME) document.seen(disk);
      return NOTHING;
    }
    if (stat.path !== disk.path) await this.#forbidIfClosed(stat.path);
    return this.#takeIn(stat.path, as);
  }

  /** Rules change, and a file may get a name that one closes: then nothing of it is written down any more. */
  async #forbidIfClosed(path: string): Promise<void> {
    const { kept } = this.#document;
    if (!kept.isAllowed) return;
    if (!(await this.#tools.files.isOpenToAll(path).catch(passed))) kept.forbid();
  }

  /** Undefined when it is gone: not for a moment, and not under another name in the same folder. */
  async #statPatiently(as: CallContext | undefined): Promise<Stat | undefined> {
    const { files, clock } = this.#tools;
    const { path } = this.#document.disk;
    try {
      return await files.stat(path, as);
    } catch (error) {
      if (!isAbsence(error)) throw error;
    }
    await new Promise<void>((resolve) => clock.setTimer(GONE_MS, resolve));
    try {
      return await files.stat(path, as);
    } catch (error) {
      if (!isAbsence(error)) throw error;
    }
    return this.#renamed(as);
  }

  /** A rename leaves a file's identity, size and time as they were, and so its stamp. */
  async #renamed(as: CallContext | undefined): Promise<Stat | undefined> {
    const { files } = this.#tools;
    const { path, stamp, size } = this.#document.disk;
    const folder = dirname(path);
    try {
      const names = await files.names(folder, as);
      const likely = names.filter((one) => one.kind === "file" && one.size === size);
      for (const { name } of likely.slice(0, RENAMED_MAX)) {
        const stat = await files.stat(join(folder, name), as);
        if (stat.stamp === stamp) return stat;
      }
    } catch (error) {
      if (!isBusError(error)) throw error;
      // The folder went as well, or is closed: then nothing in it is the file.
    }
    return undefined;
  }

  async #takeIn(path: string, as: CallContext | undefined): Promise<Found> {
    const document = this.#document;
    const { stat, bytes } = await this.#readPatiently(path, as);
    if (bytes === undefined) {
      const says = `It has ${stat.size} bytes now, at most ${EDIT_BYTES_MAX} can be edited.`;
      document.setDiskState({ state: "unreadable", says });
      return NOTHING;
    }
    const disk = factsOf(stat, bytes);
    if (disk.hash === document.disk.hash) {
      document.seen(disk);
      return NOTHING;
    }
    const loaded = load(bytes);
    const why = whyReadOnly(loaded, stat);
    if (document.why === null && why !== null) {
      document.setDiskState({ state: "unreadable", says: why.says });
      return NOTHING;
    }
    return this.#merge(loaded, disk);
  }

  /** Many programs empty a file before they fill it again: what is empty all at once is read once more. */
  async #readPatiently(path: string, as: CallContext | undefined): Promise<ReadFile> {
    const { files, clock } = this.#tools;
    const found = await files.read(path, EDIT_BYTES_MAX, as);
    if (found.stat.size > 0 || this.#document.disk.size === 0) return found;
    await new Promise<void>((resolve) => clock.setTimer(GONE_MS, resolve));
    return files.read(path, EDIT_BYTES_MAX, as);
  }

  async #merge(loaded: Loaded, disk: DiskFacts): Promise<Found> {
    const document = this.#document;
    const { authority } = document;
    const theirs = loaded.text.toString();
    const base = authority.base.toString();
    for (let round = 1; ; round++) {
      const { version, text, isDirty } = authority;
      const ours = isDirty ? { ours: text.toString() } : {};
      const merged = await this.#tools.merger.merge({ base, ...ours, theirs });
      if (authority.version !== version && round < MERGES_MAX) continue;
      this.#apply({ merged, version, text }, loaded, disk);
      const found = { changes: merged.taken, conflicts: merged.conflicts.length };
      document.tell({ merged: found });
      return found;
    }
  }

  /** Puts a merge made at `version` into the text as it is now. */
  #apply(
    { merged, version, text }: { merged: Merged; version: number; text: Text },
    loaded: Loaded,
    disk: DiskFacts,
  ): void {
    const document = this.#document;
    const { authority } = document;
    const changes = ChangeSet.of([...merged.ours], text.length);
    const unsaved = ChangeSet.of([...merged.theirs], loaded.text.length);
    const later = authority.changesSince(version, text);
    const after = later.map(changes, true);
    const update = ownUpdate(changes.map(later), "disk");
    // Nothing unsaved, nothing typed meanwhile: then the text is what the disk has.
    const isDisks = unsaved.empty && later.empty;
    if (!update.changes.empty) document.commit([update], isDisks ? loaded.text : undefined);
    document.marks.addConflicts(
      merged.conflicts.map((one) => ({
        ...one,
        from: after.mapPos(one.from, 1),
        to: after.mapPos(one.to, -1),
      })),
    );
    document.rebaseOn(loaded.text, unsaved.compose(after), { disk, layout: loaded });
  }

  async #save(
    { mayCreate }: { readonly mayCreate: boolean },
    call: CallContext,
  ): Promise<{ version: number; stamp: string; bytes: number }> {
    const document = this.#document;
    const { authority } = document;
    if (document.why !== null) throw refusal("readOnly", document.why.says, { why: document.why });
    const found = await this.#look(call);
    if (found.changes + found.conflicts > 0) throw changed(found);
    const ids = document.marks.conflicts.map(({ id }) => id);
    if (ids.length > 0) {
      throw refusal("conflicts", `${ids.length} conflicts are open.`, { conflicts: ids });
    }
    const { version, text, base, dirty } = authority;
    const result = save({ text: base, layout: document.layout }, dirty, text);
    if ("line" in result) {
      const says = `Line ${result.line} holds half of a character, which no UTF-8 can hold.`;
      throw refusal("notEncodable", says, { line: result.line });
    }
    const { bytes, layout } = result;
    if (bytes.length > SAVE_BYTES_MAX) {
      const says = `The text has ${bytes.length} bytes, at most ${SAVE_BYTES_MAX} can be saved.`;
      throw refusal("limit", says, { value: bytes.length, bound: SAVE_BYTES_MAX });
    }
    const stat = await this.#write(bytes, mayCreate, call);
    const later = authority.changesSince(version, text);
    document.rebaseOn(text, later, { disk: factsOf(stat, bytes), layout });
    return { version, stamp: stat.stamp, bytes: bytes.length };
  }

  async #write(
    bytes: Uint8Array<ArrayBuffer>,
    mayCreate: boolean,
    call: CallContext,
  ): Promise<Stat> {
    const { files } = this.#tools;
    const { disk, diskState } = this.#document;
    try {
      if (diskState.state !== "deleted")
        return await files.save(disk.path, bytes, disk.stamp, call);
      if (!mayCreate) throw refusal("deleted", `${disk.path} is not there any more.`, {});
      return await files.create(disk.path, { bytes, mode: disk.mode }, call);
    } catch (error) {
      // Something has the name by now, or is another than it was: nothing unseen is written over.
      if (!["file-guard/changed", "file-guard/exists"].some((code) => isBusError(error, code))) {
        throw error;
      }
      throw changed(await this.#look(call));
    }
  }
}

/** No answer is no reason to take a journal away; the next look asks again. */
function passed(error: unknown): true {
  if (!isBusError(error)) throw error;
  return true;
}

/** What is known of a file that was read, or written. */
export function factsOf(stat: Stat, bytes: Uint8Array): DiskFacts {
  const { path, stamp, size, mode, links } = stat;
  return { path, stamp, size, mode, links, hash: hashOfBytes(bytes) };
}

/** SHA-256 in hex. */
export function hashOfBytes(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function changed(found: Found): BusError {
  const says = `The file changed on disk; ${found.changes} changes merged, ${found.conflicts} conflicts. Nothing was written.`;
  return refusal("changed", says, found);
}

function refusal(code: keyof typeof EditorSyncCode, message: string, data: unknown): BusError {
  return new BusError(EditorSyncCode[code], message, { data });
}
