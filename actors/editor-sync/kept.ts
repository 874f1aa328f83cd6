/**
 * What of a document survives this process: its journal, written so that it can always be read back to every edit that
 * was acknowledged. A document whose file is closed to records has none, and says so.
 */
import type { Clock } from "../../bus/clock.ts";
import { EditorSyncCode } from "../../bus/contracts/editor-document.ts";
import { BusError } from "../../bus/errors.ts";
import { Journal } from "./journal.ts";
import type { Head, JournalRecord } from "./journal-record.ts";
import type { Update } from "./update.ts";

/** A journal that grew by this much is written anew. */
const GROWN_BYTES_MAX = 2 * 1024 * 1024;
/** Updates from before a head that are written with it, for clients that resume. */
export const PAST_MAX = 200;
/** Most bytes of them. */
export const PAST_BYTES_MAX = 64 * 1024;

/** A document as it is written anew. */
export interface KeptState {
  readonly head: Head;
  /** The file as it was seen last. Asked for only when something is unsaved. */
  base(): Uint8Array;
  readonly past: readonly Update[];
  /** JSON of the changeset from the base to the text; undefined when nothing is unsaved. */
  readonly dirty: string | undefined;
}

/** Why a document of a closed file is not written down, for people. */
export const CLOSED_SAYS = "A rule closes this file to records: unsaved edits live in memory only.";

/** Where a document is kept. */
export interface KeptPlace {
  /** Undefined: it may not be written down. */
  readonly file: string | undefined;
  /** Why it is not, for people. */
  readonly says: string;
  readonly clock: Clock;
}

export class Kept {
  #place: KeptPlace;
  readonly #state: () => KeptState;
  #journal: Journal | undefined;
  #hasBase = false;
  /** Size it had when it was written anew. */
  #startBytes = 0;
  #trouble = "";
  /** Its file belongs to whoever opens the document next. */
  #isClosed = false;

  constructor(place: KeptPlace, state: () => KeptState) {
    this.#place = place;
    this.#state = state;
  }

  get isKept(): boolean {
    return this.#journal?.isDoubtful === false && this.#trouble === "";
  }

  /** Why edits do not survive; empty when they do. */
  get says(): string {
    return this.#trouble === "" ? this.#place.says : this.#trouble;
  }

  /** Whether it may be written down. */
  get isAllowed(): boolean {
    return this.#place.file !== undefined;
  }

  /** A rule closes the file by now: what was written down of it is taken away, and nothing more is. */
  forbid(): void {
    this.#journal?.remove();
    this.#journal = undefined;
    this.#place = { file: undefined, says: CLOSED_SAYS, clock: this.#place.clock };
    this.#trouble = "";
  }

  /** Goes on with a journal that was read. */
  resume(bytes: number, hasBase: "has-base" | "head-only"): void {
    const { file, clock } = this.#place;
    if (file === undefined) return;
    this.#journal = Journal.resume(file, bytes, clock);
    this.#hasBase = hasBase === "has-base";
    this.#startBytes = bytes;
  }

  /** Writes edits down. @throws BusError `journal`: they are not, and must not be acknowledged. */
  append(updates: readonly Update[]): void {
    if (this.#place.file === undefined) return;
    const edits = updates.map((update): JournalRecord => ({ kind: "edit", update }));
    this.#appendRecords(edits);
  }

  /** Writes conflicts and proposals down as they are now. */
  appendMarks(): void {
    if (this.#place.file === undefined) return;
    this.#appendRecords([{ kind: "marks", marks: this.#state().head.marks }]);
    if (this.isGrown) this.rewrite();
  }

  /** Whether it has grown so much that it shall be written anew. */
  get isGrown(): boolean {
    return (this.#journal?.bytes ?? 0) - this.#startBytes > GROWN_BYTES_MAX;
  }

  /** Writes it anew from the document as it is. A failure is remembered: no edit is taken before it was made up for. */
  rewrite(): void {
    const { file, clock } = this.#place;
    if (file === undefined || this.#isClosed) return;
    const { head, past, dirty, base } = this.#state();
    const records: JournalRecord[] = [{ kind: "head", head }];
    if (dirty !== undefined) records.push({ kind: "base", bytes: base() });
    if (past.length > 0) records.push({ kind: "past", updates: past });
    if (dirty !== undefined) records.push({ kind: "dirty", json: dirty });
    try {
      const next = Journal.create(file, records, clock);
      this.#journal = this.#journal?.replacedBy(next) ?? next;
      this.#hasBase = dirty !== undefined;
      this.#startBytes = next.bytes;
      this.#trouble = "";
    } catch (error) {
      this.#trouble = reasonOf(error);
    }
  }

  /** Lets go of the journal, which stays. A look under way must not write to it any more. */
  close(): void {
    this.#isClosed = true;
    this.#journal?.close();
    this.#journal = undefined;
  }

  /** Takes the journal away: nothing in it is unsaved. */
  remove(): void {
    this.#isClosed = true;
    this.#journal?.remove();
    this.#journal = undefined;
  }

  #appendRecords(records: readonly JournalRecord[]): void {
    // What was not written anew does not fit what would be appended.
    if (!this.isKept) this.rewrite();
    const journal = this.#journal;
    if (journal === undefined || this.#trouble !== "")
      throw refused(this.#trouble || "it is closed");
    const base: JournalRecord[] = this.#hasBase
      ? []
      : [{ kind: "base", bytes: this.#state().base() }];
    try {
      journal.append([...base, ...records]);
      this.#hasBase = true;
    } catch (error) {
      throw refused(reasonOf(error));
    }
  }
}

function refused(reason: string): BusError {
  const message = `the edit cannot be written to the journal, so it was not taken: ${reason}`;
  return new BusError(EditorSyncCode.journal, message, { data: { reason } });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
