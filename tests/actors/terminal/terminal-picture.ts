/** What a terminal shows, as plain data that two terminals can be compared by. */
import { Unicode11Addon } from "@xterm/addon-unicode11";
import headless from "@xterm/headless";
import { type ModeState, ModeTracker } from "../../../actors/terminal/modes.ts";
import { Scanner } from "../../../actors/terminal/scanner.ts";
import { guardTerminal } from "../../../bus/contracts/xterm-guard.ts";

/** A terminal that is fed and looked at. */
export interface Picture {
  readonly rows: readonly string[];
  readonly cells: readonly string[];
  readonly cursor: readonly [x: number, y: number];
  readonly screen: "normal" | "alternate";
  readonly terminalModes: unknown;
  readonly modes: Omit<ModeState, "charsets" | "shift">;
  /** What a `q` that comes next looks like: the charset in use, colours carried on. */
  readonly next: string;
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
    guardTerminal(this.#terminal);
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
    const lines = [];
    for (let y = first; y < buffer.baseY + this.#terminal.rows; y++) lines.push(buffer.getLine(y));
    const rows = lines.map(textOf);
    const cells = lines.flatMap((line, y) => cellsOf(line).map((cell, x) => `${x},${y}:${cell}`));
    const cursor = [Math.min(buffer.cursorX, this.#terminal.cols - 1), buffer.cursorY] as const;
    const { synchronizedOutputMode: _temporary, ...terminalModes } = this.#terminal.modes;
    const screen = buffer.type;
    const { charsets: _named, shift: _used, ...modes } = this.#modes.snapshot();
    modes.privateModes.sort(([one], [other]) => one - other);
    for (const region of [modes.margins.normal, modes.margins.alternate]) {
      if (region?.[1] === 0) region[1] = this.#terminal.rows;
    }
    return { rows, cells, cursor, screen, terminalModes, modes, next: await this.#next() };
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  async #next(): Promise<string> {
    await this.write("\x1b[?6l\x1b[1;1Hq");
    const buffer = this.#terminal.buffer.active;
    const cell = buffer.getLine(buffer.baseY)?.getCell(0);
    return cell === undefined ? "" : `${cell.getChars()} ${style(cell)}`;
  }
}

type Line = ReturnType<InstanceType<typeof headless.Terminal>["buffer"]["active"]["getLine"]>;

/** A blank at the end of a row is to be seen as little as nothing. */
function textOf(line: Line): string {
  return `${line?.isWrapped === true ? "~" : " "}${line?.translateToString(true).trimEnd() ?? ""}`;
}

function cellsOf(line: Line): string[] {
  const cells: string[] = [];
  for (let x = 0; x < (line?.length ?? 0); x++) {
    const cell = line?.getCell(x);
    if (cell === undefined) continue;
    const chars = cell.getChars() === " " ? "" : cell.getChars();
    cells.push(`${chars}|${style(cell)}`);
  }
  return cells;
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
