import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePattern } from "../../../bus/filter/pattern.ts";

const atom = fc.constantFrom(
  "a",
  "b",
  ".",
  "[ab]",
  "[^a]",
  "\\d",
  "\\w",
  "\\.",
  "x",
  "[a-c-]",
  "-",
  "\\x61",
);
const quantifier = fc.constantFrom("", "", "*", "+", "?", "{2}", "{1,2}", "{0,}", "*?");
const { pattern } = fc.letrec<{ pattern: string; sequence: string; piece: string }>((tie) => ({
  pattern: fc
    .array(tie("sequence"), { minLength: 1, maxLength: 2 })
    .map((parts) => parts.join("|")),
  sequence: fc.array(tie("piece"), { maxLength: 4 }).map((parts) => parts.join("")),
  piece: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    fc.tuple(atom, quantifier).map((parts) => parts.join("")),
    fc.constantFrom("^", "$", "\\b", "\\B"),
    fc
      .tuple(tie("pattern"), fc.constantFrom("(", "(?:"), quantifier)
      .map(([inner, open, q]) => `${open}${inner})${q}`),
  ),
}));

describe("a regular expression", () => {
  it("agrees with the built-in engine", () => {
    const input = fc.string({
      unit: fc.constantFrom("a", "b", "c", ".", "1", "-", "x", " ", "\n"),
      maxLength: 12,
    });
    // Longer ones make the built-in engine slow, not this one.
    const short = pattern.filter((text) => text.length <= 60);
    fc.assert(
      fc.property(short, input, (text, value) => {
        const compiled = compilePattern(text);
        if (!compiled.ok) throw new Error(`${text}: ${compiled.message}`);
        expect([text, value, compiled.test(value)]).toEqual([
          text,
          value,
          new RegExp(text).test(value),
        ]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("never throws, whatever is written", () => {
    const unit = fc.constantFrom(
      "a",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      "1",
      ",",
      "\\",
      "*",
      "?",
      "|",
      "^",
      "-",
      "u",
      ":",
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 30 }), (text) => {
        const compiled = compilePattern(text);
        if (compiled.ok) compiled.test("aaa");
        else expect(compiled.at).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 2_000 },
    );
  });

  it("takes linear steps where the built-in engine never ends", () => {
    const compiled = compilePattern("^(([a-z])+.)+[A-Z]([a-z])+$");
    expect(compiled.ok && compiled.test("a".repeat(4_000))).toBe(false);
  });

  it.each([
    ["(?=a)", "looking around and named groups are not supported"],
    ["(a)\\1", "\\1 is not supported"],
    ["[z-a]", "this range is backwards"],
    ["a**", "nothing to repeat here"],
    ["*a", 'nothing to repeat before "*"'],
    ["a{3,2}", "3 is more than 2"],
    ["a{2000}", "repeated at most 1000 times, here 2000"],
    ["a)", 'this ")" was never opened'],
    ["[a", "this [ is never closed"],
    ["a\\", "nothing follows this backslash"],
    ["\\xg", "2 hexadecimal digits are missing here"],
  ])("%s is refused: %s", (text, message) => {
    const compiled = compilePattern(text);
    expect(compiled.ok ? "no mistake" : compiled.message).toBe(message);
  });
});
