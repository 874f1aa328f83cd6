import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FilterNode, Operator } from "../../../bus/filter/ast.ts";
import {
  compileFilter,
  completeFilter,
  type Filterable,
  type FilterContext,
  parseFilter,
  printFilter,
} from "../../../bus/filter/index.ts";

const context: FilterContext = { nowMs: 1_000, epochMs: 0 };
const names = fc.constantFrom("hub", "ui/1", "terminal", "a", "b");
const item: fc.Arbitrary<Filterable> = fc.record({
  record: fc.nat(),
  atMs: fc.constant(500),
  source: names,
  destination: names,
  kind: fc.constantFrom("request", "reply", "data"),
  subject: fc.constantFrom("terminal.resize", "a.b", ""),
  correlation: fc.nat(3),
  epoch: fc.nat(3),
  bytes: fc.nat(3),
  lane: fc.constantFrom("data", "control"),
  waitMs: fc.nat(3),
  status: fc.constantFrom("ok", "bus/down"),
  trace: fc.constant(""),
  workMs: fc.option(fc.nat(3), { nil: undefined }),
});

const numbers = fc.constantFrom<Operator>("=", "!=", "<", "<=", ">", ">=");
const leaf: fc.Arbitrary<FilterNode> = fc.oneof(
  fc
    .constantFrom("hub", "term", "and", "a b", '"', "\\.", "")
    .filter((text) => text !== "")
    .map((text): FilterNode => ({ type: "word", text, quoted: true, at: 0 })),
  fc
    .tuple(fc.constantFrom("size", "epoch", "wait", "work"), numbers, fc.nat(3))
    .map(([field, operator, value]): FilterNode => {
      const text = field === "wait" || field === "work" ? `${value}ms` : `${value}`;
      return { type: "compare", field, operator, value: { text, quoted: false, at: 0 }, at: 0 };
    }),
  fc.tuple(fc.constantFrom("src", "dst"), fc.constantFrom<Operator>("=", "!="), names).map(
    ([field, operator, text]): FilterNode => ({
      type: "compare",
      field,
      operator,
      value: { text, quoted: true, at: 0 },
      at: 0,
    }),
  ),
  fc.constantFrom("work", "subject").map((field): FilterNode => ({ type: "has", field, at: 0 })),
);
const { tree } = fc.letrec<{ tree: FilterNode }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small" },
    leaf,
    tie("tree").map((inner): FilterNode => ({ type: "not", inner })),
    fc
      .tuple(fc.constantFrom("and" as const, "or" as const), tie("tree"), tie("tree"))
      .map(([type, left, right]): FilterNode => ({ type, left, right })),
  ),
}));

function withoutPlaces(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (key, each: unknown) => (key === "at" ? 0 : each)));
}

/** As slow and as plain as possible. */
function plainly(node: FilterNode, each: Filterable): boolean {
  if ("left" in node) {
    const [left, right] = [plainly(node.left, each), plainly(node.right, each)];
    return node.type === "and" ? left && right : left || right;
  }
  if (node.type === "not") return !plainly(node.inner, each);
  if (node.type === "word") {
    return (
      [each.source, each.destination, each.subject].some((text) => text.includes(node.text)) ||
      each.kind === node.text
    );
  }
  const values: Record<string, string | number | undefined> = {
    size: each.bytes,
    epoch: each.epoch,
    wait: each.waitMs,
    work: each.workMs,
    src: each.source,
    dst: each.destination,
    subject: each.subject || undefined,
  };
  if (node.type === "has") return values[node.field] !== undefined;
  if (node.type === "all") return true;
  const left = values[node.field];
  if (left === undefined) return false;
  const right = typeof left === "number" ? Number.parseInt(node.value.text, 10) : node.value.text;
  switch (node.operator) {
    case "=":
      return left === right;
    case "!=":
      return left !== right;
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    default:
      return false;
  }
}

describe("any filter", () => {
  it("that is printed is read back as the same tree", () => {
    fc.assert(
      fc.property(tree, (node) => {
        const parsed = parseFilter(printFilter(node));
        expect(parsed.ok && withoutPlaces(parsed.node)).toEqual(withoutPlaces(node));
      }),
      { numRuns: 500 },
    );
  });

  it("means what a plain walk over its tree says", () => {
    fc.assert(
      fc.property(tree, item, (node, each) => {
        const filter = compileFilter(printFilter(node));
        expect(filter.ok && filter.matches(each, context)).toBe(plainly(node, each));
      }),
      { numRuns: 1_000 },
    );
  });

  it("and any text at all never throws and points inside the text", () => {
    const unit = fc.constantFrom(
      "src",
      "total",
      "payload.x",
      " ",
      " ",
      "=",
      "!",
      "~",
      "<",
      '"',
      "(",
      ")",
      "and",
      "or",
      "not",
      "has",
      "\\",
      "5ms",
      "-",
      "\u{1f600}",
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 20 }), fc.nat(60), item, (text, caret, each) => {
        const filter = compileFilter(text, "panel");
        if (filter.ok) filter.matches(each, context);
        else expect(filter.at >= 0 && filter.at <= text.length && filter.message !== "").toBe(true);
        const seen = { processes: ["hub"], subjects: ["a.b"], statuses: [] };
        const completion = completeFilter(text, Math.min(caret, text.length), seen);
        expect(completion.from).toBeLessThanOrEqual(completion.to);
      }),
      { numRuns: 3_000 },
    );
  });
});
