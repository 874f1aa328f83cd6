import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeValue, encodeValue, VALUE_DEPTH_MAX } from "../../bus/codec.ts";

describe("values that cross the bus", () => {
  test("plain values arrive the same", { timeout: 60_000 }, () => {
    const plain = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(null, true, false),
        fc.string({ unit: "binary" }),
        fc.maxSafeInteger(),
        fc.double({ noNaN: true }),
        fc.uint8Array({ maxLength: 40 }),
        fc.array(tie("value"), { maxLength: 10 }),
        fc.dictionary(
          fc.string().filter((key) => key !== "__proto__"),
          tie("value"),
          { maxKeys: 10, noNullPrototype: true },
        ),
      ),
    })).value;
    fc.assert(
      fc.property(plain, (value) => {
        // Minus zero is an integer on the wire, which has no sign for it.
        expect(normal(decodeValue(encodeValue(value).slice()))).toEqual(normal(value));
      }),
      { numRuns: 200 },
    );
  });

  test("undefined is null as an item and left out as a property", () => {
    expect(
      decodeValue(encodeValue({ a: undefined, b: [undefined], c: { d: undefined, e: 1 } })),
    ).toEqual({ b: [null], c: { e: 1 } });
    expect(decodeValue(encodeValue(undefined))).toBeNull();
  });

  test("no payload at all is undefined", () => {
    expect(decodeValue(new Uint8Array(0))).toBeUndefined();
  });

  test("integers beyond 32 bits are integers on the wire and numbers here", () => {
    const bytes = encodeValue(2 ** 40 + 1);
    expect(bytes[0]).toBe(0xd3);
    expect(decodeValue(bytes)).toBe(2 ** 40 + 1);
    expect(decodeValue(encodeValue(-(2 ** 40)))).toBe(-(2 ** 40));
  });

  test("an integer no number can hold arrives as a BigInt", () => {
    expect(decodeValue(encodeValue(2n ** 63n - 1n))).toBe(2n ** 63n - 1n);
    expect(decodeValue(encodeValue(5n))).toBe(5);
  });

  test("a Buffer arrives as a Uint8Array", () => {
    const value = decodeValue(encodeValue({ b: Buffer.from([1, 2]) })) as { b: Uint8Array };
    expect(value.b.constructor).toBe(Uint8Array);
    expect([...value.b]).toEqual([1, 2]);
  });

  test("an object of another realm is plain", () => {
    expect(decodeValue(encodeValue(runInNewContext("({ a: [1, { b: 2 }] })")))).toEqual({
      a: [1, { b: 2 }],
    });
  });

  test("the encoded bytes are not overwritten by later values", () => {
    const first = encodeValue({ text: "first", fill: "x".repeat(3_000) });
    const copy = first.slice();
    for (let turn = 0; turn < 50; turn++) encodeValue({ text: "later", fill: "y".repeat(3_000) });
    expect(first).toEqual(copy);
  });

  test("bytes are reserved before the value", () => {
    expect(decodeValue(encodeValue({ a: 1 }, 40).subarray(40))).toEqual({ a: 1 });
  });
});

describe("values that are refused", () => {
  class Point {
    readonly x = 1;
  }
  const cyclic: Record<string, unknown> = {};
  cyclic["self"] = cyclic;
  const cases: ReadonlyArray<{ what: string; value: unknown; text: string }> = [
    { what: "a Date", value: { at: [new Date(0)] }, text: '"at.0" is an instance of Date' },
    { what: "a Map", value: new Map(), text: "the value is an instance of Map" },
    { what: "a Set", value: { s: new Set() }, text: '"s" is an instance of Set' },
    { what: "a class instance", value: { p: new Point() }, text: '"p" is an instance of Point' },
    { what: "a function", value: { f: () => 1 }, text: '"f" is a function' },
    { what: "a symbol", value: [Symbol("s")], text: '"0" is a symbol' },
    { what: "a cycle", value: cyclic, text: `nested over ${VALUE_DEPTH_MAX} deep` },
    { what: "a BigInt over 64 bits", value: 2n ** 70n, text: "cannot be encoded" },
  ];
  for (const { what, value, text } of cases) {
    test(`${what}, with its path`, () => {
      expect(() => encodeValue(value)).toThrow(
        expect.objectContaining({ code: "bus/invalid", message: expect.stringContaining(text) }),
      );
    });
  }

  test("a payload that is cut or has something after its value is invalid, not a crash", () => {
    const bytes = encodeValue({ a: [1, 2, 3], b: "text" }).slice();
    for (let end = 1; end < bytes.length; end++)
      expect(() => decodeValue(bytes.slice(0, end))).toThrow(
        expect.objectContaining({ code: "bus/invalid" }),
      );
    expect(() => decodeValue(Uint8Array.of(...bytes, 1))).toThrow(
      expect.objectContaining({ code: "bus/invalid" }),
    );
  });

  test("random bytes decode to a value or a bus error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (bytes) => {
        try {
          decodeValue(bytes);
        } catch (error) {
          expect(error).toMatchObject({ name: "BusError", code: "bus/invalid" });
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("nesting as deep as a frame allows does not end the process", () => {
    expect(() => decodeValue(new Uint8Array(1_000_000).fill(0x91))).toThrow(
      expect.objectContaining({ code: "bus/invalid" }),
    );
  });
});

function normal(value: unknown): unknown {
  if (Object.is(value, -0)) return 0;
  if (Array.isArray(value)) return value.map(normal);
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normal(item)]));
}
