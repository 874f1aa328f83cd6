/**
 * Follows the modes of a terminal that a serialized screen does not carry: mouse encoding, cursor shape
 * and visibility, margins, charsets, keyboard protocols. Bounded: known modes only, short stacks.
 */
import type { ScannerEvents } from "./scanner.ts";

/** Private modes worth restoring, and whether they are on after a reset. */
const PRIVATE_DEFAULTS: ReadonlyMap<number, "on" | "off"> = new Map([
  [1, "off"],
  [6, "off"],
  [7, "on"],
  [9, "off"],
  [12, "off"],
  [25, "on"],
  [45, "off"],
  [66, "off"],
  [1000, "off"],
  [1002, "off"],
  [1003, "off"],
  [1004, "off"],
  [1005, "off"],
  [1006, "off"],
  [1007, "on"],
  [1015, "off"],
  [1016, "off"],
  [2004, "off"],
  [2031, "off"],
]);
/** Of each group a terminal keeps one: the last that was set; resetting any ends it. */
const EXCLUSIVE: ReadonlyArray<readonly number[]> = [
  [9, 1000, 1002, 1003],
  [1005, 1006, 1015, 1016],
];
/** What DECSTR brings back to its default. */
const SOFT_RESET: readonly number[] = [1, 6, 7, 12, 25, 45, 66, 1004, 2004];
const ANSI_MODES: ReadonlySet<number> = new Set([4, 20]);
/** Deepest stack of keyboard flags that is kept per screen. */
const KEYBOARD_STACK_MAX = 16;

/** 1-based rows of a scroll region, null for the whole screen; bottom 0 means the last row. */
export type Margins = [top: number, bottom: number] | null;

/** Plain data: can be stored and read back. */
export interface ModeState {
  /** Private modes that differ from their default, in the order they were set. */
  privateModes: Array<[mode: number, value: "on" | "off"]>;
  ansiModes: number[];
  /** Scroll regions of the two screens. */
  margins: { normal: Margins; alternate: Margins };
  cursorShape: number;
  /** Designations of G0 to G3, such as `B` or `0`; empty means US-ASCII. */
  charsets: [string, string, string, string];
  shift: number;
  /** Kitty keyboard flags, one stack for each screen. */
  keyboard: { normal: number[]; alternate: number[] };
  /** xterm's modifyOtherKeys, 0 is off. */
  modifyOtherKeys: number;
  alternate: boolean;
}

/** Modes as they are after a reset. */
export function freshModes(): ModeState {
  return {
    privateModes: [],
    ansiModes: [],
    margins: { normal: null, alternate: null },
    cursorShape: 0,
    charsets: ["", "", "", ""],
    shift: 0,
    keyboard: { normal: [], alternate: [] },
    modifyOtherKeys: 0,
    alternate: false,
  };
}

/** Takes the scanner's sequences and keeps the modes up to date. */
export class ModeTracker implements Pick<ScannerEvents, "csi" | "escape" | "shift"> {
  #state: ModeState;

  constructor(state: ModeState = freshModes()) {
    this.#state = structuredClone(state);
  }

  /** A copy that later sequences do not change. */
  snapshot(): ModeState {
    return structuredClone(this.#state);
  }

  /** A resize takes the margins back, as terminals do. */
  resized(): void {
    this.#state.margins = { normal: null, alternate: null };
  }

  /** Scroll region of the screen that is shown. */
  get margins(): Margins {
    return this.#state.margins[this.#screen()];
  }

  shift(set: 0 | 1): void {
    this.#state.shift = set;
  }

  escape(text: string): void {
    const state = this.#state;
    if (text === "c") this.#state = freshModes();
    else if (text === "=") this.#private(66, "on");
    else if (text === ">") this.#private(66, "off");
    else if (text === "n") state.shift = 2;
    else if (text === "o") state.shift = 3;
    else this.#designate(text);
  }

  csi(body: string, final: string): void {
    if (final === "h" || final === "l") this.#setModes(body, final === "h" ? "on" : "off");
    else if (final === "r" && /^[\d;]*$/u.test(body)) this.#margins(body);
    else if (final === "q" && body.endsWith(" ")) this.#state.cursorShape = firstNumber(body, 1);
    else if (final === "p" && body === "!") this.#softReset();
    else if (final === "u") this.#keyboard(body);
    else if (final === "m" && body.startsWith(">4")) {
      this.#state.modifyOtherKeys = Number(body.split(";")[1] ?? 0);
    }
  }

  #screen(): "normal" | "alternate" {
    return this.#state.alternate ? "alternate" : "normal";
  }

  #designate(text: string): void {
    const slot = "()*+".indexOf(text[0] ?? "");
    if (text.length !== 2 || slot < 0) return;
    const charset = text[1] === "B" ? "" : (text[1] ?? "");
    this.#state.charsets[slot as 0 | 1 | 2 | 3] = charset;
  }

  #setModes(body: string, value: "on" | "off"): void {
    const isPrivate = body.startsWith("?");
    for (const part of (isPrivate ? body.slice(1) : body).split(";")) {
      const mode = Number(part);
      if (isPrivate) this.#private(mode, value);
      else if (ANSI_MODES.has(mode)) this.#ansi(mode, value);
    }
  }

  #private(mode: number, value: "on" | "off"): void {
    if (mode === 47 || mode === 1047 || mode === 1049) {
      // A terminal clears the alternate screen with its margins when it is left; entering it twice changes nothing.
      if (value === "off") this.#state.margins.alternate = null;
      this.#state.alternate = value === "on";
      return;
    }
    const normal = PRIVATE_DEFAULTS.get(mode);
    if (normal === undefined) return;
    const group = EXCLUSIVE.find((modes) => modes.includes(mode)) ?? [mode];
    const kept = this.#state.privateModes.filter(([other]) => !group.includes(other));
    if (value !== normal) kept.push([mode, value]);
    this.#state.privateModes = kept;
  }

  #ansi(mode: number, value: "on" | "off"): void {
    const kept = this.#state.ansiModes.filter((other) => other !== mode);
    if (value === "on") kept.push(mode);
    this.#state.ansiModes = kept;
  }

  #margins(body: string): void {
    const [top = "", bottom = ""] = body.split(";");
    const first = Math.max(1, Number(top) || 1);
    const last = Number(bottom) || 0;
    this.#state.margins[this.#screen()] =
      (first === 1 && last === 0) || (last !== 0 && last <= first) ? null : [first, last];
  }

  /** DECSTR leaves screens, mouse and keyboard protocols as they are. */
  #softReset(): void {
    for (const mode of SOFT_RESET) this.#private(mode, PRIVATE_DEFAULTS.get(mode) ?? "off");
    this.#ansi(4, "off");
    this.#state.margins[this.#screen()] = null;
    this.#state.charsets = ["", "", "", ""];
    this.#state.shift = 0;
    this.#state.cursorShape = 0;
  }

  #keyboard(body: string): void {
    const stack = this.#state.keyboard[this.#screen()];
    const rest = body.slice(1);
    if (body.startsWith(">")) {
      if (stack.length >= KEYBOARD_STACK_MAX) stack.shift();
      stack.push(firstNumber(rest, 0));
    } else if (body.startsWith("<")) {
      stack.splice(Math.max(0, stack.length - firstNumber(rest, 1)));
    } else if (body.startsWith("=")) {
      const [flags = "0", how = "1"] = rest.split(";");
      stack.push(combine(stack.pop() ?? 0, Number(flags) || 0, how));
    }
  }
}

/** Sequences that bring a fresh terminal, already on the right screen, into these modes; the cursor may move. */
export function writeModes(state: ModeState): string {
  let out = "";
  for (const [mode, value] of state.privateModes) {
    if (mode !== 6) out += `\x1b[?${mode}${value === "on" ? "h" : "l"}`;
  }
  for (const mode of state.ansiModes) out += `\x1b[${mode}h`;
  out += writeCharsets(state);
  if (state.cursorShape > 0) out += `\x1b[${state.cursorShape} q`;
  const keyboard = state.keyboard[state.alternate ? "alternate" : "normal"];
  for (const flags of keyboard) out += `\x1b[>${flags}u`;
  if (state.modifyOtherKeys > 0) out += `\x1b[>4;${state.modifyOtherKeys}m`;
  return out;
}

function writeCharsets(state: ModeState): string {
  let out = "";
  for (const [slot, charset] of state.charsets.entries()) {
    if (charset !== "") out += `\x1b${"()*+"[slot] ?? "("}${charset}`;
  }
  return out + (["", "\x0e", "\x1bn", "\x1bo"][state.shift] ?? "");
}

function firstNumber(text: string, otherwise: number): number {
  const value = Number.parseInt(text, 10);
  return Number.isFinite(value) ? value : otherwise;
}

function combine(old: number, flags: number, how: string): number {
  if (how === "2") return old | flags;
  if (how === "3") return old & ~flags;
  return flags;
}
