/** Where lines of a large file start: one of many, and every one after a stretch that would be slow to read through. */

/** A start is kept at least every so many lines. */
const EVERY_LINES = 128;
/** And where this many bytes lie before it. */
export const EVERY_BYTES = 64 * 1024;
const BREAK = 0x0a;

/** A line, from 0, and the byte it starts at. */
export interface LineStart {
  readonly line: number;
  readonly offset: number;
}

export class LineIndex {
  readonly #starts: LineStart[] = [{ line: 0, offset: 0 }];
  #line = 0;
  #bytes = 0;
  #isDone = false;

  /** Lines that are whole, and once all is counted also the last one. */
  get lines(): number {
    return this.#isDone ? this.#line + 1 : this.#line;
  }

  /** Bytes counted. */
  get bytes(): number {
    return this.#bytes;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Takes in the next bytes of the file. */
  add(chunk: Uint8Array): void {
    for (let at = chunk.indexOf(BREAK); at >= 0; at = chunk.indexOf(BREAK, at + 1)) {
      this.#line++;
      const offset = this.#bytes + at + 1;
      const last = this.#starts.at(-1) ?? { line: 0, offset: 0 };
      const isFar = offset - last.offset >= EVERY_BYTES;
      if (isFar || this.#line - last.line >= EVERY_LINES) {
        this.#starts.push({ line: this.#line, offset });
      }
    }
    this.#bytes += chunk.length;
  }

  end(): void {
    this.#isDone = true;
  }

  /** The last kept start at or before a line. */
  before(line: number): LineStart {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#starts[middle]?.line ?? 0) <= line) low = middle;
      else high = middle - 1;
    }
    return this.#starts[low] ?? { line: 0, offset: 0 };
  }

  /** Where exactly this line starts, if that is kept. */
  startOf(line: number): number | undefined {
    const found = this.before(line);
    return found.line === line ? found.offset : undefined;
  }
}
