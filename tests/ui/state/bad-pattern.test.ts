/** The caret under the wrong sign of a pattern. */
import { expect, test } from "vitest";
import { badPattern } from "../../../ui/state/bad-pattern.ts";

const message = (pattern: string, at: number, reason: string) =>
  `pattern: regex parse error:\n    (?:${pattern})\n${" ".repeat(7 + at)}^\nerror: ${reason}`;

test("the place counts from the pattern's own beginning", () => {
  expect(badPattern(message("par(se", 3, "unclosed group"), "par(se")).toEqual({
    pattern: "par(se",
    at: 3,
    reason: "unclosed group",
  });
  expect(badPattern(message("[", 0, "unclosed character class"), "[")?.at).toBe(0);
});

test("a place outside the pattern is its nearest end", () => {
  expect(badPattern(message("a", 9, "x"), "a")?.at).toBe(1);
});

test("another failure has no place", () => {
  for (const words of ["the guard is away", "", "error: x", "^"]) {
    expect(badPattern(words, "a")).toBeUndefined();
  }
});
