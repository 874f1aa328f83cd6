import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IdTable } from "../../bus/id-table.ts";

/** Few ids that fall on the same slots, and any others. */
const id = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 0xffff_ffff }));
const step = fc.tuple(
  fc.oneof(fc.constant("set"), fc.constant("delete"), fc.constant("clear")),
  id,
  fc.integer(),
);

describe("a table by number", () => {
  test("holds what a Map would hold, whatever is put in and taken out", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
        const [table, map] = [new IdTable<number>(), new Map<number, number>()];
        for (const [act, key, value] of steps) {
          if (act === "set") {
            table.set(key, value);
            map.set(key, value);
          } else if (act === "delete") expect(table.delete(key)).toBe(map.delete(key));
          else if (value % 16 === 0) {
            table.clear();
            map.clear();
          }
          expect(table.size).toBe(map.size);
          expect(table.get(key)).toBe(map.get(key));
          expect(table.has(key)).toBe(map.has(key));
        }
        expect(table.keys()).toEqual([...map.keys()].sort((a, b) => a - b));
        expect(table.values()).toEqual(table.keys().map((key) => map.get(key)));
      }),
    );
  });

  test("finds the ids that wander through it one after the other", () => {
    const table = new IdTable<number>();
    for (let next = 1; next <= 50_000; next++) {
      table.set(next, next);
      if (next > 256) expect(table.delete(next - 256)).toBe(true);
    }
    expect(table.size).toBe(256);
    expect(table.values()).toEqual(Array.from({ length: 256 }, (_, at) => 50_000 - 255 + at));
  });

  test("grows for thousands and is small again when all have gone", () => {
    const table = new IdTable<string>();
    for (let next = 1; next <= 4_096; next++) table.set(next, String(next));
    expect(table.get(4_096)).toBe("4096");
    for (let next = 1; next <= 4_096; next++) table.delete(next);
    expect(table.size).toBe(0);
    expect(table.keys()).toEqual([]);
    table.set(7, "seven");
    expect(table.get(7)).toBe("seven");
  });

  test("knows no id 0 and refuses to keep one", () => {
    const table = new IdTable<string>();
    expect(table.get(0)).toBeUndefined();
    expect(table.has(0)).toBe(false);
    expect(table.delete(0)).toBe(false);
    expect(() => table.set(0, "none")).toThrow("id 0 is not within 1 to 4294967295");
  });
});
