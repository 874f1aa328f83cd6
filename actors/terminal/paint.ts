/** Looks of cells as sequences: colours and flags, and the cursor where the next character will come. */
import type { IBuffer, IBufferCell, IBufferLine } from "@xterm/headless";

/** Colours and flags, without a character. */
export type CellStyle = Omit<IBufferCell, "getChars" | "getWidth" | "getCode">;

/** Default colours, no flags. */
export const RESET = "\x1b[0m";

/** Colours and flags of a cell as one sequence, from any state before. */
export function sgrOf(cell: CellStyle): string {
  if (cell.isAttributeDefault()) return RESET;
  const codes = [
    0,
    ...flagCodes(cell),
    ...colourCodes(cell, "foreground"),
    ...colourCodes(cell, "background"),
  ];
  return `\x1b[${codes.join(";")}m`;
}

/** Whether a cell without a character shows more than its background. */
export function isFlagged(cell: CellStyle): boolean {
  const flags = cell.isInverse() | cell.isUnderline() | cell.isStrikethrough() | cell.isOverline();
  return flags !== 0;
}

/** Whether a cell without a character is to be seen. */
export function hasLook(cell: CellStyle): boolean {
  return !cell.isBgDefault() || isFlagged(cell);
}

/**
 * Puts the cursor where the buffer has it, also behind the last column, where the next character wraps. `top` is the
 * row that counts as the first one: that of the margins in origin mode. The pen is undefined afterwards.
 */
export function placeCursor(buffer: IBuffer, top = 0): string {
  const row = Math.max(1, buffer.cursorY + 1 - top);
  const line = buffer.getLine(buffer.baseY + buffer.cursorY);
  if (line === undefined || buffer.cursorX < line.length)
    return `\x1b[${row};${buffer.cursorX + 1}H`;
  const { x, cell } = lastCharacter(line);
  if (cell === undefined) return `\x1b[${row};${x + 1}H`;
  return `\x1b[${row};${x + 1}H${sgrOf(cell)}${cell.getChars() || " "}`;
}

function lastCharacter(line: IBufferLine): { x: number; cell: IBufferCell | undefined } {
  const last = line.getCell(line.length - 1);
  const x = last?.getWidth() === 0 ? line.length - 2 : line.length - 1;
  return { x, cell: line.getCell(x) };
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
