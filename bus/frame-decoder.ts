/**
 * Turns chunks in any slicing into frames. A frame that lies in one chunk is a view on it; of one that is cut,
 * header and extension are gathered and the payload is kept as the pieces that arrived.
 *
 *   between --part of a frame--> header --40 bytes--> extension --all of it--> payload --all of it--> between
 */
import { checkHeader, Frame, incomplete, readFrame, viewOf } from "./frame.ts";
import { HEADER_BYTES } from "./protocol.ts";

/** Pieces below this are gathered in blocks, so that a peer that trickles bytes cannot make us keep a view for each. */
const PIECE_BYTES_MIN = 4 * 1024;
/** Size of those blocks. */
const BLOCK_BYTES = 64 * 1024;

type State = "between" | "header" | "extension" | "payload";

/** Decoder of one direction of one link. After it threw, the link is of no use any more. */
export class FrameDecoder {
  #state: State = "between";
  #head: Uint8Array = new Uint8Array(HEADER_BYTES);
  #headBytes = 0;
  #pieces: Uint8Array[] = [];
  #block: Uint8Array | undefined;
  #blockBytes = 0;
  #missingBytes = 0;

  /** Where it stands: `between` when the last chunk ended with a frame's end. */
  get state(): State {
    return this.#state;
  }

  /**
   * Calls `sink` for each frame that `chunk` completes, in order. The frames are views on `chunk`.
   * @throws BusError `bus/protocol` or `bus/version`; what `sink` throws passes through.
   */
  push(chunk: Uint8Array, sink: (frame: Frame) => void): void {
    const view = viewOf(chunk);
    let at = 0;
    while (at < chunk.length) {
      if (this.#state !== "between") {
        at = this.#continue(chunk, at, sink);
        continue;
      }
      const frame = readFrame(view, chunk, at, chunk.length);
      if (frame === incomplete) {
        this.#state = "header";
        this.#head = new Uint8Array(HEADER_BYTES);
        this.#headBytes = 0;
      } else {
        at += frame.length;
        sink(frame);
      }
    }
  }

  #continue(chunk: Uint8Array, at: number, sink: (frame: Frame) => void): number {
    if (this.#state === "payload") return this.#continuePayload(chunk, at, sink);
    const end = Math.min(chunk.length, at + this.#head.length - this.#headBytes);
    this.#head.set(chunk.subarray(at, end), this.#headBytes);
    this.#headBytes += end - at;
    if (this.#headBytes === this.#head.length) this.#headComplete(sink);
    return end;
  }

  #headComplete(sink: (frame: Frame) => void): void {
    const header = checkHeader(viewOf(this.#head), 0);
    const headBytes = HEADER_BYTES + header.extensionBytes;
    if (this.#head.length < headBytes) {
      const head = new Uint8Array(headBytes);
      head.set(this.#head);
      this.#head = head;
      this.#state = "extension";
      return;
    }
    this.#missingBytes = header.length - headBytes;
    this.#state = "payload";
    if (this.#missingBytes === 0) this.#finish(sink);
  }

  #continuePayload(chunk: Uint8Array, at: number, sink: (frame: Frame) => void): number {
    const end = Math.min(chunk.length, at + this.#missingBytes);
    this.#keep(chunk.subarray(at, end));
    this.#missingBytes -= end - at;
    if (this.#missingBytes === 0) this.#finish(sink);
    return end;
  }

  #keep(piece: Uint8Array): void {
    if (piece.length >= PIECE_BYTES_MIN) {
      this.#closeBlock();
      this.#pieces.push(piece);
      return;
    }
    let rest = piece;
    while (rest.length > 0) {
      this.#block ??= new Uint8Array(Math.min(BLOCK_BYTES, this.#missingBytes));
      const fits = rest.subarray(0, this.#block.length - this.#blockBytes);
      this.#block.set(fits, this.#blockBytes);
      this.#blockBytes += fits.length;
      if (this.#blockBytes === this.#block.length) this.#closeBlock();
      rest = rest.subarray(fits.length);
    }
  }

  #closeBlock(): void {
    if (this.#block !== undefined) this.#pieces.push(this.#block.subarray(0, this.#blockBytes));
    this.#block = undefined;
    this.#blockBytes = 0;
  }

  #finish(sink: (frame: Frame) => void): void {
    this.#closeBlock();
    const frame = new Frame(viewOf(this.#head), this.#head, 0, this.#pieces);
    this.#state = "between";
    this.#pieces = [];
    sink(frame);
  }
}
