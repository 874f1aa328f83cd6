/** Proposals while a filter is typed: fields, operators, values that were seen. */
import { DEAD_REASONS, FIELDS, type Field, KINDS } from "./fields.ts";
import { lex, type Token } from "./lexer.ts";
import { COMPLETIONS_MAX } from "./limits.ts";
import { printValue } from "./printer.ts";

/** What was seen so far: the values that are proposed. */
export interface SeenNames {
  readonly processes: readonly string[];
  readonly subjects: readonly string[];
  readonly statuses: readonly string[];
}

export interface Proposal {
  readonly text: string;
  /** What it is, in a few words; may be empty. */
  readonly says: string;
}

/** `text.slice(from, to)` is replaced by a proposal's text. */
export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly proposals: readonly Proposal[];
}

const TEXT_OPERATORS = ["=", "!=", "~"];
const NUMBER_OPERATORS = [">", ">=", "<", "<=", "=", "!="];
const STARTS: readonly Proposal[] = [
  { text: "not", says: "the contrary" },
  { text: "has", says: "the value is there" },
];
const JOINS: readonly Proposal[] = [
  { text: "and", says: "both" },
  { text: "or", says: "one of the two" },
];

/** At most COMPLETIONS_MAX proposals for the word at `caret`. Never throws. */
export function completeFilter(text: string, caret: number, names: SeenNames): Completion {
  const before = text.slice(0, caret);
  const from = caret - (/[^\s()=!<>~"]*$/.exec(before)?.[0].length ?? 0);
  const lexed = lex(text.slice(0, from));
  if (!lexed.ok) return { from: caret, to: caret, proposals: [] };
  const typed = text.slice(from, caret).toLowerCase();
  const proposals = proposalsAfter(lexed.tokens, names)
    .filter((each) => matchesTyped(each.text, typed))
    .sort((a, b) => rank(a.text, typed) - rank(b.text, typed));
  const rest = /^[^\s()=!<>~"]*/.exec(text.slice(caret))?.[0].length ?? 0;
  return { from, to: caret + rest, proposals: proposals.slice(0, COMPLETIONS_MAX) };
}

function proposalsAfter(tokens: readonly Token[], names: SeenNames): readonly Proposal[] {
  const last = tokens.at(-1);
  const beforeLast = tokens.at(-2);
  if (last === undefined || isJoin(last) || last.text === "(" || isWord(last, "not")) {
    return [...fieldProposals(), ...STARTS, ...wordProposals(names)];
  }
  if (isWord(last, "has")) return [{ text: "error", says: "any failure" }, ...fieldProposals()];
  if (last.type === "operator") return valueProposals(beforeLast, names);
  const field = last.type === "word" ? FIELDS.get(last.text) : undefined;
  if (field !== undefined && beforeLast?.type !== "operator" && !isWord(beforeLast, "has")) {
    return [...operatorsOf(field), ...JOINS];
  }
  return JOINS;
}

function fieldProposals(): readonly Proposal[] {
  return [...FIELDS].map(([text, field]) => ({ text, says: field.says }));
}

function wordProposals(names: SeenNames): readonly Proposal[] {
  const processes = names.processes.map((text) => ({ text: printValue(text), says: "process" }));
  return [
    ...processes,
    ...names.subjects.map((text) => ({ text: printValue(text), says: "subject" })),
  ];
}

function operatorsOf(field: Field): readonly Proposal[] {
  const isNumber = ["time", "duration", "size", "count"].includes(field.type);
  return (isNumber ? NUMBER_OPERATORS : TEXT_OPERATORS).map((text) => ({ text, says: "" }));
}

function valueProposals(name: Token | undefined, names: SeenNames): readonly Proposal[] {
  const field = name === undefined ? undefined : FIELDS.get(name.text);
  return valuesOf(name?.text ?? "", field, names).map((text) => ({
    text: printValue(text),
    says: "",
  }));
}

function valuesOf(name: string, field: Field | undefined, names: SeenNames): readonly string[] {
  switch (field?.type) {
    case "name":
      return name === "subject" ? names.subjects : names.processes;
    case "code":
      return [...new Set([...names.statuses, ...DEAD_REASONS, "ok", "open"])];
    case "kind":
      return KINDS;
    case "lane":
      return ["data", "control"];
    case "duration":
      return [
        "1ms",
        "10ms",
        "50ms",
        "1s",
        ...["wait", "work", "total"].filter((each) => each !== name),
      ];
    case "size":
      return ["1KiB", "64KiB", "1MiB"];
    case "time":
      return ["-10s", "-60s"];
    default:
      return [];
  }
}

function matchesTyped(text: string, typed: string): boolean {
  return text.toLowerCase().includes(typed) && text.toLowerCase() !== typed;
}

function rank(text: string, typed: string): number {
  return text.toLowerCase().startsWith(typed) ? 0 : 1;
}

function isJoin(token: Token): boolean {
  return isWord(token, "and") || isWord(token, "or");
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.type === "word" && token.text.toLowerCase() === word;
}
