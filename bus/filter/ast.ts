/** What a filter text means, before fields and values are looked at. Positions are UTF-16 offsets in the text. */

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~";

/** The right side of a comparison; which field or value it is, the compiler decides by the left side's type. */
export interface Operand {
  readonly text: string;
  /** Written in quotes: always a value, never a field. */
  readonly quoted: boolean;
  readonly at: number;
}

export type FilterNode =
  | { readonly type: "all" }
  | { readonly type: "word"; readonly text: string; readonly quoted: boolean; readonly at: number }
  | { readonly type: "has"; readonly field: string; readonly at: number }
  | {
      readonly type: "compare";
      readonly field: string;
      readonly operator: Operator;
      readonly value: Operand;
      readonly at: number;
    }
  | { readonly type: "not"; readonly inner: FilterNode }
  | { readonly type: "and" | "or"; readonly left: FilterNode; readonly right: FilterNode };

/** A mistake in a filter: where it is and what is wrong, in words for a person. */
export interface FilterMistake {
  readonly ok: false;
  /** Offset of the character to point at; the text's length when something is missing at the end. */
  readonly at: number;
  readonly message: string;
}

/** Makes a mistake. */
export function mistake(at: number, message: string): FilterMistake {
  return { ok: false, at, message };
}
