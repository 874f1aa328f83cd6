/** What a terminal shows, as plain data: read in the page and from a terminal that saw every byte. */
import { Unicode11Addon } from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import type { Terminal } from "@xterm/xterm";
import { guardTerminal } from "../../../bus/contracts/xterm-guard.ts";
import type { ShellLog } from "./shell-log.ts";

/** A screen. `rows` hold the text with a mark where colours or weight change. */
export interface Picture {
  readonly size: string;
  readonly screen: string;
  readonly cursor: string;
  readonly modes: string;
  readonly rows: readonly string[];
}

/** The part of xterm that is read; the page's and the headless one have it. */
type Looked = Pick<Terminal, "buffer" | "cols" | "rows" | "modes">;

/** The screen and `scrollback` lines above it. Passed to the page as source, so it uses nothing from outside. */
export function pictureOf(terminal: Looked, scrollback: number): Picture {
  const buffer = terminal.buffer.active;
  const cell = buffer.getNullCell();
  const styleOf = (): string => {
    const flags = [cell.isBold(), cell.isInverse(), cell.isUnderline(), cell.isDim()];
    const isBlank = cell.getChars().trim() === "" && !cell.isInverse() && !cell.isUnderline();
    const back = `${cell.getBgColorMode()}:${cell.getBgColor()}`;
    const marks = flags.map((flag) => (flag ? 1 : 0)).join("");
    return isBlank ? back : `${back}:${cell.getFgColorMode()}:${cell.getFgColor()}:${marks}`;
  };
  const rowOf = (y: number): string => {
    const line = buffer.getLine(y);
    let text = line?.isWrapped === true ? "~" : " ";
    let before = "";
    for (let x = 0; x < terminal.cols && line !== undefined; x += 1) {
      line.getCell(x, cell);
      const style = styleOf();
      if (style !== before) text += `{${style}}`;
      before = style;
      text += cell.getWidth() === 0 ? "" : cell.getChars() || " ";
    }
    return text.trimEnd();
  };
  const rows: string[] = [];
  const end = buffer.baseY + terminal.rows;
  for (let y = Math.max(0, buffer.baseY - scrollback); y < end; y += 1) rows.push(rowOf(y));
  const { synchronizedOutputMode: _passing, ...modes } = terminal.modes;
  return {
    size: `${terminal.cols}x${terminal.rows}`,
    screen: buffer.type,
    cursor: `${Math.min(buffer.cursorX, terminal.cols - 1)},${buffer.cursorY}`,
    modes: JSON.stringify(modes),
    rows,
  };
}

/** What differs between two pictures, at most five lines; empty when nothing does. */
export function differences(seen: Picture, wanted: Picture): string[] {
  const found: string[] = [];
  for (const key of ["size", "screen", "cursor", "modes"] as const) {
    if (seen[key] !== wanted[key]) found.push(`${key} ${seen[key]}, expected ${wanted[key]}`);
  }
  // The page may have kept fewer lines above the screen.
  const rows = wanted.rows.slice(-seen.rows.length);
  for (const [index, row] of seen.rows.entries()) {
    const other = rows[index] ?? "";
    if (row !== other)
      found.push(`row ${index} ${JSON.stringify(row)}, expected ${JSON.stringify(other)}`);
  }
  return found.slice(0, 5);
}

/** A terminal of the same size that sees the whole output of a session. Dispose it. */
export class Mirror {
  readonly #terminal;
  readonly #log: ShellLog;
  readonly #sizes: { readonly offset: number; readonly cols: number; readonly rows: number }[] = [];
  #fed = 0;

  constructor(log: ShellLog, cols: number, rows: number) {
    this.#log = log;
    this.#terminal = new headless.Terminal({
      cols,
      rows,
      scrollback: 1_000,
      allowProposedApi: true,
    });
    this.#terminal.loadAddon(new Unicode11Addon());
    guardTerminal(this.#terminal);
    this.#terminal.unicode.activeVersion = "11";
  }

  /** The view takes another size before the byte at `offset`. */
  resize(offset: number, cols: number, rows: number): void {
    this.#sizes.push({ offset, cols, rows });
  }

  /** The screen after the first `offset` bytes, which must not go back. */
  async look(offset: number, scrollback: number): Promise<Picture> {
    for (const size of this.#sizes.splice(0)) {
      await this.#feed(size.offset);
      this.#terminal.resize(size.cols, size.rows);
    }
    await this.#feed(offset);
    return pictureOf(this.#terminal, scrollback);
  }

  async #feed(offset: number): Promise<void> {
    if (offset <= this.#fed) return;
    const bytes = this.#log.read(this.#fed, offset);
    this.#fed += bytes.length;
    await new Promise<void>((resolve) => this.#terminal.write(bytes, resolve));
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}
