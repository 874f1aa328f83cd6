/** Lines of a stream of bytes. */
import { LINE_BYTES_MAX } from "../../bus/contracts/editor-document.ts";

const BREAK = 0x0a;
const decoder = new TextDecoder();

export class LineReader {
  readonly #onLine: (line: string) => void;
  #parts: Uint8Array[] = [];
  #bytes = 0;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Takes in bytes and gives out the lines that are whole. @throws RangeError at a line beyond LINE_BYTES_MAX. */
  add(chunk: Uint8Array): void {
    let from = 0;
    for (;;) {
      const at = chunk.indexOf(BREAK, from);
      if (at < 0) break;
      this.#keep(chunk.subarray(from, at));
      from = at + 1;
      this.#give();
    }
    // A copy: the chunk is a part of a buffer that many frames share.
    if (from < chunk.length) this.#keep(Uint8Array.from(chunk.subarray(from)));
  }

  #keep(part: Uint8Array): void {
    this.#bytes += part.length;
    if (this.#bytes > LINE_BYTES_MAX) {
      throw new RangeError(`a line of over ${this.#bytes} bytes, at most ${LINE_BYTES_MAX}`);
    }
    this.#parts.push(part);
  }

  #give(): void {
    const [only] = this.#parts;
    const whole = this.#parts.length === 1 && only !== undefined ? only : this.#joined();
    this.#parts = [];
    this.#bytes = 0;
    this.#onLine(decoder.decode(whole));
  }

  #joined(): Uint8Array {
    const whole = new Uint8Array(this.#bytes);
    let at = 0;
    for (const part of this.#parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }
}
