/**
 * JSON with places: which line a key stands on, and where a syntax error is. JSON.parse tells neither
 * reliably ("Unexpected token '}'" has no position), and a person who mistyped a setting needs both.
 * It takes exactly what JSON.parse takes: no comments, no trailing commas.
 */

/** Levels of nesting; settings need three. */
const DEPTH_MAX = 64;
const SCALAR =
  /"(?:[^"\\\n]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

/** A parsed text, or its first mistake. Lines count from 1. */
export type LocatedJson =
  | { readonly ok: true; readonly value: unknown; readonly lines: ReadonlyMap<string, number> }
  | { readonly ok: false; readonly line: number; readonly message: string };

/** Parses `text`. Keys of `lines` are paths joined by a newline: `theme`, `3`, `3\nkey`. */
export function parseLocatedJson(text: string): LocatedJson {
  const reader: Reader = { text, at: 0, lines: new Map() };
  try {
    const value = readValue(reader, []);
    skipSpace(reader);
    if (reader.at < text.length) fail(reader, "nothing more");
    return { ok: true, value, lines: reader.lines };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { ok: false, line: lineAt(text, reader.at), message: error.message };
  }
}

interface Reader {
  readonly text: string;
  at: number;
  readonly lines: Map<string, number>;
}

function readValue(reader: Reader, path: readonly string[]): unknown {
  skipSpace(reader);
  if (path.length > 0) reader.lines.set(path.join("\n"), lineAt(reader.text, reader.at));
  if (path.length >= DEPTH_MAX) fail(reader, `at most ${DEPTH_MAX} levels`);
  switch (reader.text[reader.at]) {
    case "{":
      return readObject(reader, path);
    case "[":
      return readArray(reader, path);
    default:
      return readScalar(reader, "a value");
  }
}

function readObject(reader: Reader, path: readonly string[]): Record<string, unknown> {
  const entries: Array<[string, unknown]> = [];
  reader.at += 1;
  if (taken(reader, "}")) return {};
  do {
    skipSpace(reader);
    if (reader.text[reader.at] !== '"') fail(reader, "a key in double quotes");
    const key = String(readScalar(reader, "a key in double quotes"));
    if (!taken(reader, ":")) fail(reader, '":"');
    entries.push([key, readValue(reader, [...path, key])]);
  } while (taken(reader, ","));
  if (!taken(reader, "}")) fail(reader, '"," or "}"');
  return Object.fromEntries(entries);
}

function readArray(reader: Reader, path: readonly string[]): unknown[] {
  const items: unknown[] = [];
  reader.at += 1;
  if (taken(reader, "]")) return [];
  do items.push(readValue(reader, [...path, String(items.length)]));
  while (taken(reader, ","));
  if (!taken(reader, "]")) fail(reader, '"," or "]"');
  return items;
}

function readScalar(reader: Reader, expected: string): unknown {
  SCALAR.lastIndex = reader.at;
  const found = SCALAR.exec(reader.text);
  if (found === null) return fail(reader, expected);
  reader.at = SCALAR.lastIndex;
  return JSON.parse(found[0]);
}

function taken(reader: Reader, character: string): boolean {
  skipSpace(reader);
  if (reader.text[reader.at] !== character) return false;
  reader.at += 1;
  return true;
}

function skipSpace(reader: Reader): void {
  SPACE.lastIndex = reader.at;
  SPACE.exec(reader.text);
  reader.at = SPACE.lastIndex;
}

function fail(reader: Reader, expected: string): never {
  const word = /\S{1,20}/.exec(reader.text.slice(reader.at, reader.at + 40))?.[0];
  const found = word === undefined ? "the file ends" : `found ${JSON.stringify(word)}`;
  throw new SyntaxError(`expected ${expected}, ${found}`);
}

function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1))
    line += 1;
  return line;
}
