/**
 * Regular expressions of the filter language, parsed here because they run inside the hub: the built-in engine
 * can take for ever on a pattern such as `(a+)+b`, this one is a list of states whose work is linear in the input.
 * The syntax is JavaScript's without backreferences, lookaround, named groups and `\p`.
 */
import { PATTERN_STATES_MAX, PATTERN_TEXT_MAX } from "./limits.ts";
import { type CharTest, readClass, readEscape } from "./pattern-class.ts";
import { PatternProblem, type PatternReader } from "./pattern-reader.ts";

export type Piece =
  | { readonly type: "char"; readonly test: CharTest }
  | { readonly type: "assert"; readonly where: "start" | "end" | "word" | "no-word" }
  | { readonly type: "sequence"; readonly parts: readonly Piece[] }
  | { readonly type: "choice"; readonly parts: readonly Piece[] }
  | {
      readonly type: "repeat";
      readonly part: Piece;
      readonly least: number;
      readonly most: number;
    };

/** Where in the pattern the mistake is, and what it is. */
export interface PatternMistake {
  readonly ok: false;
  readonly at: number;
  readonly message: string;
}

const DEPTH_MAX = 20;

/** The tree of a pattern, or its first mistake. Never throws. */
export function parsePattern(
  text: string,
): { readonly ok: true; readonly piece: Piece } | PatternMistake {
  if (text.length > PATTERN_TEXT_MAX) {
    const message = `a regular expression has at most ${PATTERN_TEXT_MAX} characters, this one has ${text.length}`;
    return { ok: false, at: PATTERN_TEXT_MAX, message };
  }
  const reader: PatternReader = { text, at: 0, depth: 0 };
  try {
    const piece = readChoice(reader);
    if (reader.at < text.length) throw new PatternProblem(reader.at, 'this ")" was never opened');
    return { ok: true, piece };
  } catch (error) {
    if (error instanceof PatternProblem) return { ok: false, at: error.at, message: error.message };
    throw error;
  }
}

function readChoice(reader: PatternReader): Piece {
  const parts = [readSequence(reader)];
  while (reader.text[reader.at] === "|") {
    reader.at++;
    parts.push(readSequence(reader));
  }
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : { type: "choice", parts };
}

function readSequence(reader: PatternReader): Piece {
  const parts: Piece[] = [];
  for (;;) {
    const char = reader.text[reader.at];
    if (char === undefined || char === "|" || char === ")") return { type: "sequence", parts };
    parts.push(readRepeat(reader));
  }
}

function readRepeat(reader: PatternReader): Piece {
  const part = readAtom(reader);
  const bounds = readBounds(reader);
  if (bounds === undefined) return part;
  if (part.type === "assert") throw new PatternProblem(bounds.at, "a place cannot be repeated");
  // Lazy or not makes no difference to whether it matches.
  if (reader.text[reader.at] === "?") reader.at++;
  if (readBounds(reader) !== undefined)
    throw new PatternProblem(reader.at - 1, "nothing to repeat here");
  return { type: "repeat", part, least: bounds.least, most: bounds.most };
}

interface Bounds {
  readonly at: number;
  readonly least: number;
  readonly most: number;
}

function readBounds(reader: PatternReader): Bounds | undefined {
  const at = reader.at;
  const char = reader.text[at];
  if (char === "*" || char === "+" || char === "?") {
    reader.at++;
    return { at, least: char === "+" ? 1 : 0, most: char === "?" ? 1 : Number.POSITIVE_INFINITY };
  }
  const counted = /^\{(\d{1,4})(?:(,)(\d{1,4})?)?\}/.exec(reader.text.slice(at));
  if (counted === null) return undefined;
  reader.at += counted[0].length;
  const least = Number(counted[1]);
  const most = counted[2] === undefined ? least : Number(counted[3] ?? Number.POSITIVE_INFINITY);
  if (most < least) throw new PatternProblem(at, `${least} is more than ${most}`);
  const largest = Number.isFinite(most) ? most : least;
  if (largest > PATTERN_STATES_MAX) {
    throw new PatternProblem(at, `repeated at most ${PATTERN_STATES_MAX} times, here ${largest}`);
  }
  return { at, least, most };
}

function readAtom(reader: PatternReader): Piece {
  const at = reader.at;
  const char = reader.text.charAt(at);
  reader.at++;
  switch (char) {
    case "(":
      return readGroup(reader, at);
    case "[":
      return { type: "char", test: readClass(reader, at) };
    case ".":
      return { type: "char", test: notLineEnd };
    case "^":
      return { type: "assert", where: "start" };
    case "$":
      return { type: "assert", where: "end" };
    case "\\":
      return readBackslash(reader, at);
    case "*":
    case "+":
    case "?":
      throw new PatternProblem(at, `nothing to repeat before "${char}"`);
    case "{":
      if (/^\d+,?\d*\}/.test(reader.text.slice(reader.at)))
        throw new PatternProblem(at, "nothing to repeat here");
      return literal(char);
    default:
      return literal(char);
  }
}

function literal(char: string): Piece {
  const code = char.charCodeAt(0);
  return { type: "char", test: (each) => each === code };
}

function readBackslash(reader: PatternReader, at: number): Piece {
  const char = reader.text[reader.at];
  if (char === "b" || char === "B") {
    reader.at++;
    return { type: "assert", where: char === "b" ? "word" : "no-word" };
  }
  return { type: "char", test: readEscape(reader, at) };
}

function readGroup(reader: PatternReader, at: number): Piece {
  if (reader.text[reader.at] === "?") {
    if (reader.text[reader.at + 1] !== ":") {
      throw new PatternProblem(at, "looking around and named groups are not supported");
    }
    reader.at += 2;
  }
  if (reader.depth >= DEPTH_MAX)
    throw new PatternProblem(at, `groups go at most ${DEPTH_MAX} deep`);
  reader.depth++;
  const piece = readChoice(reader);
  reader.depth--;
  if (reader.text[reader.at] !== ")") throw new PatternProblem(at, "this group is never closed");
  reader.at++;
  // A group of its own, so that `(^)*` is told apart from `^*`.
  return { type: "sequence", parts: [piece] };
}

function notLineEnd(code: number): boolean {
  return code !== 10 && code !== 13 && code !== 0x2028 && code !== 0x2029;
}
