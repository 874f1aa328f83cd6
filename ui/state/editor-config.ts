/** `.editorconfig`: what its sections say of one file. Pure; the caller reads the files. */

/** What is used of it; absent: the files say nothing. */
export interface EditorRules {
  readonly indentStyle?: "tab" | "space";
  /** 1 to 16. */
  readonly indentSize?: number;
  readonly tabWidth?: number;
  readonly trimTrailingWhitespace?: boolean;
  readonly insertFinalNewline?: boolean;
  /** Columns, 20 to 1,000; 0: off. */
  readonly maxLineLength?: number;
}

/** A file of this name, with the folder it lies in (no slash at the end). */
export interface EditorConfigFile {
  readonly folder: string;
  readonly text: string;
}

/** Files looked for on the way up. */
export const FOLDERS_MAX = 32;
const TEXT_MAX = 64 * 1024;
const GLOB_MAX = 1_024;

/**
 * @param files nearest first; those behind one that says `root = true` are left out
 */
export function rulesFor(path: string, files: readonly EditorConfigFile[]): EditorRules {
  const found: Record<string, string> = {};
  const used: ParsedFile[] = [];
  for (const { folder, text } of files.slice(0, FOLDERS_MAX)) {
    const parsed = parse(folder, text);
    used.unshift(parsed);
    if (parsed.isRoot) break;
  }
  for (const { folder, sections } of used) {
    if (!path.startsWith(`${folder}/`)) continue;
    const inner = path.slice(folder.length + 1);
    for (const { matches, pairs } of sections) {
      if (matches(inner)) Object.assign(found, pairs);
    }
  }
  return readRules(found);
}

interface ParsedFile {
  readonly folder: string;
  readonly isRoot: boolean;
  readonly sections: readonly Section[];
}

interface Section {
  readonly matches: (inner: string) => boolean;
  readonly pairs: Readonly<Record<string, string>>;
}

function parse(folder: string, text: string): ParsedFile {
  const sections: Array<{ matches: Section["matches"]; pairs: Record<string, string> }> = [];
  let isRoot = false;
  for (const raw of text.slice(0, TEXT_MAX).split(/\r?\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#") || line.startsWith(";")) continue;
    const head = /^\[(.+)\]$/.exec(line)?.[1];
    if (head !== undefined) {
      sections.push({ matches: matcher(head), pairs: {} });
      continue;
    }
    const pair = /^([^=]+?)\s*=\s*(.*)$/.exec(line);
    if (pair === null) continue;
    const key = (pair[1] ?? "").toLowerCase();
    const value = (pair[2] ?? "").trim().toLowerCase();
    const section = sections.at(-1);
    if (section !== undefined) section.pairs[key] = value;
    else if (key === "root") isRoot = value === "true";
  }
  return { folder, isRoot, sections };
}

/** A glob of .editorconfig; one that cannot be read fits nothing. */
function matcher(glob: string): (inner: string) => boolean {
  if (glob.length > GLOB_MAX) return () => false;
  const inner = glob.startsWith("/") ? glob.slice(1) : glob;
  const anywhere = !glob.includes("/");
  try {
    const pattern = new RegExp(`^${anywhere ? "(?:.*/)?" : ""}${translate(inner)}$`);
    return (path) => pattern.test(path);
  } catch {
    return () => false;
  }
}

/** `*`, `**`, `?`, `[abc]`, `[!abc]`, `{a,b}`, `{1..9}`, and `\\` before any of them. */
function translate(glob: string): string {
  let out = "";
  let depth = 0;
  for (let rest = glob; rest !== ""; ) {
    const token = tokenOf(rest, depth);
    rest = rest.slice(token.length);
    depth += token.opens ?? 0;
    out += token.pattern;
  }
  return out;
}

interface Token {
  readonly length: number;
  readonly pattern: string;
  /** 1 opens a choice, -1 closes one. */
  readonly opens?: number;
}

function tokenOf(rest: string, depth: number): Token {
  if (rest.startsWith("\\")) return { length: 2, pattern: literal(rest.charAt(1)) };
  if (rest.startsWith("**/")) return { length: 3, pattern: "(?:.*/)?" };
  if (rest.startsWith("**")) return { length: 2, pattern: ".*" };
  return setOf(rest) ?? choiceOf(rest, depth) ?? { length: 1, pattern: signOf(rest.charAt(0)) };
}

function setOf(rest: string): Token | undefined {
  const set = /^\[(!?)([^\]/]+)\]/.exec(rest);
  if (set === null) return undefined;
  const signs = (set[2] ?? "").replaceAll(/[\\^]/g, "\\$&");
  return { length: set[0].length, pattern: `[${set[1] === "!" ? "^" : ""}${signs}]` };
}

function choiceOf(rest: string, depth: number): Token | undefined {
  const range = /^\{(-?\d+)\.\.(-?\d+)\}/.exec(rest);
  if (range !== null)
    return { length: range[0].length, pattern: numbers(Number(range[1]), Number(range[2])) };
  if (rest.startsWith("{") && closes(rest)) return { length: 1, pattern: "(?:", opens: 1 };
  if (depth === 0) return undefined;
  if (rest.startsWith("}")) return { length: 1, pattern: ")", opens: -1 };
  return rest.startsWith(",") ? { length: 1, pattern: "|" } : undefined;
}

function signOf(sign: string): string {
  if (sign === "*") return "[^/]*";
  return sign === "?" ? "[^/]" : literal(sign);
}

/** Braces with one name in them mean themselves. */
function closes(rest: string): boolean {
  const end = rest.indexOf("}");
  return end > 0 && rest.slice(0, end).includes(",");
}

const NUMBERS_MAX = 1_000;

function numbers(from: number, to: number): string {
  const [low, high] = from < to ? [from, to] : [to, from];
  if (high - low > NUMBERS_MAX) return "[+-]?\\d+";
  return `(?:${Array.from({ length: high - low + 1 }, (_, at) => low + at).join("|")})`;
}

function literal(sign: string): string {
  return sign.replaceAll(/[.*+?^${}()|[\]\\/]/g, "\\$&");
}

function readRules(found: Readonly<Record<string, string>>): EditorRules {
  const style = found["indent_style"];
  const tabWidth = figure(found["tab_width"], 1, 16);
  const size =
    found["indent_size"] === "tab" ? tabWidth : (figure(found["indent_size"], 1, 16) ?? tabWidth);
  const trim = truth(found["trim_trailing_whitespace"]);
  const newline = truth(found["insert_final_newline"]);
  const longest = figure(found["max_line_length"], 20, 1_000);
  return {
    ...(style === "tab" || style === "space" ? { indentStyle: style } : {}),
    ...(size === undefined ? {} : { indentSize: size }),
    ...(tabWidth === undefined ? {} : { tabWidth }),
    ...(trim === undefined ? {} : { trimTrailingWhitespace: trim }),
    ...(newline === undefined ? {} : { insertFinalNewline: newline }),
    ...(longest === undefined ? {} : { maxLineLength: longest }),
  };
}

function figure(text: string | undefined, min: number, max: number): number | undefined {
  const value = Number(text ?? "");
  return text !== undefined && Number.isInteger(value) && value >= min && value <= max
    ? value
    : undefined;
}

function truth(text: string | undefined): boolean | undefined {
  if (text === "true") return true;
  return text === "false" ? false : undefined;
}
