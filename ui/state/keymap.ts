/**
 * Which command a key press runs. Chords of keybindings.json come first, the table's next. A chord is refused
 * when a program in a terminal needs it.
 */
import { type Chord, type KeyPress, matches, parseChord } from "./chord.ts";
import { allCommands, type CommandId } from "./commands.ts";

/** Where the focus is. */
export type Focus = "terminal" | "outside";

export interface Binding {
  readonly chord: Chord;
  readonly text: string;
  readonly command: CommandId;
  readonly where: "everywhere" | "outside";
}

/** A line of keybindings.json. A command with a leading `-` takes the key away. */
export interface UserBinding {
  readonly key: string;
  readonly command: string;
  /** Line of the file, from 1; 0 when it is not known. */
  readonly line?: number;
}

export interface Keymap {
  readonly bindings: readonly Binding[];
  /** What of the person's file could not be used, in words. */
  readonly problems: readonly string[];
}

/** Rows of keybindings.json that are looked at. */
export const USER_BINDINGS_MAX = 500;

/** Table and person's file together. */
export function buildKeymap(user: readonly UserBinding[]): Keymap {
  const problems: string[] = [];
  const own: Binding[] = [];
  const removed = new Set<string>();
  for (const entry of user.slice(0, USER_BINDINGS_MAX)) {
    const made = readUserBinding(entry, removed);
    if (typeof made === "string") problems.push(made);
    else if (made !== undefined) own.push(made);
  }
  const base = tableBindings().filter(({ text, command }) => !removed.has(`${text} ${command}`));
  return { bindings: [...own, ...base], problems };
}

/** The command of a key press, undefined when the press belongs to whatever has the focus. */
export function commandFor(keymap: Keymap, press: KeyPress, focus: Focus): CommandId | undefined {
  return keymap.bindings.find(
    ({ chord, where }) => (where === "everywhere" || focus === "outside") && matches(chord, press),
  )?.command;
}

/** The first chord of a command, undefined if it has none. */
export function keyOf(keymap: Keymap, command: string): string | undefined {
  return keymap.bindings.find((binding) => binding.command === command)?.text;
}

/** Presses that must reach nobody: WebKitGTK opens its emoji list on them and keeps the keyboard. */
export function isSwallowed(press: KeyPress): boolean {
  if (!press.ctrlKey || press.altKey || press.shiftKey || press.metaKey) return false;
  return press.code === "Period" || press.code === "Semicolon";
}

/** Why a chord may not be bound while a terminal has the focus; undefined when it may. */
export function ownedByTerminal(chord: Chord): string | undefined {
  const { ctrl, shift, alt, key } = chord;
  if (/^F\d/.test(key)) return "function keys belong to the terminal";
  if (alt && !ctrl) return "Alt belongs to the terminal";
  if (alt && ctrl && key.length === 1) return "Ctrl+Alt with a letter belongs to the terminal";
  if (!ctrl && !alt && !shift) return "plain keys belong to the terminal";
  if (!ctrl && shift && !key.startsWith("Page")) return "Shift alone types";
  if (ctrl && !shift && !alt) return plainControlOwner(key);
  if (ctrl && shift) return shiftedControlOwner(key);
  return undefined;
}

function plainControlOwner(key: string): string | undefined {
  if (key.length === 1) return "Ctrl with a letter belongs to the terminal";
  if (/^Digit[3-8]$/.test(key) || key === "Digit2") return "Ctrl+2 to 8 are control characters";
  const taken = [
    "Space",
    "BracketLeft",
    "BracketRight",
    "Backslash",
    "Slash",
    "PageUp",
    "PageDown",
  ];
  if (taken.includes(key) || key.startsWith("Arrow")) return "the terminal sends it to programs";
  if (["Home", "End", "Delete", "Enter", "Backspace", "Escape", "Insert"].includes(key)) {
    return "the terminal sends it to programs";
  }
  return undefined;
}

function shiftedControlOwner(key: string): string | undefined {
  if (key.startsWith("Arrow")) return "Ctrl+Shift+arrows belong to the terminal";
  if (key === "Digit2") return "Ctrl+Shift+2 is NUL";
  if (key === "Minus") return "Ctrl+Shift+- is undo in the shell";
  if (key === "u") return "Ctrl+Shift+U is GTK's character entry";
  return undefined;
}

function readUserBinding(entry: UserBinding, removed: Set<string>): Binding | string | undefined {
  const text = entry.key.trim().toLowerCase();
  const chord = parseChord(text);
  const place = entry.line ? `keybindings.json line ${entry.line}` : "keybindings.json";
  if (typeof chord === "string") return `${place}: ${chord} (in "${entry.key}").`;
  if (entry.command.startsWith("-")) {
    removed.add(`${text} ${entry.command.slice(1)}`);
    return undefined;
  }
  const command = allCommands().find(({ id }) => id === entry.command);
  if (command === undefined) return `${place}: "${entry.command}" is no command.`;
  const where = ownedByTerminal(chord) === undefined ? "everywhere" : "outside";
  return { chord, text, command: command.id as CommandId, where };
}

function tableBindings(): Binding[] {
  return allCommands().flatMap((command) => [
    ...command.keys.map((text) => tableBinding(text, command.id as CommandId, "everywhere")),
    ...(command.outside ?? []).map((text) =>
      tableBinding(text, command.id as CommandId, "outside"),
    ),
  ]);
}

function tableBinding(text: string, command: CommandId, where: Binding["where"]): Binding {
  const chord = parseChord(text);
  if (typeof chord === "string") throw new Error(`key table, ${command}: ${chord}`);
  return { chord, text, command, where };
}
