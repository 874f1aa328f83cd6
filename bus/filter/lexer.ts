/** Cuts a filter text into words, quoted texts, operators and brackets. */
import { type FilterMistake, mistake, type Operator } from "./ast.ts";

export type Token =
  | { readonly type: "word"; readonly text: string; readonly at: number; readonly end: number }
  | { readonly type: "quoted"; readonly text: string; readonly at: number; readonly end: number }
  | {
      readonly type: "operator";
      readonly text: Operator;
      readonly at: number;
      readonly end: number;
    }
  | {
      readonly type: "bracket";
      readonly text: "(" | ")";
      readonly at: number;
      readonly end: number;
    };

const OPERATORS: readonly Operator[] = ["!=", "<=", ">=", "=", "<", ">", "~"];
const WORD = /[^\s()=!<>~"]+/y;

/** All tokens of `text`, or the first character that fits none. */
export function lex(
  text: string,
): { readonly ok: true; readonly tokens: readonly Token[] } | FilterMistake {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (isSpace(text, at)) {
      at++;
      continue;
    }
    const token = readToken(text, at);
    if ("ok" in token) return token;
    tokens.push(token);
    at = token.end;
  }
  return { ok: true, tokens };
}

/** Whether `text` can stand in a filter without quotes and keeps its meaning. */
export function isPlainWord(text: string): boolean {
  WORD.lastIndex = 0;
  return (
    WORD.exec(text)?.[0].length === text.length && text !== "" && !RESERVED.has(text.toLowerCase())
  );
}

/** Words with a meaning of their own; in quotes they are plain words. */
export const RESERVED: ReadonlySet<string> = new Set(["and", "or", "not", "has"]);

function isSpace(text: string, at: number): boolean {
  return /\s/.test(text.charAt(at));
}

function readToken(text: string, at: number): Token | FilterMistake {
  const char = text.charAt(at);
  if (char === "(" || char === ")") return { type: "bracket", text: char, at, end: at + 1 };
  if (char === '"') return readQuoted(text, at);
  const operator = OPERATORS.find((each) => text.startsWith(each, at));
  if (operator !== undefined)
    return { type: "operator", text: operator, at, end: at + operator.length };
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0];
  if (word === undefined) return mistake(at, `"${char}" alone means nothing: use != or not`);
  return { type: "word", text: word, at, end: at + word.length };
}

/** Only `\"` is an escape: a regular expression is written as it is. */
function readQuoted(text: string, at: number): Token | FilterMistake {
  let value = "";
  for (let index = at + 1; index < text.length; index++) {
    const char = text.charAt(index);
    if (char === '"') return { type: "quoted", text: value, at, end: index + 1 };
    if (char === "\\" && index + 1 < text.length) {
      index++;
      const escaped = text.charAt(index);
      value += escaped === '"' ? '"' : char + escaped;
    } else {
      value += char;
    }
  }
  return mistake(at, "this quote is never closed");
}
