/** `src/main.ts:12:5` in output as a link: Ctrl+click opens it. Also web addresses that programs mark (OSC 8). */
import type { IBufferLine, ILink, ILinkProvider, Terminal } from "@xterm/xterm";
import { findPathLinks, type PathLink } from "../state/path-links.ts";

/** Rows of one wrapped line that are joined. */
const WRAPPED_ROWS_MAX = 20;

/** Links of a line are looked for when the pointer is over it. */
export function pathLinkProvider(
  terminal: Terminal,
  open: (link: PathLink) => void,
): ILinkProvider {
  return {
    provideLinks(row, callback) {
      const line = wholeLine(terminal, row - 1);
      const links = findPathLinks(line.text).map((link) => asLink(line, link, open));
      callback(links.filter((link) => link !== undefined));
    },
  };
}

interface WholeLine {
  readonly text: string;
  /** Cell of each character of the text: row from 1, column from 1. */
  readonly cells: ReadonlyArray<{ readonly x: number; readonly y: number }>;
}

function wholeLine(terminal: Terminal, row: number): WholeLine {
  const buffer = terminal.buffer.active;
  let first = row;
  while (first > 0 && row - first < WRAPPED_ROWS_MAX && buffer.getLine(first)?.isWrapped === true)
    first -= 1;
  let text = "";
  const cells: Array<{ x: number; y: number }> = [];
  for (let y = first; y < first + WRAPPED_ROWS_MAX; y += 1) {
    const line = buffer.getLine(y);
    if (line === undefined || (y > first && !line.isWrapped)) break;
    text += cellsOf(line, y, cells);
  }
  return { text, cells };
}

function cellsOf(line: IBufferLine, y: number, cells: Array<{ x: number; y: number }>): string {
  let text = "";
  for (let x = 0; x < line.length; x += 1) {
    const cell = line.getCell(x);
    if (cell === undefined || cell.getWidth() === 0) continue;
    const signs = cell.getChars() === "" ? " " : cell.getChars();
    text += signs;
    for (let unit = 0; unit < signs.length; unit += 1) cells.push({ x: x + 1, y: y + 1 });
  }
  return text;
}

function asLink(
  line: WholeLine,
  link: PathLink,
  open: (link: PathLink) => void,
): ILink | undefined {
  const start = line.cells[link.start];
  const end = line.cells[link.end - 1];
  if (start === undefined || end === undefined) return undefined;
  return {
    text: line.text.slice(link.start, link.end),
    range: { start, end },
    decorations: { pointerCursor: true, underline: true },
    activate: (event) => {
      if (event.ctrlKey) open(link);
    },
  };
}
