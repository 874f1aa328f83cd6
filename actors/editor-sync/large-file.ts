/**
 * A file too large to edit: counted once from end to end, then read by ranges. Of its text nothing is kept, only where
 * some of its lines start.
 */
import type { Down, Facts, ReadOnlyWhy, State } from "../../bus/contracts/editor-document.ts";
import { RANGE_LINE_MAX } from "../../bus/contracts/editor-document.ts";
import type { Stat } from "../../bus/contracts/file-guard.ts";
import { isBusError } from "../../bus/errors.ts";
import type { CallContext } from "../../bus/peer.ts";
import type { GuardedFiles } from "./guarded-files.ts";
import { EVERY_BYTES, LineIndex } from "./line-index.ts";
import { type LineStream, LineWriter } from "./line-writer.ts";

/** One read. */
const READ_BYTES = 256 * 1024;
/** Views are told of the count at most this often, bytes. */
const TOLD_EVERY_BYTES = 8 * 1024 * 1024;
/** Most bytes of a line that are decoded: UTF-8 has at most 3 for a UTF-16 unit. */
const LINE_BYTES = RANGE_LINE_MAX * 3 + 3;
/** A line whose end was not found in this many bytes has a successor whose start is kept. */
const LOOK_BYTES = 2 * EVERY_BYTES;
const decoder = new TextDecoder();

/** A file that is not taken in whole. */
export interface TooLarge {
  readonly stat: Stat;
  readonly why: ReadOnlyWhy;
}

/** Lines as the contract has them. */
export interface Range {
  readonly from: number;
  readonly lines: { text: string; isCut: boolean }[];
  readonly counted: number;
  readonly isDone: boolean;
}

export class LargeFile {
  readonly id: string;
  readonly #files: GuardedFiles;
  readonly #why: ReadOnlyWhy;
  readonly #views = new Set<LineWriter>();
  #stat: Stat;
  #index = new LineIndex();
  #counting: Promise<void> | undefined;
  readonly #waiting: (() => void)[] = [];

  constructor(id: string, { stat, why }: TooLarge, files: GuardedFiles) {
    this.id = id;
    this.#stat = stat;
    this.#why = why;
    this.#files = files;
  }

  get path(): string {
    return this.#stat.path;
  }

  get views(): number {
    return this.#views.size;
  }

  facts(): Facts {
    const { size, mode, links, stamp } = this.#stat;
    const eol = "\n" as const;
    return {
      document: this.id,
      ...{ version: 0, length: 0, hash: "", lines: this.#index.isDone ? this.#index.lines : 0 },
      format: { encoding: "utf-8", bom: false, eol, mixedEol: false },
      ...{ bytes: size, mode, links, stamp },
      access: "read",
      why: this.#why,
      state: this.#state(),
      isRestored: false,
    };
  }

  /** Adds a view; it is told of the count as it grows. */
  join(stream: LineStream, onGone: () => void, call: CallContext): void {
    const writer = new LineWriter(stream, () => undefined);
    this.#views.add(writer);
    const gone = () => {
      if (this.#views.delete(writer)) onGone();
    };
    stream.done.then(gone, gone);
    // A page that says goodbye says it in a line; whatever it says, nothing else is expected.
    stream.onChunk((chunk) => {
      stream.consumed(chunk.length);
      stream.end();
      gone();
    });
    void writer.write(JSON.stringify({ state: this.#state() }));
    this.#tellOne(writer);
    this.#counting ??= this.#count(call);
  }

  /** Lines from `from` on; waits until they are counted, or the call's time is over. */
  async lines(from: number, count: number, call: CallContext): Promise<Range> {
    this.#counting ??= this.#count(call);
    while (!this.#index.isDone && this.#index.lines <= from + count && !call.signal.aborted) {
      await this.#next(call.signal);
    }
    const lines = await this.#read(from, Math.min(count, this.#index.lines - from), call);
    return { from, lines, counted: this.#index.lines, isDone: this.#index.isDone };
  }

  async #count(call: CallContext): Promise<void> {
    const index = this.#index;
    try {
      const stream = await this.#files.content(this.path, call);
      this.#stat = stream.accepted.stat;
      stream.end();
      let told = 0;
      for await (const chunk of stream) {
        index.add(chunk);
        if (index.bytes - told < TOLD_EVERY_BYTES) continue;
        told = index.bytes;
        this.#tell();
      }
      index.end();
      this.#tell();
    } catch (error) {
      if (!isBusError(error)) throw error;
      // The next one who asks counts again.
      this.#index = new LineIndex();
      this.#counting = undefined;
      this.#wake();
    }
  }

  async #read(from: number, count: number, call: CallContext): Promise<Range["lines"]> {
    const lines: Range["lines"] = [];
    let { line, offset } = this.#index.before(from);
    let bytes: Uint8Array = new Uint8Array(0);
    while (lines.length < count) {
      const at = bytes.indexOf(0x0a);
      if (at < 0 && bytes.length < LOOK_BYTES && offset + bytes.length < this.#stat.size) {
        bytes = await this.#more(bytes, offset, call);
        continue;
      }
      if (line >= from) lines.push(asLine(at < 0 ? bytes : bytes.subarray(0, at)));
      const next = at < 0 ? this.#index.startOf(line + 1) : offset + at + 1;
      if (next === undefined) break;
      bytes = next <= offset + bytes.length ? bytes.subarray(next - offset) : new Uint8Array(0);
      offset = next;
      line++;
    }
    return lines;
  }

  async #more(bytes: Uint8Array, offset: number, call: CallContext): Promise<Uint8Array> {
    const range = { offset: offset + bytes.length, length: READ_BYTES };
    const { bytes: more, stat } = await this.#files.readRange(this.path, range, call);
    if (stat.stamp !== this.#stat.stamp) this.#recount(stat, call);
    return more.length === 0 ? bytes : Buffer.concat([bytes, more]);
  }

  /** The file is another one by now. */
  #recount(stat: Stat, call: CallContext): void {
    this.#stat = stat;
    this.#index = new LineIndex();
    for (const writer of this.#views) {
      const reset = { why: "other-document", facts: this.facts(), acknowledged: 0 };
      void writer.write(JSON.stringify({ reset }));
    }
    this.#counting = this.#count(call);
  }

  #state(): State {
    const none = { diskSays: "", journalSays: "", isDirty: false };
    return {
      ...none,
      ...{ path: this.path, disk: "same", journal: "kept", clients: this.#views.size },
    };
  }

  #tell(): void {
    for (const writer of this.#views) this.#tellOne(writer);
    this.#wake();
  }

  #tellOne(writer: LineWriter): void {
    const { lines, bytes, isDone } = this.#index;
    const line: Down = { counted: { lines, bytes, isDone } };
    void writer.write(JSON.stringify(line));
  }

  #next(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

function asLine(bytes: Uint8Array): { text: string; isCut: boolean } {
  const isLong = bytes.length > LINE_BYTES;
  const text = decoder.decode(isLong ? bytes.subarray(0, LINE_BYTES) : bytes);
  const line = text.endsWith("\r") ? text.slice(0, -1) : text;
  if (line.length <= RANGE_LINE_MAX) return { text: line, isCut: isLong };
  return { text: line.slice(0, RANGE_LINE_MAX), isCut: true };
}
