/** Sets of characters in a regular expression: escapes such as `\d` and classes such as `[a-z]`. */
import { PatternProblem, type PatternReader } from "./pattern-reader.ts";

/** Whether a UTF-16 unit belongs to the set. */
export type CharTest = (code: number) => boolean;

const SHORT: Readonly<Record<string, CharTest>> = {
  d: isDigit,
  D: (code) => !isDigit(code),
  w: isWordChar,
  W: (code) => !isWordChar(code),
  s: isSpace,
  S: (code) => !isSpace(code),
};
const CONTROL: Readonly<Record<string, number>> = { t: 9, n: 10, v: 11, f: 12, r: 13, 0: 0 };

/** Letters, digits and `_`: what `\w` and `\b` mean by a word. */
export function isWordChar(code: number): boolean {
  return isDigit(code) || code === 95 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}

/** What stands after a backslash at `at`; the reader is behind the backslash. */
export function readEscape(reader: PatternReader, at: number): CharTest {
  const char = reader.text[reader.at];
  const set = char === undefined ? undefined : SHORT[char];
  if (set !== undefined) {
    reader.at++;
    return set;
  }
  const code = readEscapedCode(reader, at);
  return (each) => each === code;
}

/** A class; the reader is behind its `[`, which is at `at`. */
export function readClass(reader: PatternReader, at: number): CharTest {
  const negated = reader.text[reader.at] === "^";
  if (negated) reader.at++;
  const tests: CharTest[] = [];
  while (reader.text[reader.at] !== "]") {
    if (reader.at >= reader.text.length) throw new PatternProblem(at, "this [ is never closed");
    tests.push(readRange(reader));
  }
  reader.at++;
  return (code) => tests.some((test) => test(code)) !== negated;
}

function readRange(reader: PatternReader): CharTest {
  const at = reader.at;
  const first = readMember(reader);
  const isRange = reader.text[reader.at] === "-" && reader.text[reader.at + 1] !== "]";
  if (typeof first !== "number") {
    if (isRange) throw new PatternProblem(at, "a range goes from one character to another");
    return first;
  }
  if (!isRange || reader.at + 1 >= reader.text.length) return (code) => code === first;
  reader.at++;
  const last = readMember(reader);
  if (typeof last !== "number")
    throw new PatternProblem(at, "a range goes from one character to another");
  if (last < first) throw new PatternProblem(at, "this range is backwards");
  return (code) => code >= first && code <= last;
}

function readMember(reader: PatternReader): CharTest | number {
  const at = reader.at;
  const char = reader.text.charAt(at);
  reader.at++;
  if (char !== "\\") return char.charCodeAt(0);
  const next = reader.text[reader.at];
  const set = next === undefined ? undefined : SHORT[next];
  if (set !== undefined) {
    reader.at++;
    return set;
  }
  if (next === "b") {
    reader.at++;
    return 8;
  }
  return readEscapedCode(reader, at);
}

function readEscapedCode(reader: PatternReader, at: number): number {
  const char = reader.text[reader.at];
  if (char === undefined) throw new PatternProblem(at, "nothing follows this backslash");
  reader.at++;
  if (char === "x" || char === "u") return readHex(reader, at, char === "x" ? 2 : 4);
  const control = CONTROL[char];
  if (control !== undefined) return control;
  if (/[a-zA-Z0-9]/.test(char)) throw new PatternProblem(at, `\\${char} is not supported`);
  return char.charCodeAt(0);
}

function readHex(reader: PatternReader, at: number, digits: number): number {
  const hex = reader.text.slice(reader.at, reader.at + digits);
  if (!/^[0-9a-fA-F]+$/.test(hex) || hex.length < digits) {
    throw new PatternProblem(at, `${digits} hexadecimal digits are missing here`);
  }
  reader.at += digits;
  return Number.parseInt(hex, 16);
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isSpace(code: number): boolean {
  return /\s/.test(String.fromCharCode(code));
}
