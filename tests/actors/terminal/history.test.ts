import fc from "fast-check";
import { expect, test } from "vitest";
import { History } from "../../../actors/terminal/history.ts";

function joined(slices: readonly Uint8Array[]): number[] {
  return slices.flatMap((slice) => [...slice]);
}

test("any range of what was appended comes back, whatever the sizes of the chunks", () => {
  const sizes = fc.array(
    fc.oneof(fc.integer({ min: 1, max: 300 }), fc.constantFrom(4095, 4096, 9000)),
    {
      maxLength: 20,
    },
  );
  fc.assert(
    fc.property(sizes, fc.nat(), fc.nat(), (lengths, a, b) => {
      const history = new History(1000);
      let next = 0;
      for (const length of lengths) history.append(Uint8Array.from({ length }, () => next++ % 251));
      const [from = 0, to = 0] = [a % (next + 1), b % (next + 1)].sort((x, y) => x - y);
      const expected = Array.from({ length: to - from }, (_, i) => (from + i) % 251);
      expect(joined(history.slices(1000 + from, 1000 + to))).toEqual(expected);
      expect(history.end).toBe(1000 + next);
    }),
    { numRuns: 100 },
  );
});

test("trimming keeps everything from the offset on", () => {
  const history = new History(0);
  for (let i = 0; i < 100; i++) history.append(new Uint8Array(5000).fill(i));
  history.trim(250_000);
  expect(history.start).toBeLessThanOrEqual(250_000);
  expect(history.start).toBeGreaterThan(240_000);
  expect(joined(history.slices(250_000, 250_001))).toEqual([50]);
  history.trim(500_000);
  expect([history.start, history.end]).toEqual([500_000, 500_000]);
  history.append(new Uint8Array([7]));
  expect(joined(history.slices(500_000))).toEqual([7]);
});

test("output and sizes come in the order they happened, later sizes at the end", () => {
  const history = new History(0);
  history.append(new Uint8Array([1, 2]));
  history.resized(10, 5);
  history.append(new Uint8Array([3, 4]));
  history.resized(20, 6);
  const told = history
    .inputs(1, 3)
    .map((input) => (input.what === "bytes" ? [...input.bytes] : `${input.cols}x${input.rows}`));
  expect(told).toEqual([[2], "10x5", [3], "20x6"]);
  history.dropSizes(1);
  expect(history.sizeCount).toBe(1);
});
