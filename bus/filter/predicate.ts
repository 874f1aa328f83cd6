/** What the parts of the compiler share: the shape of a compiled test and the operators. */
import { type FilterMistake, mistake, type Operand, type Operator } from "./ast.ts";
import type { Filterable, FilterContext } from "./fields.ts";
import { compilePattern } from "./pattern.ts";

/** Where a filter is used: a tap of the hub sees frames and no payloads, the panel sees rows. */
export type FilterPlace = "tap" | "panel";

/** Whether a frame or row passes. */
export type Predicate = (item: Filterable, context: FilterContext) => boolean;

/** Whether one text value passes. */
export type TextTest = (text: string) => boolean;

/** What compiling collects on its way. */
export interface Compiler {
  readonly place: FilterPlace;
  readonly uses: Set<string>;
}

/** Compares two known numbers. */
export function holdsBetween(left: number, operator: Operator, right: number): boolean {
  switch (operator) {
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
    case "~":
      return false;
    default:
      return operator satisfies never;
  }
}

/** The test behind `~`, or the mistake with its place in the filter. */
export function patternTest(value: Operand): TextTest | FilterMistake {
  const pattern = compilePattern(value.text);
  if (pattern.ok) return pattern.test;
  return mistake(value.at + (value.quoted ? 1 : 0) + pattern.at, pattern.message);
}
