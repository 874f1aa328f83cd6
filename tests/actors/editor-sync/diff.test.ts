import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DiffBudget, diffLists } from "../../../actors/editor-sync/diff-range.ts";
import { diffLines, untilMs } from "../../../actors/editor-sync/line-diff.ts";
import { LineTable } from "../../../actors/editor-sync/line-table.ts";
import { editsOf } from "../../../actors/editor-sync/refine.ts";
import { applyEdits, text, textAndEdited } from "./texts.ts";

const ENOUGH = untilMs(Number.POSITIVE_INFINITY, () => 0);
const items = fc.array(fc.nat({ max: 4 }), { maxLength: 24 });

/** A budget whose time is over after some questions. */
function overAfter(questions: number, differencesMax: number): DiffBudget {
  let asked = 0;
  return { isOver: () => asked++ >= questions, differencesMax };
}

function rebuilt(old: readonly number[], fresh: readonly number[], budget: DiffBudget): number[] {
  const lists = { old: Int32Array.from(old), new: Int32Array.from(fresh), kinds: 5 };
  const out: number[] = [];
  let at = 0;
  let place = 0;
  for (const [from, to, newFrom, newTo] of diffLists(lists, budget).hunks) {
    expect(to - from + newTo - newFrom, "no empty hunk").toBeGreaterThan(0);
    expect(newFrom - place, "equal parts are as long on both sides").toBe(from - at);
    out.push(...old.slice(at, from), ...fresh.slice(newFrom, newTo));
    at = to;
    place = newTo;
  }
  return [...out, ...old.slice(at)];
}

/** Length of the longest common subsequence, the slow way. */
function common(old: readonly number[], fresh: readonly number[]): number {
  let row = new Array<number>(fresh.length + 1).fill(0);
  for (const item of old) {
    const next = [0];
    for (const [index, other] of fresh.entries()) {
      const best = Math.max(row[index + 1] ?? 0, next[index] ?? 0);
      next.push(item === other ? (row[index] ?? 0) + 1 : best);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

describe("a diff of lists", () => {
  it("gives the new list when it is put into the old one", () => {
    fc.assert(
      fc.property(items, items, (old, fresh) => {
        expect(rebuilt(old, fresh, ENOUGH)).toEqual(fresh);
      }),
      { numRuns: 500 },
    );
  });

  it("does so for every time and every bound it is given", () => {
    fc.assert(
      fc.property(
        items,
        items,
        fc.nat({ max: 6 }),
        fc.nat({ max: 6 }),
        (old, fresh, time, most) => {
          expect(rebuilt(old, fresh, overAfter(time, most))).toEqual(fresh);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("is as short as can be where no item is unique to both sides", () => {
    const twice = fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 10 });
    fc.assert(
      fc.property(twice, twice, (half, other) => {
        const old = [...half, ...half];
        const fresh = [...other, ...other];
        const lists = { old: Int32Array.from(old), new: Int32Array.from(fresh), kinds: 5 };
        const { hunks } = diffLists(lists, ENOUGH);
        const gone = hunks.reduce((sum, [from, to]) => sum + to - from, 0);
        // Common ends are taken off first and parts are anchored inside, which never costs with two copies of each.
        expect(old.length - gone).toBeLessThanOrEqual(common(old, fresh));
      }),
      { numRuns: 500 },
    );
  });

  it("finds single changes exactly", () => {
    const old = Array.from({ length: 1000 }, (_, index) => `line ${index}\n`);
    const fresh = old.with(500, "other\n").toSpliced(20, 1).toSpliced(900, 0, "more\n", "lines\n");
    const { hunks, isExact } = diffLines(old.join(""), fresh.join(""), ENOUGH);
    expect(isExact).toBe(true);
    expect(hunks).toEqual([
      [20, 21, 20, 20],
      [500, 501, 499, 500],
      [901, 901, 900, 902],
    ]);
  });

  it("leaves a part coarse when time is over, never the whole", () => {
    const block = (name: string, from: string[]) => [`// ${name}\n`, ...from, `// end ${name}\n`];
    const noise = (seed: number) =>
      Array.from({ length: 40 }, (_, index) => `${(index * seed) % 7}\n`);
    const old = [
      ...block("one", noise(3)),
      ...block("two", ["same\n"]),
      ...block("three", noise(5)),
    ];
    const fresh = [
      ...block("one", noise(5)),
      ...block("two", ["same\n"]),
      ...block("three", noise(3)),
    ];
    const { hunks, isExact } = diffLines(old.join(""), fresh.join(""), overAfter(1, 2));
    expect(isExact).toBe(false);
    expect(hunks.length).toBeGreaterThanOrEqual(2);
    const middle = old.indexOf("same\n");
    expect(hunks.some(([from, to]) => from <= middle && to > middle)).toBe(false);
  });
});

describe("edits of a diff", () => {
  it("make the new text of the old one", () => {
    fc.assert(
      fc.property(
        fc.oneof(textAndEdited, fc.tuple(text, text)),
        fc.nat({ max: 8 }),
        (pair, time) => {
          const budget = overAfter(time, 3);
          expect(applyEdits(pair[0], edits(pair[0], pair[1], budget))).toBe(pair[1]);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("touch only the word that changed", () => {
    const old = "let total = 1;\nreturn total + one;\n";
    const fresh = "let total = 1;\nreturn total + two;\n";
    expect(edits(old, fresh, ENOUGH)).toEqual([{ from: 30, to: 33, insert: "two" }]);
  });

  it("never cut a surrogate pair", () => {
    const line = "same words here in this line";
    const changed = [{ from: 0, to: 2, insert: "𝕐" }];
    expect(edits(`𝕏 ${line}\n`, `𝕐 ${line}\n`, ENOUGH)).toEqual(changed);
    expect(edits("𝕏", "𝕐", ENOUGH)).toEqual(changed);
    // The second halves are equal: U+1D54F and U+2054F.
    expect(edits("𝕏", "\u{2054f}", ENOUGH)).toEqual([{ from: 0, to: 2, insert: "\u{2054f}" }]);
  });

  it("know lines by what is in them, whatever their hash", () => {
    const table = new LineTable();
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index % 5000} words\n`);
    const { numbers } = table.cut(lines.join(""));
    expect(table.count).toBe(5000);
    expect(numbers[5001]).toBe(numbers[1]);
    expect(new Set(numbers).size).toBe(5000);
  });
});

function edits(old: string, fresh: string, budget: DiffBudget) {
  const table = new LineTable();
  const [before, after] = [table.cut(old), table.cut(fresh)];
  const lists = { old: before.numbers, new: after.numbers, kinds: table.count };
  return editsOf(before, after, diffLists(lists, budget).hunks, budget.isOver);
}
