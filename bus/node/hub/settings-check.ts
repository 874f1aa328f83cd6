/** What settings.json and keybindings.json may hold, and the sentence for what they may not. Pure. */
import { parseLocatedJson } from "./json-lines.ts";

/** Values in force. */
export type SettingValues = Readonly<Record<string, unknown>>;
/** One rebinding; an empty command takes a key away. */
export interface Keybinding {
  readonly key: string;
  readonly command: string;
  /** Where it stands in the file, from 1. */
  readonly line: number;
}

/** A file as read: what is good of it, and every problem with file, line and key. */
export interface Checked<T> {
  readonly good: T;
  /** The whole file cannot be read: the last good values stay. */
  readonly broken: boolean;
  readonly problems: readonly string[];
}

const PROBLEMS_MAX = 20;
const KEYBINDINGS_MAX = 500;

interface Rule {
  readonly expected: string;
  fits(value: unknown): boolean;
}

/** Every setting of this version. */
const RULES: Readonly<Record<string, Rule>> = {
  "window.theme": oneOf("system", "dark", "light", "contrast"),
  "window.reducedMotion": truth(),
  "window.keepShellsOnClose": truth(),
  "terminal.fontSize": whole(8, 32),
  "terminal.scrollback": whole(0, 100_000),
  "terminal.shellIntegration": truth(),
  "terminal.backend": oneOf("keeper", "node-pty"),
  "editor.autosave": oneOf("off", "focus-loss"),
  "editor.vim": truth(),
  "editor.wrap": truth(),
  "runtime.node": {
    expected: "an absolute path",
    fits: (value) => typeof value === "string" && value.startsWith("/"),
  },
};

/** Why a setting is refused, null when it is fine. */
export function settingProblem(key: string, value: unknown): string | null {
  const rule = RULES[key];
  if (rule === undefined) return `"${key}" is no setting`;
  return rule.fits(value) ? null : `"${key}" is ${show(value)}, expected ${rule.expected}`;
}

/** Checks the text of settings.json: a flat object. Bad keys fall back to `lastGood` one by one. */
export function checkSettings(text: string, lastGood: SettingValues): Checked<SettingValues> {
  const json = parseLocatedJson(text);
  if (!json.ok) return broken(`settings.json line ${json.line}: ${json.message}`, lastGood);
  if (!isRecord(json.value)) return broken("settings.json line 1: expected an object", lastGood);
  const good: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [key, value] of Object.entries(json.value)) {
    const problem = settingProblem(key, value);
    if (problem === null) good[key] = value;
    else {
      problems.push(`settings.json line ${json.lines.get(key) ?? 1}: ${problem}.`);
      if (lastGood[key] !== undefined) good[key] = lastGood[key];
    }
  }
  return { good, broken: false, problems: problems.slice(0, PROBLEMS_MAX) };
}

/** Checks the text of keybindings.json: a list of `{"key", "command"}`. A bad entry is left out. */
export function checkKeybindings(
  text: string,
  lastGood: readonly Keybinding[],
): Checked<readonly Keybinding[]> {
  const json = parseLocatedJson(text);
  if (!json.ok) return broken(`keybindings.json line ${json.line}: ${json.message}`, lastGood);
  if (!Array.isArray(json.value))
    return broken("keybindings.json line 1: expected a list", lastGood);
  const good: Keybinding[] = [];
  const problems: string[] = [];
  const entries: readonly unknown[] = json.value;
  for (const [index, entry] of entries.entries()) {
    if (index >= KEYBINDINGS_MAX) {
      problems.push(`keybindings.json: at most ${KEYBINDINGS_MAX} entries, the rest is left out.`);
      break;
    }
    const problem = keybindingProblem(entry);
    const line = json.lines.get(String(index)) ?? 1;
    if (problem === null) good.push({ ...(entry as Keybinding), line });
    else problems.push(`keybindings.json line ${line}: ${problem}.`);
  }
  return { good, broken: false, problems: problems.slice(0, PROBLEMS_MAX) };
}

function keybindingProblem(entry: unknown): string | null {
  if (!isRecord(entry)) return `${show(entry)} is no {"key", "command"}`;
  for (const name of ["key", "command"]) {
    const value = entry[name];
    if (typeof value !== "string" || value.length > 200)
      return `"${name}" is ${show(value)}, expected a text`;
  }
  return entry["key"] === "" ? '"key" is empty' : null;
}

function broken<T>(problem: string, lastGood: T): Checked<T> {
  return {
    good: lastGood,
    broken: true,
    problems: [`${problem}. The last good values stay in use.`],
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, 80);
}

function oneOf(...known: readonly string[]): Rule {
  const expected = `one of ${known.map((word) => `"${word}"`).join(", ")}`;
  return { expected, fits: (value) => typeof value === "string" && known.includes(value) };
}

function whole(min: number, max: number): Rule {
  return {
    expected: `a whole number from ${min} to ${max}`,
    fits: (value) => Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

function truth(): Rule {
  return { expected: "true or false", fits: (value) => typeof value === "boolean" };
}
