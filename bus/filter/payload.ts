/** `payload.x`: values inside decoded payloads, known in the panel only. */
import { type FilterMistake, type FilterNode, mistake, type Operator } from "./ast.ts";
import { type Compiler, holdsBetween, type Predicate, patternTest } from "./predicate.ts";
import { parseDuration, parseSize } from "./values.ts";

type Comparison = Extract<FilterNode, { type: "compare" }>;

const IN_PANEL_ONLY =
  "payloads are decoded in the panel only: a tap can filter by the other fields";

/** `payload.x op value` or `payload.x op payload.y`. */
export function comparePayload(node: Comparison, compiler: Compiler): Predicate | FilterMistake {
  const path = payloadPath(node.field, node.at, compiler);
  if (!Array.isArray(path)) return path;
  const { value, operator } = node;
  if (operator === "~") {
    const test = patternTest(value);
    if (typeof test !== "function") return test;
    return onPayload(
      path,
      (found) => (typeof found === "string" || typeof found === "number") && test(String(found)),
    );
  }
  if (!value.quoted && value.text.startsWith("payload.")) {
    const other = payloadPath(value.text, value.at, compiler);
    if (!Array.isArray(other)) return other;
    return (item, context) => {
      const payload = context.payload?.(item);
      return compareScalars(valueAt(payload, path), operator, valueAt(payload, other));
    };
  }
  const wanted = value.quoted ? value.text : literal(value.text);
  return onPayload(path, (found) => compareScalars(found, operator, wanted));
}

/** `has payload.x`. */
export function hasPayload(
  node: Extract<FilterNode, { type: "has" }>,
  compiler: Compiler,
): Predicate | FilterMistake {
  const path = payloadPath(node.field, node.at, compiler);
  if (!Array.isArray(path)) return path;
  return onPayload(path, (found) => found !== undefined);
}

function payloadPath(name: string, at: number, compiler: Compiler): string[] | FilterMistake {
  if (compiler.place === "tap") return mistake(at, IN_PANEL_ONLY);
  const path = name.split(".").slice(1);
  if (path.includes("")) return mistake(at, `"${name}" has an empty part`);
  compiler.uses.add("payload");
  return path;
}

function onPayload(path: readonly string[], test: (found: unknown) => boolean): Predicate {
  return (item, context) => test(valueAt(context.payload?.(item), path));
}

/** Own keys only: a payload is data, its prototype is not. */
function valueAt(payload: unknown, path: readonly string[]): unknown {
  let value = payload;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = Reflect.get(value, key);
  }
  return value;
}

function literal(text: string): string | number | boolean | null {
  if (text === "true" || text === "false") return text === "true";
  if (text === "null") return null;
  for (const parse of [parseDuration, parseSize]) {
    const parsed = parse(text);
    if (parsed.ok) return parsed.value;
  }
  return text;
}

function compareScalars(found: unknown, operator: Operator, wanted: unknown): boolean {
  if (found === undefined || wanted === undefined) return false;
  const number = typeof found === "bigint" ? Number(found) : found;
  if (typeof number === "number" && typeof wanted === "number")
    return holdsBetween(number, operator, wanted);
  if (operator === "=") return number === wanted || String(found) === String(wanted);
  if (operator === "!=") return number !== wanted && String(found) !== String(wanted);
  return false;
}
