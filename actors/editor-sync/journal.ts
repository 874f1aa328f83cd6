/**
 * The journal of one document: a file that only grows, until it is written anew. An append returns when write(2) has
 * taken it, so that no death of a process loses it; the disk is told in batches, so that a power cut loses at most one.
 */
import {
  closeSync,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../../bus/clock.ts";
import { encodeJournal, encodeRecord, type JournalRecord } from "./journal-record.ts";

/** Appends wait at most this long for the disk, milliseconds. */
const SYNC_MS = 75;
/** How the name of a journal ends that is being written. */
export const UNFINISHED = ".next";
const OWNER_ONLY = 0o600;

/** An open journal. Closed by `close` or `remove`. */
export class Journal {
  readonly #file: string;
  readonly #clock: Clock;
  #fd: number;
  #bytes: number;
  #cancelSync: (() => void) | undefined;
  #isDoubtful = false;

  private constructor(file: string, clock: Clock, fd: number, bytes: number) {
    this.#file = file;
    this.#clock = clock;
    this.#fd = fd;
    this.#bytes = bytes;
  }

  /** Writes a journal anew, in place of the one that may be there: it is the old or the new one, never a mixture. */
  static create(file: string, records: readonly JournalRecord[], clock: Clock): Journal {
    const next = `${file}${UNFINISHED}`;
    const bytes = encodeJournal(records);
    const fd = openSync(next, "w", OWNER_ONLY);
    try {
      writeAll(fd, bytes);
      fdatasyncSync(fd);
      renameSync(next, file);
      syncFolder(dirname(file));
    } catch (error) {
      closeSync(fd);
      rmSync(next, { force: true });
      throw error;
    }
    return new Journal(file, clock, fd, bytes.length);
  }

  /** Goes on with a journal that was read up to `bytes`; what is behind that was torn and is cut off. */
  static resume(file: string, bytes: number, clock: Clock): Journal {
    const fd = openSync(file, "r+");
    if (fstatSync(fd).size > bytes) ftruncateSync(fd, bytes);
    return new Journal(file, clock, fd, bytes);
  }

  /** Size of the file. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether the disk refused what was written: the system says so once and forgets it. It is to be written anew. */
  get isDoubtful(): boolean {
    return this.#isDoubtful;
  }

  /** @throws when the system does not take all of it; then nothing of it stays. */
  append(records: readonly JournalRecord[]): void {
    const before = this.#bytes;
    try {
      for (const record of records) {
        const bytes = encodeRecord(record);
        writeAll(this.#fd, bytes, this.#bytes);
        this.#bytes += bytes.length;
      }
    } catch (error) {
      this.#bytes = before;
      ftruncateSync(this.#fd, before);
      throw error;
    }
    this.#cancelSync ??= this.#clock.setTimer(SYNC_MS, () => this.#sync());
  }

  close(): void {
    this.#cancelSync?.();
    this.#cancelSync = undefined;
    if (this.#fd < 0) return;
    fdatasyncSync(this.#fd);
    closeSync(this.#fd);
    this.#fd = -1;
  }

  /** Closes it and takes the file away. */
  remove(): void {
    this.#cancelSync?.();
    this.#cancelSync = undefined;
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    rmSync(this.#file, { force: true });
  }

  /** Lets go of a file that another journal has taken the name of. */
  replacedBy(next: Journal): Journal {
    this.#cancelSync?.();
    this.#cancelSync = undefined;
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
    return next;
  }

  #sync(): void {
    this.#cancelSync = undefined;
    if (this.#fd < 0) return;
    fdatasync(this.#fd, (error) => {
      if (error !== null) this.#isDoubtful = true;
    });
  }
}

/** Else a power cut could bring back the journal that had the name before, without the edits since. */
function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeAll(fd: number, bytes: Uint8Array, position = 0): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(fd, bytes, at, bytes.length - at, position + at);
  }
}
