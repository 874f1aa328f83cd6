/** Turns a filter text into a function over frames or rows. */
import { type FilterMistake, type FilterNode, mistake } from "./ast.ts";
import { compileComparison, compileHas } from "./compare.ts";
import { type Filterable, type FilterContext, isDead } from "./fields.ts";
import { parseFilter } from "./parser.ts";
import type { Compiler, FilterPlace, Predicate } from "./predicate.ts";

/** A filter that can be run. */
export interface Filter {
  readonly ok: true;
  readonly node: FilterNode;
  /** Names of the fields it looks at; `payload` for any `payload.x`. */
  readonly uses: ReadonlySet<string>;
  /** Whether the frame or row passes. A comparison with a value that is not known is false. */
  matches(item: Filterable, context: FilterContext): boolean;
}

/**
 * Compiles a filter of ux.md section 8; an empty text takes all. Never throws: a mistake has the offset of
 * the character to point at and a sentence. `place` defaults to `tap`, which refuses `payload.x`.
 */
export function compileFilter(text: string, place: FilterPlace = "tap"): Filter | FilterMistake {
  const parsed = parseFilter(text);
  if (!parsed.ok) return parsed;
  const compiler: Compiler = { place, uses: new Set() };
  const matches = compileNode(parsed.node, compiler);
  if (typeof matches !== "function") return matches;
  return { ok: true, node: parsed.node, uses: compiler.uses, matches };
}

function compileNode(node: FilterNode, compiler: Compiler): Predicate | FilterMistake {
  switch (node.type) {
    case "all":
      return () => true;
    case "word":
      return compileWord(node);
    case "has":
      return compileHas(node, compiler);
    case "compare":
      return compileComparison(node, compiler);
    case "not":
      return compileNot(node.inner, compiler);
    case "and":
    case "or":
      return compilePair(node, compiler);
    default:
      return node satisfies never;
  }
}

function compileNot(inner: FilterNode, compiler: Compiler): Predicate | FilterMistake {
  const matches = compileNode(inner, compiler);
  if (typeof matches !== "function") return matches;
  return (item, context) => !matches(item, context);
}

function compilePair(
  node: Extract<FilterNode, { type: "and" | "or" }>,
  compiler: Compiler,
): Predicate | FilterMistake {
  const left = compileNode(node.left, compiler);
  if (typeof left !== "function") return left;
  const right = compileNode(node.right, compiler);
  if (typeof right !== "function") return right;
  return node.type === "and"
    ? (item, context) => left(item, context) && right(item, context)
    : (item, context) => left(item, context) || right(item, context);
}

/** A bare word is part of a process name or subject, or a whole kind; `dead` takes every dead letter. */
function compileWord(node: Extract<FilterNode, { type: "word" }>): Predicate | FilterMistake {
  const needle = node.text.toLowerCase();
  if (needle === "") return mistake(node.at, "an empty text is in everything: leave it away");
  const wantsDead = needle === "dead";
  return (item) =>
    item.subject.toLowerCase().includes(needle) ||
    item.source.toLowerCase().includes(needle) ||
    item.destination.toLowerCase().includes(needle) ||
    item.kind === needle ||
    (wantsDead && isDead(item));
}
