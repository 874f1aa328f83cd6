import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  cleanPaste,
  clipboardWrite,
  needsPreview,
  pastedLines,
  quotePath,
  wrapPaste,
} from "../../../ui/state/paste.ts";

describe("a paste", () => {
  it.each([
    ["ls\n", "ls\r"],
    ["a\r\nb", "a\rb"],
    ["tab\there", "tab\there"],
    ["evil\u001b[201~rm -rf /\n", "evilrm -rf /\r"],
    ["bell\u0007 null\u0000 del\u007f c1\u009b", "bell null del c1"],
  ])("%j becomes %j", (text, clean) => {
    expect(cleanPaste(text)).toBe(clean);
  });

  it("has as many lines as a person sees", () => {
    expect(pastedLines("one\rtwo\r")).toEqual(["one", "two"]);
    expect(pastedLines("one\r\rtwo")).toEqual(["one", "", "two"]);
  });

  it("never carries an escape, so no end mark can be built from pieces (property)", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("\u001b", "[", "2", "0", "1", "~", "\n", "a") }),
        (text) => {
          const clean = cleanPaste(text);
          expect(clean.includes("\u001b") || clean.includes("\n")).toBe(false);
        },
      ),
    );
  });

  it("of several lines asks first when the program cannot tell it from typing", () => {
    expect(needsPreview("a\rb", false)).toBe(true);
    expect(needsPreview("a\rb", true)).toBe(false);
    expect(needsPreview("one line\r", false)).toBe(false);
  });

  it("is marked for programs that asked for it", () => {
    expect(wrapPaste("x", true)).toBe("\u001b[200~x\u001b[201~");
    expect(wrapPaste("x", false)).toBe("x");
  });
});

describe("OSC 52", () => {
  it("writes the clipboard", () => {
    expect(clipboardWrite(`c;${btoa("hello")}`)).toBe("hello");
    expect(clipboardWrite(`;${btoa("hello")}`)).toBe("hello");
  });

  it("never reads it", () => {
    expect(clipboardWrite("c;?")).toBeUndefined();
  });

  it.each(["", "c", "c;***", `q;${btoa("x")}`])("ignores %j", (data) => {
    expect(clipboardWrite(data)).toBeUndefined();
  });
});

describe("a dropped file", () => {
  it("is quoted where a shell needs it", () => {
    expect(quotePath("/home/me/a.txt")).toBe("/home/me/a.txt");
    expect(quotePath("/home/me/it's here")).toBe("'/home/me/it'\\''s here'");
  });
});
