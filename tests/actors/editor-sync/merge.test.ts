import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { DiffBudget } from "../../../actors/editor-sync/diff-range.ts";
import { untilMs } from "../../../actors/editor-sync/line-diff.ts";
import { type Merged, merge } from "../../../actors/editor-sync/merge.ts";
import { applyEdits, edited, text } from "./texts.ts";

const ENOUGH = untilMs(Number.POSITIVE_INFINITY, () => 0);
const three = text.chain((base) => fc.tuple(fc.constant(base), edited(base), edited(base)));

interface Told extends Merged {
  readonly text: string;
}

/** Merges, and checks that both ways lead to one text. */
function merged(base: string, ours: string, theirs: string, budget: DiffBudget = ENOUGH): Told {
  const found = merge({ base, ours, theirs }, budget);
  const result = applyEdits(ours, found.ours);
  expect(applyEdits(theirs, found.theirs), "from theirs").toBe(result);
  return { ...found, text: result };
}

describe("a merge of three texts", () => {
  it("leads to one text from both sides, whatever time it has", () => {
    fc.assert(
      fc.property(three, fc.nat({ max: 10 }), ([base, ours, theirs], time) => {
        let asked = 0;
        merged(base, ours, theirs, { isOver: () => asked++ > time, differencesMax: 3 });
      }),
      { numRuns: 500 },
    );
  });

  it("takes the one side that changed, and a change that both made", () => {
    fc.assert(
      fc.property(three, ([base, one]) => {
        for (const [ours, theirs] of [
          [base, one],
          [one, base],
          [one, one],
        ] as const) {
          const found = merged(base, ours, theirs);
          expect(found.text).toBe(one);
          expect(found.conflicts).toEqual([]);
        }
      }),
      { numRuns: 300 },
    );
  });

  it("merges edits of different lines without a conflict", () => {
    const apart = fc.tuple(fc.nat({ max: 8 }), fc.nat({ max: 8 }), fc.boolean());
    fc.assert(
      fc.property(apart, ([first, gap, swap]) => {
        const base = Array.from({ length: 24 }, (_, index) => `line ${index}`);
        const ours = base.with(first, "ours").join("\n");
        const theirs = base.with(first + gap + 1, "theirs").join("\n");
        const both = base
          .with(first, "ours")
          .with(first + gap + 1, "theirs")
          .join("\n");
        const found = swap
          ? merged(base.join("\n"), theirs, ours)
          : merged(base.join("\n"), ours, theirs);
        expect(found.conflicts).toEqual([]);
        expect(found.text).toBe(both);
      }),
    );
  });

  it("loses no line of either side: it is in the text or in a conflict", () => {
    const marked = text.chain((base) =>
      fc.tuple(
        fc.constant(base),
        edited(base).map((side) => mark(base, side, "<")),
        edited(base).map((side) => mark(base, side, ">")),
      ),
    );
    fc.assert(
      fc.property(marked, ([base, ours, theirs]) => {
        const found = merged(base, ours, theirs);
        const kept = found.text + found.conflicts.map((one) => one.theirs).join("");
        for (const line of [...ours.split("\n"), ...theirs.split("\n")]) {
          if (/^[<>]/.test(line)) expect(kept).toContain(line);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("keeps both sides and the base of a conflict, and says where ours is", () => {
    const found = merged("a\nb\nc\n", "a\nmine\nc\n", "a\nyours\nand more\nc\n");
    expect(found.text).toBe("a\nmine\nc\n");
    expect(found.conflicts).toEqual([{ from: 2, to: 7, theirs: "yours\nand more\n", base: "b\n" }]);
  });

  it("puts conflicts where they are after other hunks were taken", () => {
    const base = "1\n2\n3\n4\n5\n6\n7\n";
    const found = merged(base, "1\n2\n3\n4\n5\nMINE\n7\n", "1\nnew\nnewer\n2\n3\n4\n5\nYOURS\n7\n");
    const [conflict] = found.conflicts;
    expect(found.text.slice(conflict?.from, conflict?.to)).toBe("MINE\n");
    expect(found.taken).toBe(1);
  });

  it("takes lines deleted here and changed there for a conflict", () => {
    const found = merged("a\nb\nc\n", "a\nc\n", "a\nB\nc\n");
    expect(found.conflicts).toEqual([{ from: 2, to: 2, theirs: "B\n", base: "b\n" }]);
  });

  it("sees a conflict in two lines put at one place", () => {
    expect(merged("a\nb\n", "a\nx\nb\n", "a\ny\nb\n").conflicts).toHaveLength(1);
    expect(merged("a\nb\n", "a\nx\nb\n", "a\nx\nb\n").conflicts).toHaveLength(0);
  });
});

/** Marks the lines of a side that the base does not have. */
function mark(base: string, side: string, sign: string): string {
  const known = new Set(base.split("\n"));
  let count = 0;
  return side
    .split("\n")
    .map((line) => (known.has(line) ? line : `${sign}${count++} ${line}`))
    .join("\n");
}
