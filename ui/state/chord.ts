/**
 * Chords such as `ctrl+shift+p`. Letters match by the layout's letter, on non-Latin layouts by position; digits and
 * signs always by position, because Shift and layouts change what they type.
 */

export interface Chord {
  readonly ctrl: boolean;
  readonly shift: boolean;
  readonly alt: boolean;
  /** A letter `a`-`z`, or a `KeyboardEvent.code` such as `Digit1`, `Backquote`, `Enter`. */
  readonly key: string;
}

/** What of a KeyboardEvent decides. */
export interface KeyPress {
  readonly key: string;
  readonly code: string;
  readonly ctrlKey: boolean;
  readonly shiftKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

const SIGN_CODES: Readonly<Record<string, string>> = {
  "`": "Backquote",
  "-": "Minus",
  "=": "Equal",
  "[": "BracketLeft",
  "]": "BracketRight",
  "\\": "Backslash",
  ";": "Semicolon",
  "'": "Quote",
  ",": "Comma",
  ".": "Period",
  "/": "Slash",
};

const NAMED_CODES: Readonly<Record<string, string>> = {
  enter: "Enter",
  tab: "Tab",
  space: "Space",
  escape: "Escape",
  backspace: "Backspace",
  delete: "Delete",
  insert: "Insert",
  home: "Home",
  end: "End",
  pageup: "PageUp",
  pagedown: "PageDown",
  left: "ArrowLeft",
  right: "ArrowRight",
  up: "ArrowUp",
  down: "ArrowDown",
};

/**
 * Reads `ctrl+shift+p`, `ctrl+,`, `f7`, `alt+left`.
 * @returns the chord, or a sentence that says what is wrong with the text.
 */
export function parseChord(text: string): Chord | string {
  const parts = text.trim().toLowerCase().split("+");
  const name = parts.pop() ?? "";
  const wrong = parts.find((part) => part !== "ctrl" && part !== "shift" && part !== "alt");
  if (wrong !== undefined) return `"${wrong}" is no modifier; ctrl, shift and alt are`;
  const key = codeOf(name);
  if (key === undefined) return `"${name}" is no key`;
  return {
    ctrl: parts.includes("ctrl"),
    shift: parts.includes("shift"),
    alt: parts.includes("alt"),
    key,
  };
}

/** Whether this key press is the chord. */
export function matches(chord: Chord, press: KeyPress): boolean {
  if (press.metaKey || press.ctrlKey !== chord.ctrl) return false;
  if (press.shiftKey !== chord.shift || press.altKey !== chord.alt) return false;
  if (chord.key.length === 1) return letterOf(press) === chord.key;
  return press.code === chord.key || (chord.key === "Enter" && press.code === "NumpadEnter");
}

/** The letter a press stands for: by layout, or by position where the layout types no Latin letter. */
export function letterOf(press: KeyPress): string | undefined {
  const typed = press.key.toLowerCase();
  if (/^[a-z]$/.test(typed)) return typed;
  const position = /^Key([A-Z])$/.exec(press.code)?.[1];
  if (position === undefined || isLatin(press.key)) return undefined;
  return position.toLowerCase();
}

/** The chord as a person reads it: `Ctrl+Shift+P`. */
export function chordLabel(text: string): string {
  const parts = text.split("+").filter((part) => part !== "");
  return parts.map((part) => LABELS[part] ?? capital(part)).join("+");
}

const LABELS: Readonly<Record<string, string>> = {
  pageup: "PageUp",
  pagedown: "PageDown",
  left: "Left",
  right: "Right",
};

function codeOf(name: string): string | undefined {
  if (/^[a-z]$/.test(name)) return name;
  if (/^[0-9]$/.test(name)) return `Digit${name}`;
  if (/^f([1-9]|1[0-2])$/.test(name)) return name.toUpperCase();
  return SIGN_CODES[name] ?? NAMED_CODES[name];
}

/** A one-character key below U+0250 is Latin, so its position says nothing. */
function isLatin(key: string): boolean {
  return key.length === 1 && (key.codePointAt(0) ?? 0) < 0x250;
}

function capital(part: string): string {
  return part.charAt(0).toUpperCase() + part.slice(1);
}
