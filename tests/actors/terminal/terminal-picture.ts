/** What a terminal shows, as plain data that two terminals can be compared by. */
import { Unicode11Addon } from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import { type ModeState, ModeTracker } from "../../../actors/terminal/modes.ts";
import { Scanner } from "../../../actors/terminal/scanner.ts";

/** A terminal that is fed and looked at. */
export interface Picture {
  readonly rows: readonly string[];
  readonly cells: readonly string[];
  readonly cursor: readonly [x: number, y: number];
  readonly screen: "normal" | "alternate";
  readonly terminalModes: unknown;
  readonly modes: ModeState;
  /** What a next character looks like: colours carried on. */
  readonly pen: string;
}

/** A headless terminal beside the modes it was told. */
export class Onlooker {
  readonly #terminal;
  readonly #modes = new ModeTracker();
  readonly #scanner: Scanner;
  #offset = 0;

  constructor(cols: number, rows: number) {
    this.#terminal = new headless.Terminal({
      cols,
      rows,
      scrollback: 1000,
      allowProposedApi: true,
    });
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    this.#scanner = new Scanner({
      bell: () => undefined,
      osc: () => undefined,
      csi: (body, final) => this.#modes.csi(body, final),
      escape: (text) => this.#modes.escape(text),
      shift: (set) => this.#modes.shift(set),
    });
  }

  async write(data: Uint8Array | string): Promise<void> {
    const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
    this.#scanner.feed(bytes, this.#offset);
    this.#offset += bytes.length;
    await new Promise<void>((resolve) => this.#terminal.write(bytes, resolve));
  }

  resize(cols: number, rows: number): void {
    this.#terminal.resize(cols, rows);
    this.#modes.resized();
  }

  /** The rows of the screen and `scrollback` lines above it. */
  async look(scrollback = 0): Promise<Picture> {
    const buffer = this.#terminal.buffer.active;
    const first = Math.max(0, buffer.baseY - scrollback);
    const rows: string[] = [];
    const cells: string[] = [];
    for (let y = first; y < buffer.baseY + this.#terminal.rows; y++) {
      const line = buffer.getLine(y);
      rows.push(`${line?.isWrapped === true ? "~" : " "}${line?.translateToString(true) ?? ""}`);
      for (let x = 0; x < this.#terminal.cols; x++) {
        const cell = line?.getCell(x);
        if (cell === undefined) continue;
        const chars = cell.getChars() === " " ? "" : cell.getChars();
        cells.push(`${x},${y - first}:${chars}|${style(cell)}`);
      }
    }
    const cursor = [Math.min(buffer.cursorX, this.#terminal.cols - 1), buffer.cursorY] as const;
    const { synchronizedOutputMode: _temporary, ...terminalModes } = this.#terminal.modes;
    const screen = buffer.type;
    const modes = this.#modes.snapshot();
    for (const region of [modes.margins.normal, modes.margins.alternate]) {
      if (region?.[1] === 0) region[1] = this.#terminal.rows;
    }
    return { rows, cells, cursor, screen, terminalModes, modes, pen: await this.#pen() };
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  async #pen(): Promise<string> {
    await this.write("\x1b[1;1HX");
    const cell = this.#terminal.buffer.active
      .getLine(this.#terminal.buffer.active.baseY)
      ?.getCell(0);
    return cell === undefined ? "" : style(cell);
  }
}

interface StyledCell {
  getFgColorMode(): number;
  getFgColor(): number;
  getBgColorMode(): number;
  getBgColor(): number;
  getChars(): string;
  isBold(): number;
  isInverse(): number;
  isUnderline(): number;
  isDim(): number;
  isItalic(): number;
}

/** An empty cell shows its background only. */
function style(cell: StyledCell): string {
  const background = `${cell.getBgColorMode()}/${cell.getBgColor()}`;
  if (cell.getChars().trim() === "" && cell.isUnderline() === 0 && cell.isInverse() === 0)
    return background;
  const flags = [
    cell.isBold(),
    cell.isInverse(),
    cell.isUnderline(),
    cell.isDim(),
    cell.isItalic(),
  ];
  return `${background} ${cell.getFgColorMode()}/${cell.getFgColor()} ${flags.map((flag) => (flag > 0 ? 1 : 0)).join("")}`;
}
