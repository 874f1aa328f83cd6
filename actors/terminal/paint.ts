/**
 * Corrects what addon-serialize leaves out: rows below the last text that have a background, the cursor after
 * such a correction, and the colours that the next character will have.
 */
import type { IBuffer, IBufferCell, IBufferLine } from "@xterm/headless";

/** Colours and flags, without a character. */
export type CellStyle = Omit<IBufferCell, "getChars" | "getWidth" | "getCode">;

const RESET = "\x1b[0m";

/** Colours and flags of a cell as one sequence, from any state before. */
export function sgrOf(cell: CellStyle): string {
  const codes = [
    0,
    ...flagCodes(cell),
    ...colourCodes(cell, "foreground"),
    ...colourCodes(cell, "background"),
  ];
  return `\x1b[${codes.join(";")}m`;
}

/**
 * Paints the empty cells of the visible rows and puts the cursor back; empty when no cell has a background.
 * The pen is undefined afterwards.
 */
export function paintEmptyCells(buffer: IBuffer, rows: number): string {
  const lines: IBufferLine[] = [];
  for (let y = 0; y < rows; y++) {
    const line = buffer.getLine(buffer.baseY + y);
    if (line !== undefined) lines.push(line);
  }
  if (!lines.some(hasBackground)) return "";
  let out = "";
  for (const [y, line] of lines.entries()) out += paintRow(line, y + 1);
  return out + placeCursor(buffer);
}

/** Puts the cursor where the buffer has it, also behind the last column, where the next character wraps. */
export function placeCursor(buffer: IBuffer): string {
  const row = buffer.cursorY + 1;
  const line = buffer.getLine(buffer.baseY + buffer.cursorY);
  if (line === undefined || buffer.cursorX < line.length)
    return `\x1b[${row};${buffer.cursorX + 1}H`;
  const last = lastCharacter(line);
  if (last === undefined) return `\x1b[${row};${line.length}H`;
  return `\x1b[${row};${last.x + 1}H${sgrOf(last.cell)}${last.cell.getChars()}`;
}

/** Runs of empty cells with one background: erased with it, so that they stay empty. */
function paintRow(line: IBufferLine, row: number): string {
  let out = "";
  for (let x = 0; x < line.length; ) {
    const cell = line.getCell(x);
    if (cell === undefined) break;
    let end = x + 1;
    if (isEmpty(cell)) {
      const style = backgroundOf(cell);
      for (
        let next = line.getCell(end);
        next !== undefined && isEmpty(next) && backgroundOf(next) === style;
      ) {
        next = line.getCell(++end);
      }
      // Erasing the first cell would cut the row off from the one it continues.
      if (x > 0 || !line.isWrapped) out += `\x1b[${row};${x + 1}H${style}\x1b[${end - x}X`;
    }
    x = end;
  }
  return out;
}

function hasBackground(line: IBufferLine): boolean {
  for (let x = 0; x < line.length; x++) {
    const cell = line.getCell(x);
    if (cell !== undefined && !cell.isBgDefault()) return true;
  }
  return false;
}

function lastCharacter(line: IBufferLine): { x: number; cell: IBufferCell } | undefined {
  const last = line.getCell(line.length - 1);
  const x = last?.getWidth() === 0 ? line.length - 2 : line.length - 1;
  const cell = line.getCell(x);
  return cell === undefined || cell.getChars() === "" ? undefined : { x, cell };
}

function isEmpty(cell: IBufferCell): boolean {
  return cell.getChars() === "" && cell.getWidth() === 1;
}

function backgroundOf(cell: IBufferCell): string {
  const codes = colourCodes(cell, "background");
  return codes.length === 0 ? RESET : `\x1b[0;${codes.join(";")}m`;
}

function flagCodes(cell: CellStyle): number[] {
  const flags: ReadonlyArray<readonly [set: number, code: number]> = [
    [cell.isBold(), 1],
    [cell.isDim(), 2],
    [cell.isItalic(), 3],
    [cell.isUnderline(), 4],
    [cell.isBlink(), 5],
    [cell.isInverse(), 7],
    [cell.isInvisible(), 8],
    [cell.isStrikethrough(), 9],
    [cell.isOverline(), 53],
  ];
  return flags.filter(([set]) => set !== 0).map(([, code]) => code);
}

function colourCodes(cell: CellStyle, ground: "foreground" | "background"): number[] {
  const isFront = ground === "foreground";
  const colour = isFront ? cell.getFgColor() : cell.getBgColor();
  const base = isFront ? 30 : 40;
  if (isFront ? cell.isFgRGB() : cell.isBgRGB()) {
    return [base + 8, 2, (colour >>> 16) & 0xff, (colour >>> 8) & 0xff, colour & 0xff];
  }
  if (!(isFront ? cell.isFgPalette() : cell.isBgPalette())) return [];
  if (colour >= 16) return [base + 8, 5, colour];
  return [colour < 8 ? base + colour : base + 60 + colour - 8];
}
