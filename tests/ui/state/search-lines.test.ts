import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSplitter } from "../../../ui/state/split-parts.ts";
import { marksOf, previewOf } from "../../../ui/views/search/preview.ts";

describe("names and lines out of a stream of bytes", () => {
  it("are whole however the bytes are cut, letters of several bytes too", () => {
    const texts = fc.array(
      fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => !text.includes("\n")),
    );
    fc.assert(
      fc.property(texts, fc.integer({ min: 1, max: 7 }), (parts, size) => {
        const bytes = new TextEncoder().encode(parts.map((part) => `${part}\n`).join(""));
        const splitter = createSplitter(10);
        const got: string[] = [];
        for (let at = 0; at < bytes.length; at += size)
          got.push(...splitter.push(bytes.subarray(at, at + size)));
        expect([...got, ...splitter.end()]).toEqual(parts);
      }),
    );
  });

  it("keep a last one without its end", () => {
    const splitter = createSplitter(0);
    expect(splitter.push(new TextEncoder().encode("a\0b"))).toEqual(["a"]);
    expect(splitter.end()).toEqual(["b"]);
  });
});

describe("a found line in a narrow list", () => {
  const shown = (text: string, ...ranges: Array<[number, number]>) =>
    marksOf(previewOf({ text, ranges }))
      .map(({ text: part, isHit }) => (isHit ? `[${part}]` : part))
      .join("");

  it("has its places marked and no indentation", () => {
    expect(shown("    const main = main();", [10, 14], [17, 21])).toBe("const [main] = [main]();");
  });

  it("begins a little before a place far to the right", () => {
    const text = `${"x".repeat(100)}here`;
    expect(shown(text, [100, 104])).toBe(`…${"x".repeat(24)}[here]`);
  });

  it("keeps a place that is indentation itself", () => {
    expect(shown("\t\tx", [0, 1])).toBe("[\t]\tx");
  });

  it("loses no character and marks within the line for any places", () => {
    const places = fc.array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 5 });
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), places, (text, ranges) => {
        const marks = marksOf({ text, ranges });
        expect(marks.map((mark) => mark.text).join("")).toBe(text);
      }),
    );
  });
});
