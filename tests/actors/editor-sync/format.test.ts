import { ChangeSet } from "@codemirror/state";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { load, save } from "../../../actors/editor-sync/format.ts";
import { line } from "./texts.ts";

const encoder = new TextEncoder();
const file = fc
  .tuple(
    fc.boolean(),
    fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\r")), { maxLength: 12 }),
    line,
  )
  .map(([bom, lines, last]) => (bom ? "\ufeff" : "") + lines.flat().join("") + last);

function saved(bytes: Uint8Array, edit?: { from: number; to: number; insert: string }) {
  const { text, format, eols } = load(bytes);
  const limit = (at: number): number => Math.min(at, text.length);
  const specs =
    edit === undefined
      ? []
      : [{ from: limit(edit.from), to: limit(Math.max(edit.from, edit.to)), insert: edit.insert }];
  const changes = ChangeSet.of(specs, text.length);
  const after = changes.apply(text);
  const result = save({ text, layout: { format, eols } }, changes, after);
  if ("line" in result) throw new Error(`line ${result.line} cannot be saved`);
  return { ...result, after };
}

describe("a file", () => {
  it("is saved byte for byte when nothing was edited, for every mix of breaks and marks", () => {
    fc.assert(
      fc.property(file, (content) => {
        const bytes = encoder.encode(content);
        expect(saved(bytes).bytes).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("is read again as the text that was saved, after any edit", () => {
    const edit = fc.record({
      from: fc.nat({ max: 40 }),
      to: fc.nat({ max: 60 }),
      insert: fc
        .array(fc.constantFrom("", "x", "new words"), { maxLength: 4 })
        .map((l) => l.join("\n")),
    });
    const whole = fc.string({ unit: fc.constantFrom("a", "b", "\r", "\n", "\r\n"), maxLength: 40 });
    fc.assert(
      fc.property(whole, edit, (content, one) => {
        const { bytes, after, layout } = saved(encoder.encode(content), one);
        const again = load(bytes);
        expect(again.text.toString()).toBe(after.toString());
        // Without a break nothing tells which it was.
        const eol = after.lines === 1 ? layout.format.eol : again.format.eol;
        expect({ format: { ...again.format, eol }, eols: again.eols }).toEqual(layout);
      }),
      { numRuns: 500 },
    );
  });

  it("keeps the break of each line that was not touched, and gives new lines that of the one above", () => {
    const bytes = encoder.encode("a\r\nb\nc\r\nd\n");
    const { bytes: after } = saved(bytes, { from: 3, to: 3, insert: "!\nmore" });
    expect(new TextDecoder().decode(after)).toBe("a\r\nb!\nmore\nc\r\nd\n");
    const under = saved(bytes, { from: 1, to: 1, insert: "\nunder a" });
    expect(new TextDecoder().decode(under.bytes)).toBe("a\r\nunder a\r\nb\nc\r\nd\n");
  });

  it("with a NUL in its first bytes is binary", () => {
    expect(load(Uint8Array.of(0x41, 0, 0x42)).format.encoding).toBe("binary");
    const late = new Uint8Array(9000).fill(0x41);
    late[8500] = 0;
    expect(load(late).format.encoding).toBe("utf-8");
  });

  it.each([
    ["windows-1252", Uint8Array.of(0x63, 0x61, 0x66, 0xe9), "café"],
    ["utf-16le", Uint8Array.of(0xff, 0xfe, 0x41, 0, 0x0a, 0, 0x42, 0), "A\nB"],
    ["utf-16be", Uint8Array.of(0xfe, 0xff, 0, 0x41), "A"],
  ])("in %s can be looked at", (encoding, bytes, says) => {
    const { text, format } = load(bytes);
    expect(format.encoding).toBe(encoding);
    expect(text.toString()).toBe(says);
  });

  it("names the line that no UTF-8 can hold", () => {
    const { text, format, eols } = load(encoder.encode("a\nb\n"));
    const changes = ChangeSet.of({ from: 2, insert: "\ud800" }, text.length);
    const result = save({ text, layout: { format, eols } }, changes, changes.apply(text));
    expect(result).toEqual({ line: 2 });
  });
});
