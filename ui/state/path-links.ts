/** Places in files as compilers and tools print them: `src/main.ts:12:5`, `file(3,7)`, `--> file:3`, Python's form. */

export interface PathLink {
  readonly path: string;
  readonly line: number;
  /** 0 when not told. */
  readonly column: number;
  /** Index of the first character in the text, and one past the last. */
  readonly start: number;
  readonly end: number;
}

/** Characters of a line that are searched; terminal lines beyond are not linked. */
export const LINE_CHARACTERS_MAX = 2_000;

const PATH = String.raw`(?:~|\.{1,2})?(?:[\w.@+-]*\/)*[\w.@+-]*\w`;
const FORMS: readonly RegExp[] = [
  /File "(?<path>[^"\n]{1,500})", line (?<line>\d{1,7})/g,
  new RegExp(
    String.raw`(?<![\w/:])(?<path>${PATH})\((?<line>\d{1,7})(?:,\s?(?<column>\d{1,5}))?\)`,
    "g",
  ),
  new RegExp(
    String.raw`(?<![\w/:])(?<path>${PATH}):(?<line>\d{1,7})(?::(?<column>\d{1,5}))?(?![\w])`,
    "g",
  ),
];

/** Links in one line of text, left to right, none overlapping. */
export function findPathLinks(line: string): PathLink[] {
  const text = line.slice(0, LINE_CHARACTERS_MAX);
  const links: PathLink[] = [];
  for (const form of FORMS) {
    for (const match of text.matchAll(form)) {
      const link = linkOf(match);
      if (link !== undefined && !links.some((other) => overlaps(link, other))) links.push(link);
    }
  }
  return links.sort((a, b) => a.start - b.start);
}

/** The place in a selected text, for "open the selected path": a bare path counts as line 1. */
export function placeOf(
  selection: string,
): { path: string; line: number; column: number } | undefined {
  const text = selection.trim();
  if (text === "" || text.length > 1_000 || text.includes("\n")) return undefined;
  const [first] = findPathLinks(text);
  if (first !== undefined) return { path: first.path, line: first.line, column: first.column };
  return { path: text, line: 0, column: 0 };
}

function linkOf(match: RegExpExecArray): PathLink | undefined {
  const path = match.groups?.["path"];
  if (path === undefined || !looksLikeFile(path)) return undefined;
  return {
    path,
    line: Number(match.groups?.["line"]),
    column: Number(match.groups?.["column"] ?? 0),
    start: match.index,
    end: match.index + match[0].length,
  };
}

/** Host names with ports and times of day are no files: a slash or a letter extension is wanted. */
function looksLikeFile(path: string): boolean {
  if (/^\d+(\.\d+)*$/.test(path)) return false;
  return (
    path.includes("/") ||
    /\.[A-Za-z][\w+-]{0,9}$/.test(path) ||
    /^(Makefile|Dockerfile)$/.test(path)
  );
}

function overlaps(a: PathLink, b: PathLink): boolean {
  return a.start < b.end && b.start < a.end;
}
