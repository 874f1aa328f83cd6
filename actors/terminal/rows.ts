/**
 * Writes a screen's rows as the output of a program that would make them, cell by cell: characters, blanks with a
 * background, rows that continue the one above, halves of overwritten wide characters.
 */
import type { IBuffer, IBufferCell, IBufferLine } from "@xterm/headless";
import {
  type CellWords,
  endOfRun,
  isBlank,
  isDefault,
  isUnit,
  textOf,
  wordsOf,
} from "./cell-words.ts";
import { hasLook, isFlagged, RESET, sgrOf } from "./paint.ts";

/** Goes on in the next row as text that did not fit: the last column and the first one are written over. */
const FORCED_WRAP = "\x1b[0m--\b\x1b[X";

/** At the top left: makes the first row one that continues another, which is deleted. */
const CONTINUED = (columns: number): string => `\x1b[${columns}G${FORCED_WRAP}\x1b[H\x1b[M`;

/**
 * The rows from `from` to the end. Written to a fresh screen of the same size, whose cursor is at the top left and
 * whose modes are the default, they fill it and its scrollback. The cursor and the pen are undefined afterwards.
 */
export function writeRows(buffer: IBuffer, from: number): string {
  const writer = new RowWriter(buffer);
  const top = buffer.getLine(from);
  let out = top?.isWrapped === true ? CONTINUED(top.length) : "";
  for (let y = from; y < buffer.length; y++) {
    const line = buffer.getLine(y);
    if (line === undefined) break;
    out += writer.row(line);
    // The lines of a full buffer are a ring: behind the last one comes the first again.
    const next = y + 1 < buffer.length ? buffer.getLine(y + 1) : undefined;
    if (next !== undefined) out += writer.step(line, next);
  }
  return out;
}

class RowWriter {
  readonly #cell: IBufferCell;
  readonly #first: IBufferCell;
  #pen = RESET;
  /** A character stands in the last column, so that the next one goes to the next row. */
  #isAtEnd = false;

  constructor(buffer: IBuffer) {
    this.#cell = buffer.getNullCell();
    this.#first = buffer.getNullCell();
  }

  /** One row from its first column on. */
  row(line: IBufferLine): string {
    return this.#cells(line, 0);
  }

  /** From the end of a row to the first column of the next one. */
  step(line: IBufferLine, next: IBufferLine): string {
    if (!next.isWrapped) return `${this.#take(RESET)}\r\n`;
    const first = next.getCell(0, this.#first);
    const isPlain = first !== undefined && first.getChars() !== "" && first.isBgDefault();
    if (this.#isAtEnd && isPlain) return "";
    const columns = line.length;
    const isWide = line.getCell(columns - 1, this.#cell)?.getWidth() === 0;
    const last = isWide ? columns - 2 : columns - 1;
    this.#pen = RESET;
    const back = this.#cells(line, last);
    return `\x1b[${columns}G${FORCED_WRAP}\x1b[A\x1b[${last + 1}G\x1b[2X${back}\x1b[B\r`;
  }

  #cells(line: IBufferLine, from: number): string {
    const words = wordsOf(line);
    let out = "";
    let skipped = 0;
    this.#isAtEnd = false;
    for (let x = from; x < line.length; ) {
      const end = endOfRun(words, x, line.length);
      const run = this.#run(line, words, x, end);
      if (run === "") skipped += end - x;
      else {
        out += skipped > 0 ? `\x1b[${skipped}C${run}` : run;
        skipped = 0;
      }
      x = end;
    }
    return out;
  }

  /** Cells that look the same, with their look; empty when there is nothing to see. */
  #run(line: IBufferLine, words: CellWords, x: number, end: number): string {
    const isEmpty = isBlank(words, x);
    this.#isAtEnd = false;
    if (isEmpty && isDefault(words, x)) return "";
    const cell = line.getCell(x, this.#cell);
    if (cell === undefined || (isEmpty && !hasLook(cell))) return "";
    this.#isAtEnd = end >= line.length && (!isEmpty || isFlagged(cell));
    const pen = this.#take(sgrOf(cell));
    if (isEmpty) return pen + blanksOf(cell, end - x, end < line.length);
    return pen + (isUnit(words, x) ? textOf(words, x, end) : cell.getChars());
  }

  #take(pen: string): string {
    if (pen === this.#pen) return "";
    this.#pen = pen;
    return pen;
  }
}

/** Empty cells are erased, which does not move the cursor; flags such as inverse only a written blank can have. */
function blanksOf(cell: IBufferCell, cells: number, isFollowed: boolean): string {
  if (isFlagged(cell)) return " ".repeat(cells);
  return isFollowed ? `\x1b[${cells}X\x1b[${cells}C` : `\x1b[${cells}X`;
}
