/**
 * A run of output that only writes on, line by line (see Scanner.linearSince): where its last lines begin, and what
 * those before them leave behind, which is the pen.
 */
import type { ModeState } from "./modes.ts";

const BEL = 0x07;
const HT = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const ESC = 0x1b;
const BRACKET = 0x5b;
const SGR = 0x6d;
const ZERO = 0x30;
const SEMICOLON = 0x3b;

/** What of a terminal's state bends a run: where nothing does, the run makes the same rows in a fresh one. */
export interface RunState {
  readonly modes: ModeState;
  /** Whether a program has moved the tab stops. */
  readonly tabStops: "default" | "moved";
}

/** Modes in which characters or line ends do something else. */
const BENDING_MODES: readonly number[] = [6, 7, 45];

/**
 * A run as text that brings a fresh terminal to the same rows, longer than its screen and scrollback; undefined where
 * it would not, or would ring. Written down so, a screen costs a tenth of what it costs cell by cell.
 */
export function replayed(run: Uint8Array, { modes, tabStops }: RunState): string | undefined {
  const isBent =
    modes.alternate ||
    modes.shift !== 0 ||
    modes.ansiModes.length > 0 ||
    modes.margins.normal !== null ||
    modes.charsets.some((charset) => charset !== "") ||
    modes.privateModes.some(([mode]) => BENDING_MODES.includes(mode));
  if (isBent || run.includes(BEL) || (tabStops === "moved" && run.includes(HT))) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(run);
  } catch {
    // A terminal reads broken characters in its own way.
    return undefined;
  }
}

/** Where the last `lines` lines begin: behind that CR LF from the end. 0 when there are fewer. */
export function lastLines(run: Uint8Array, lines: number): number {
  let left = lines;
  for (let at = run.lastIndexOf(LF); at > 0; at = run.lastIndexOf(LF, at - 1)) {
    left--;
    if (left <= 0 && run[at - 1] === CR) return at + 1;
  }
  return 0;
}

/** The sequences that set the pen, from the last one on that resets it: the same pen as after the whole run. */
export function pensOf(run: Uint8Array): Uint8Array {
  const pens: Uint8Array[] = [];
  let bytes = 0;
  for (let at = run.lastIndexOf(ESC); at >= 0; at = at === 0 ? -1 : run.lastIndexOf(ESC, at - 1)) {
    const end = endOfPen(run, at);
    if (end === undefined) continue;
    pens.push(run.subarray(at, end));
    bytes += end - at;
    if (resets(run, at)) break;
  }
  const all = new Uint8Array(bytes);
  let filled = 0;
  for (const pen of pens.reverse()) {
    all.set(pen, filled);
    filled += pen.length;
  }
  return all;
}

/** One past an SGR that begins here; undefined when it is something else, or was cut off. */
function endOfPen(run: Uint8Array, at: number): number | undefined {
  if (run[at + 1] !== BRACKET) return undefined;
  let end = at + 2;
  for (; end < run.length; end++) {
    const byte = run[end] ?? 0;
    if (byte < ZERO || byte > SEMICOLON) break;
  }
  return run[end] === SGR ? end + 1 : undefined;
}

/** Whether an SGR begins with a reset: `ESC [ m`, `ESC [ 0 m`, `ESC [ 0 ; ...`. */
function resets(run: Uint8Array, at: number): boolean {
  const [first, second] = [run[at + 2], run[at + 3]];
  return first === SGR || (first === ZERO && (second === SGR || second === SEMICOLON));
}
