/** What a terminal knows and xterm's API does not show: the pen, saved cursors, tab stops. Read from its own objects. */
import type { Terminal } from "@xterm/headless";
import type { ModeState } from "./modes.ts";
import { type CellStyle, RESET, sgrOf } from "./paint.ts";

/** Columns between tab stops that nobody has moved. */
const TAB_COLUMNS = 8;

type Charset = Readonly<Record<string, string>>;

/** One screen, as far as it is read here. */
interface ScreenInside {
  readonly savedX: number;
  /** Counted from the first line of the scrollback. */
  readonly savedY: number;
  readonly ybase: number;
  readonly savedCurAttrData: CellStyle;
  readonly savedCharset: Charset | undefined;
  readonly tabs: Readonly<Record<number, boolean>>;
}

interface TerminalInside {
  readonly _core?: {
    readonly _inputHandler?: { readonly _curAttrData?: CellStyle };
    readonly _charsetService?: { readonly charset?: Charset };
    readonly buffers?: { readonly normal?: ScreenInside; readonly alt?: ScreenInside };
  };
}

/** What the next character will look like. */
export function writePen(terminal: Terminal): string {
  const pen = (terminal as unknown as TerminalInside)._core?._inputHandler?._curAttrData;
  if (pen === undefined) throw elsewhere("pen");
  return sgrOf(pen);
}

/**
 * The charset in use where it is not the one that `modes` names: a restored cursor brings its own. Comes behind what
 * writes the modes. The charset named for later is lost then.
 */
export function writeCharset(terminal: Terminal, modes: ModeState): string {
  const service = (terminal as unknown as TerminalInside)._core?._charsetService;
  if (service === undefined) throw elsewhere("charset");
  const named = modes.charsets[modes.shift];
  const isDrawing = drawsLines(service.charset);
  if (isDrawing === (named === "0") || (named !== "" && named !== "0")) return "";
  return `\x1b${"()*+"[modes.shift] ?? "("}${isDrawing ? "0" : "B"}`;
}

/**
 * Sequences after which one screen, which must be shown, has its tab stops and its saved cursor (DECSC, or saved on the
 * way to the alternate screen); empty when both are as at first. The cursor, the pen and G0 are undefined afterwards.
 */
export function writeHidden(terminal: Terminal, screen: "normal" | "alt"): string {
  const inside = (terminal as unknown as TerminalInside)._core?.buffers?.[screen];
  if (inside?.tabs === undefined || inside.savedCurAttrData === undefined)
    throw elsewhere("saved cursor");
  return writeTabStops(inside, terminal.cols) + writeSavedCursor(inside);
}

/** Whether a program has set or cleared tab stops of the normal screen. */
export function hasMovedTabStops(terminal: Terminal): boolean {
  const inside = (terminal as unknown as TerminalInside)._core?.buffers?.normal;
  if (inside?.tabs === undefined) throw elsewhere("tab stops");
  return writeTabStops(inside, terminal.cols) !== "";
}

function writeTabStops({ tabs }: ScreenInside, columns: number): string {
  let stops = "\x1b[3g";
  let isMoved = false;
  for (let x = 0; x < columns; x++) {
    const isStop = tabs[x] === true;
    isMoved ||= isStop !== (x % TAB_COLUMNS === 0);
    if (isStop) stops += `\x1b[${x + 1}G\x1bH`;
  }
  return isMoved ? stops : "";
}

function writeSavedCursor(inside: ScreenInside): string {
  const row = Math.max(0, inside.savedY - inside.ybase);
  const pen = sgrOf(inside.savedCurAttrData);
  const isDrawing = drawsLines(inside.savedCharset);
  if (row === 0 && inside.savedX === 0 && pen === RESET && !isDrawing) return "";
  const place = `\x1b[${row + 1};${inside.savedX + 1}H`;
  return isDrawing ? `\x1b(0${pen}${place}\x1b7\x1b(B` : `${pen}${place}\x1b7`;
}

function drawsLines(charset: Charset | undefined): boolean {
  return charset?.["q"] === "\u2500";
}

function elsewhere(what: string): Error {
  return new Error(`@xterm/headless keeps its ${what} elsewhere: another version?`);
}
