/**
 * The latest output of one session with its changes of size: enough to go on from any recent offset and
 * to rebuild the screen from the last written down one. Bounded by `trim`.
 *
 *   start ........ base.offset ............ end
 *     |-- resume --|------ replay on base ---|
 */
import type { ScreenInput } from "./screen.ts";

/** Chunks smaller than this are copied together. */
const SMALL_BYTES = 4 * 1024;
const BLOCK_BYTES = 16 * 1024;
/** Changes of size remembered; older ones are dropped, as only a replay from far back would need them. */
const SIZES_MAX = 256;

interface Chunk {
  readonly offset: number;
  bytes: Uint8Array;
}

interface Size {
  readonly offset: number;
  readonly cols: number;
  readonly rows: number;
}

/** One session's recent bytes. */
export class History {
  readonly #chunks: Chunk[] = [];
  readonly #sizes: Size[] = [];
  #start: number;
  #end: number;
  /** Block behind the last chunk, which still has room. */
  #block: Uint8Array | undefined;

  constructor(offset: number) {
    this.#start = offset;
    this.#end = offset;
  }

  /** Absolute offset of the oldest byte kept. */
  get start(): number {
    return this.#start;
  }

  /** One past the newest byte. */
  get end(): number {
    return this.#end;
  }

  append(bytes: Uint8Array): void {
    if (bytes.length < SMALL_BYTES) this.#join(bytes);
    else {
      this.#block = undefined;
      this.#chunks.push({ offset: this.#end, bytes });
    }
    this.#end += bytes.length;
  }

  /** Output from here on is made for this size. */
  resized(cols: number, rows: number): void {
    this.#sizes.push({ offset: this.#end, cols, rows });
    if (this.#sizes.length > SIZES_MAX) this.#sizes.shift();
  }

  /** Forgets all before `offset`, by whole chunks: `start` may stay a little before it. */
  trim(offset: number): void {
    let drop = 0;
    for (const chunk of this.#chunks) {
      if (chunk.offset + chunk.bytes.length > offset) break;
      drop++;
    }
    if (drop === 0) return;
    this.#chunks.splice(0, drop);
    this.#start = this.#chunks[0]?.offset ?? this.#end;
    if (this.#chunks.length === 0) this.#block = undefined;
  }

  /** Changes of size that are remembered. */
  get sizeCount(): number {
    return this.#sizes.length;
  }

  /** Forgets the `count` oldest changes of size: a screen shows them. */
  dropSizes(count: number): void {
    this.#sizes.splice(0, count);
  }

  /** Bytes from `from`, which must be kept, to `to`. */
  slices(from: number, to: number = this.#end): Uint8Array[] {
    const out: Uint8Array[] = [];
    for (const chunk of this.#chunks) {
      const begin = Math.max(0, from - chunk.offset);
      const end = Math.min(chunk.bytes.length, to - chunk.offset);
      if (begin < end) out.push(chunk.bytes.subarray(begin, end));
    }
    return out;
  }

  /** Output between two offsets and all remembered sizes, in order; later sizes come at the end. */
  inputs(from: number, to: number): ScreenInput[] {
    const out: ScreenInput[] = [];
    let at = Math.max(from, this.#start);
    for (const { offset, cols, rows } of this.#sizes) {
      for (const bytes of this.slices(at, Math.min(offset, to))) out.push({ what: "bytes", bytes });
      at = Math.max(at, Math.min(offset, to));
      out.push({ what: "size", cols, rows });
    }
    for (const bytes of this.slices(at, to)) out.push({ what: "bytes", bytes });
    return out;
  }

  #join(bytes: Uint8Array): void {
    const last = this.#chunks.at(-1);
    const used = last?.bytes.length ?? 0;
    if (last !== undefined && this.#block !== undefined && used + bytes.length <= BLOCK_BYTES) {
      this.#block.set(bytes, used);
      last.bytes = this.#block.subarray(0, used + bytes.length);
      return;
    }
    this.#block = new Uint8Array(BLOCK_BYTES);
    this.#block.set(bytes);
    this.#chunks.push({ offset: this.#end, bytes: this.#block.subarray(0, bytes.length) });
  }
}
