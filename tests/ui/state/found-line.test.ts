import { describe, expect, it, test } from "vitest";
import { firstFrom, foundWords, stepped } from "../../../ui/state/found-line.ts";

describe("lines that were found", () => {
  it("begin at the one that is next, or at the first", () => {
    expect(firstFrom([3, 9, 20], 0)).toBe(0);
    expect(firstFrom([3, 9, 20], 9)).toBe(1);
    expect(firstFrom([3, 9, 20], 21)).toBe(0);
    expect(firstFrom([], 0)).toBe(-1);
  });

  it("are gone through in both directions and over the ends", () => {
    expect(stepped([3, 9, 20], 2, 1)).toBe(0);
    expect(stepped([3, 9, 20], 0, -1)).toBe(2);
    expect(stepped([3, 9, 20], -1, 1)).toBe(0);
    expect(stepped([], -1, 1)).toBe(-1);
  });
});

test.each([
  [{ count: 0, at: -1, phase: "running" }, "0 lines so far"],
  [{ count: 1_200, at: 0, phase: "running" }, "1 of 1,200 lines so far"],
  [{ count: 0, at: -1, phase: "whole" }, "No match"],
  [{ count: 1, at: 0, phase: "whole" }, "1 of 1 line"],
  [{ count: 20_000, at: 2, phase: "cut" }, "3 of 20,000 lines, cut there"],
  [{ count: 0, at: -1, phase: "cut" }, "0 lines, cut there"],
] as const)("%j: %s", (progress, words) => {
  expect(foundWords(progress)).toBe(words);
});
