/**
 * Grammar of a filter:
 *
 *     filter  = [ either ]
 *     either  = both { "or" both }
 *     both    = one { "and" one }
 *     one     = "not" one | "has" NAME | "(" either ")" | NAME operator VALUE | WORD
 */
import { type FilterMistake, type FilterNode, mistake } from "./ast.ts";
import { lex, RESERVED, type Token } from "./lexer.ts";
import { FILTER_DEPTH_MAX, FILTER_TEXT_MAX } from "./limits.ts";

/** The tree of a filter text; an empty text is the filter that takes all. */
export function parseFilter(
  text: string,
): { readonly ok: true; readonly node: FilterNode } | FilterMistake {
  if (text.length > FILTER_TEXT_MAX) {
    return mistake(
      FILTER_TEXT_MAX,
      `a filter has at most ${FILTER_TEXT_MAX} characters, this one has ${text.length}`,
    );
  }
  const lexed = lex(text);
  if (!lexed.ok) return lexed;
  if (lexed.tokens.length === 0) return { ok: true, node: { type: "all" } };
  const parser: Parser = { tokens: lexed.tokens, next: 0, depth: 0, textLength: text.length };
  const node = parseEither(parser);
  if ("ok" in node) return node;
  const rest = peek(parser);
  if (rest !== undefined) return unexpected(rest);
  return { ok: true, node };
}

interface Parser {
  readonly tokens: readonly Token[];
  readonly textLength: number;
  next: number;
  depth: number;
}

type Parsed = FilterNode | FilterMistake;

function parseEither(parser: Parser): Parsed {
  return parseChain(parser, "or", parseBoth);
}

function parseBoth(parser: Parser): Parsed {
  return parseChain(parser, "and", parseOne);
}

function parseChain(parser: Parser, word: "and" | "or", part: (parser: Parser) => Parsed): Parsed {
  let left = part(parser);
  while (!("ok" in left) && isKeyword(peek(parser), word)) {
    parser.next++;
    const right = part(parser);
    if ("ok" in right) return right;
    left = { type: word, left, right };
  }
  return left;
}

function parseOne(parser: Parser): Parsed {
  const token = peek(parser);
  if (token === undefined)
    return mistake(parser.textLength, "a word, a field or a bracket is missing here");
  if (isKeyword(token, "not")) return parseNested(parser, token.at, parseNot);
  if (token.type === "bracket" && token.text === "(")
    return parseNested(parser, token.at, parseBracket);
  if (isKeyword(token, "has")) return parseHas(parser);
  if (token.type === "operator")
    return mistake(token.at, `a field is missing before ${token.text}`);
  if (token.type === "bracket" || isKeyword(token, "and") || isKeyword(token, "or")) {
    return mistake(token.at, `a word or a field is missing before "${token.text}"`);
  }
  return parseTerm(parser, token);
}

function parseNested(parser: Parser, at: number, inner: (parser: Parser) => Parsed): Parsed {
  if (parser.depth >= FILTER_DEPTH_MAX) {
    return mistake(at, `brackets and "not" go at most ${FILTER_DEPTH_MAX} deep`);
  }
  parser.depth++;
  parser.next++;
  const node = inner(parser);
  parser.depth--;
  return node;
}

function parseNot(parser: Parser): Parsed {
  const inner = parseOne(parser);
  return "ok" in inner ? inner : { type: "not", inner };
}

function parseBracket(parser: Parser): Parsed {
  const inner = parseEither(parser);
  if ("ok" in inner) return inner;
  const close = peek(parser);
  if (close === undefined) return mistake(parser.textLength, 'a ")" is missing here');
  if (close.type !== "bracket" || close.text !== ")") return unexpected(close);
  parser.next++;
  return inner;
}

function parseHas(parser: Parser): Parsed {
  parser.next++;
  const name = peek(parser);
  if (name?.type !== "word" || RESERVED.has(name.text.toLowerCase())) {
    return mistake(name?.at ?? parser.textLength, 'a field is missing after "has"');
  }
  parser.next++;
  return { type: "has", field: name.text, at: name.at };
}

function parseTerm(parser: Parser, token: Token): Parsed {
  parser.next++;
  const operator = peek(parser);
  if (operator?.type !== "operator") {
    return { type: "word", text: token.text, quoted: token.type === "quoted", at: token.at };
  }
  if (token.type === "quoted") return mistake(token.at, "a field has no quotes");
  parser.next++;
  const value = peek(parser);
  if (value === undefined || value.type === "bracket" || isReserved(value)) {
    return mistake(value?.at ?? parser.textLength, `a value is missing after ${operator.text}`);
  }
  if (value.type === "operator")
    return mistake(value.at, `${operator.text}${value.text} is no operator`);
  parser.next++;
  return {
    type: "compare",
    field: token.text,
    operator: operator.text,
    value: { text: value.text, quoted: value.type === "quoted", at: value.at },
    at: token.at,
  };
}

function peek(parser: Parser): Token | undefined {
  return parser.tokens[parser.next];
}

function isReserved(token: Token): boolean {
  return token.type === "word" && RESERVED.has(token.text.toLowerCase());
}

function isKeyword(token: Token | undefined, word: string): boolean {
  return token?.type === "word" && token.text.toLowerCase() === word;
}

function unexpected(token: Token): FilterMistake {
  if (token.type === "bracket") return mistake(token.at, `this "${token.text}" has no partner`);
  if (token.type === "operator")
    return mistake(token.at, `a field is missing before ${token.text}`);
  return mistake(token.at, `"and" or "or" is missing before "${token.text}"`);
}
