/** Compiles one comparison: left field, operator, and a value or second field of the same type. */
import {
  type FilterMistake,
  type FilterNode,
  mistake,
  type Operand,
  type Operator,
} from "./ast.ts";
import { FIELDS, type Field, type FieldType, isFailure, KIND_GROUPS, KINDS } from "./fields.ts";
import { comparePayload, hasPayload } from "./payload.ts";
import {
  type Compiler,
  holdsBetween,
  type Predicate,
  patternTest,
  type TextTest,
} from "./predicate.ts";
import {
  momentMs,
  parseCount,
  parseDuration,
  parseMoment,
  parseSize,
  type Value,
} from "./values.ts";

type Comparison = Extract<FilterNode, { type: "compare" }>;

const ORDERED: ReadonlySet<FieldType> = new Set(["time", "duration", "size", "count"]);
const FIELD_TYPES_COMPARED: ReadonlySet<FieldType> = new Set([
  "duration",
  "size",
  "count",
  "name",
  "code",
]);

/** `field op value`. */
export function compileComparison(node: Comparison, compiler: Compiler): Predicate | FilterMistake {
  if (node.field.startsWith("payload.")) return comparePayload(node, compiler);
  const field = FIELDS.get(node.field);
  if (field === undefined) return unknownField(node.field, node.at);
  const wrong = wrongOperator(node, field);
  if (wrong !== undefined) return wrong;
  compiler.uses.add(node.field);
  const other = node.value.quoted ? undefined : FIELDS.get(node.value.text);
  if (other !== undefined && other.type === field.type && FIELD_TYPES_COMPARED.has(field.type)) {
    compiler.uses.add(node.value.text);
    return compareFields(field, other, node.operator);
  }
  if (field.type === "time") return compareTime(node);
  if (ORDERED.has(field.type)) return compareNumber(node, field);
  return compareText(node, field);
}

/** `has field`: the value is there. `has error` is any failure. */
export function compileHas(
  node: Extract<FilterNode, { type: "has" }>,
  compiler: Compiler,
): Predicate | FilterMistake {
  if (node.field === "error") return (item) => isFailure(item.status);
  if (node.field === "crash") return mistake(node.at, "a crash needs its number: crash = 3");
  if (node.field === "payload" || node.field.startsWith("payload."))
    return hasPayload(node, compiler);
  const field = FIELDS.get(node.field);
  if (field === undefined) return unknownField(node.field, node.at);
  compiler.uses.add(node.field);
  return (item, context) => {
    const value = field.read(item, context);
    return value !== undefined && value !== "";
  };
}

function unknownField(name: string, at: number): FilterMistake {
  const near = [...FIELDS.keys()].find((each) => each.startsWith(name.toLowerCase().slice(0, 3)));
  const hint = near === undefined ? [...FIELDS.keys()].join(", ") : `did you mean "${near}"?`;
  return mistake(at, `there is no field "${name}": ${hint}`);
}

function wrongOperator(node: Comparison, field: Field): FilterMistake | undefined {
  const { operator } = node;
  if (ORDERED.has(field.type)) {
    if (operator !== "~") return undefined;
    return mistake(node.at, `"${node.field}" is a number: compare it with =, !=, <, <=, > or >=`);
  }
  if (field.type === "crash" && operator !== "=" && operator !== "!=") {
    return mistake(node.at, '"crash" is compared with = or !=');
  }
  if (operator === "=" || operator === "!=" || operator === "~") return undefined;
  return mistake(node.at, `"${node.field}" is a text: compare it with =, != or ~`);
}

function compareFields(left: Field, right: Field, operator: Operator): Predicate | FilterMistake {
  return (item, context) => {
    const a = left.read(item, context);
    const b = right.read(item, context);
    if (typeof a === "number" && typeof b === "number") return holdsBetween(a, operator, b);
    if (a === undefined || b === undefined) return false;
    return operator === "=" ? a === b : operator === "!=" && a !== b;
  };
}

function compareTime(node: Comparison): Predicate | FilterMistake {
  const moment = parseMoment(node.value.text);
  if (!moment.ok) return mistake(node.value.at, moment.message);
  let seenMs = Number.NaN;
  let limitMs = 0;
  return (item, context) => {
    const wallNowMs = context.nowMs + context.epochMs;
    if (wallNowMs !== seenMs) {
      seenMs = wallNowMs;
      limitMs = momentMs(moment.value, wallNowMs);
    }
    return holdsBetween(item.atMs + context.epochMs, node.operator, limitMs);
  };
}

function compareNumber(node: Comparison, field: Field): Predicate | FilterMistake {
  const wanted = parseNumber(node.value.text, field.type);
  if (!wanted.ok) return mistake(node.value.at, wanted.message);
  const limit = wanted.value;
  return (item, context) => {
    const value = field.read(item, context);
    return typeof value === "number" && holdsBetween(value, node.operator, limit);
  };
}

function parseNumber(text: string, type: FieldType): Value<number> {
  if (type === "duration") return parseDuration(text);
  return type === "size" ? parseSize(text) : parseCount(text);
}

function compareText(node: Comparison, field: Field): Predicate | FilterMistake {
  const wanted = node.value.text;
  if (field.type === "crash") {
    const isWanted = node.operator === "=";
    return (item, context) =>
      context.inCrash !== undefined && context.inCrash(item, wanted) === isWanted;
  }
  const test = textTest(node, field.type);
  if (typeof test !== "function") return test;
  const positive = node.operator !== "!=";
  if (node.field === "process") {
    return (item) => (test(item.source) || test(item.destination)) === positive;
  }
  return (item, context) => {
    const value = field.read(item, context);
    return typeof value === "string" && test(value) === positive;
  };
}

function textTest(node: Comparison, type: FieldType): TextTest | FilterMistake {
  const { value } = node;
  if (node.operator === "~") return patternTest(value);
  const wanted = value.text.toLowerCase();
  switch (type) {
    case "kind":
      return kindTest(value, wanted);
    case "lane":
      if (wanted === "data" || wanted === "control") return (text) => text === wanted;
      return mistake(value.at, `there is no lane "${value.text}": data or control`);
    case "trace":
      if (/^[0-9a-f]{1,32}$/.test(wanted)) return (text) => text.startsWith(wanted);
      return mistake(value.at, `"${value.text}" is no trace: 1 to 32 digits of 0-9a-f`);
    case "code":
      return (text) => isCode(text, wanted);
    default:
      return (text) => text === value.text;
  }
}

function kindTest(value: Operand, wanted: string): TextTest | FilterMistake {
  if (!KINDS.includes(wanted)) {
    return mistake(value.at, `there is no kind "${value.text}": ${KINDS.join(", ")}`);
  }
  const group = KIND_GROUPS[wanted] ?? [];
  return (text) => text === wanted || group.includes(text);
}

/** `denied` also means `bus/denied`; the case does not matter because the table shows `DOWN`. */
function isCode(text: string, wanted: string): boolean {
  const code = text.toLowerCase();
  return code === wanted || code.slice(code.lastIndexOf("/") + 1) === wanted;
}
