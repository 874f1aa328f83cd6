/**
 * The cells of a line as xterm keeps them, three words each: content, foreground with flags, background with flags.
 * Read from its own objects: a written down screen is some 150,000 cells, and a call for each took most of its time.
 */
import type { IBufferLine } from "@xterm/headless";

const WORDS = 3;
/** Character, or the mark that there are several; 0 for none. */
const CONTENT = 0x3fffff;
const COMBINED = 0x200000;
const WIDTH_SHIFT = 22;
/** Characters up to here are gathered as bytes: a string made of single ones is ten times as slow. */
const BYTE_MAX = 0xff;
const SCRATCH = Buffer.alloc(1_024);
/** Characters beyond need two code units. */
const UNIT_MAX = 0xffff;

/** Words of one line. Only as long as the terminal parses nothing. */
export type CellWords = Uint32Array;

/** @throws Error when this version of xterm keeps them elsewhere. */
export function wordsOf(line: IBufferLine): CellWords {
  const words = (line as unknown as { _line?: { _data?: unknown } })._line?._data;
  if (words instanceof Uint32Array) return words;
  throw new Error("@xterm/headless keeps its cells elsewhere: another version?");
}

/** Whether a cell has no character: erased, or the right half of a wide one. */
export function isBlank(words: CellWords, x: number): boolean {
  return (contentAt(words, x) & CONTENT) === 0;
}

/** Whether a cell has neither colour nor flag. */
export function isDefault(words: CellWords, x: number): boolean {
  return words[x * WORDS + 1] === 0 && words[x * WORDS + 2] === 0;
}

/** Whether two cells have the same colours and flags. */
function looksLike(words: CellWords, x: number, other: number): boolean {
  return (
    words[x * WORDS + 1] === words[other * WORDS + 1] &&
    words[x * WORDS + 2] === words[other * WORDS + 2]
  );
}

/**
 * One past the last of the cells from `x` on that look the same and are alike: all erased, or each with one code unit
 * in one column. Any other cell is a run of its own.
 */
export function endOfRun(words: CellWords, x: number, columns: number): number {
  const isEmpty = isBlank(words, x);
  if (!isEmpty && !isUnit(words, x)) return x + Math.max(1, contentAt(words, x) >>> WIDTH_SHIFT);
  let end = x + 1;
  while (end < columns && looksLike(words, end, x) && (isEmpty ? isErased : isUnit)(words, end))
    end++;
  return end;
}

/** Whether a cell's character is one code unit in one column. */
export function isUnit(words: CellWords, x: number): boolean {
  const content = contentAt(words, x);
  const character = content & CONTENT;
  return (
    content >>> WIDTH_SHIFT === 1 &&
    character > 0 &&
    character <= UNIT_MAX &&
    (character & COMBINED) === 0
  );
}

/** The characters of such cells. */
export function textOf(words: CellWords, from: number, end: number): string {
  let text = "";
  let bytes = 0;
  for (let x = from; x < end; x++) {
    const unit = contentAt(words, x) & CONTENT;
    const isByte = unit <= BYTE_MAX;
    if (isByte) SCRATCH[bytes++] = unit;
    if (isByte && bytes < SCRATCH.length) continue;
    text += SCRATCH.toString("latin1", 0, bytes);
    bytes = 0;
    if (!isByte) text += String.fromCharCode(unit);
  }
  return text + SCRATCH.toString("latin1", 0, bytes);
}

function isErased(words: CellWords, x: number): boolean {
  return contentAt(words, x) === 1 << WIDTH_SHIFT;
}

function contentAt(words: CellWords, x: number): number {
  return words[x * WORDS] ?? 0;
}
