/** A ring of bytes with absolute positions: what is asked for after it was overwritten is not there. */
import type { Frame } from "../frame.ts";
import { HEADER_BYTES } from "../protocol.ts";

export class PayloadRing {
  readonly #bytes: Uint8Array;
  /** Absolute position of the next byte. */
  #head = 0;

  constructor(bytes: number) {
    this.#bytes = new Uint8Array(bytes);
  }

  /** Copies the first `bytes` of a frame's payload. @returns the absolute position to read them at. */
  write(frame: Frame, bytes: number): number {
    const size = this.#bytes.length;
    if (bytes > size) return -1;
    const room = size - (this.#head % size);
    // An entry lies in one piece: what is left before the end is skipped.
    if (room < bytes) this.#head += room;
    const position = this.#head;
    const start = position % size;
    this.#head += bytes;
    if (frame.whole) {
      const from = frame.at + HEADER_BYTES + frame.extensionBytes;
      this.#bytes.set(frame.head.subarray(from, from + bytes), start);
    } else {
      this.#copySlices(frame.tail, start, bytes);
    }
    return position;
  }

  /** A view on what was written at `position`; undefined when it has been overwritten. */
  read(position: number, bytes: number): Uint8Array | undefined {
    if (position < 0 || position < this.#head - this.#bytes.length) return undefined;
    const start = position % this.#bytes.length;
    return this.#bytes.subarray(start, start + bytes);
  }

  #copySlices(slices: readonly Uint8Array[], start: number, bytes: number): void {
    let at = start;
    let left = bytes;
    for (const slice of slices) {
      if (left === 0) return;
      const piece = slice.subarray(0, left);
      this.#bytes.set(piece, at);
      at += piece.length;
      left -= piece.length;
    }
  }
}
