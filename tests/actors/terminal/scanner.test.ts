import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CSI_BYTES_MAX, OSC_BYTES_MAX, Scanner } from "../../../actors/terminal/scanner.ts";

const encoder = new TextEncoder();

function scan(chunks: readonly Uint8Array[]): { events: string[]; scanner: Scanner; end: number } {
  const events: string[] = [];
  const scanner = new Scanner({
    bell: (offset) => events.push(`bell@${offset}`),
    osc: (text, offset) => events.push(`osc ${text}@${offset}`),
    csi: (body, final, offset) => events.push(`csi ${body}|${final}@${offset}`),
    escape: (text, offset) => events.push(`esc ${text}@${offset}`),
    shift: (set) => events.push(`shift ${set}`),
  });
  let end = 0;
  for (const chunk of chunks) {
    scanner.feed(chunk, end);
    end += chunk.length;
  }
  return { events, scanner, end };
}

function check(input: string, expected: readonly string[]): void {
  expect(scan([encoder.encode(input)]).events).toEqual(expected);
}

describe("the scanner finds control sequences", () => {
  test("plain text makes no event", () => check("hello\r\nwörld\t", []));
  test("a bell is told with the offset behind it", () => check("a\x07", ["bell@2"]));
  test("an OSC ends with BEL, which is no bell", () => check("\x1b]0;t\x07", ["osc 0;t@6"]));
  test("an OSC ends with ST", () => check("\x1b]0;t\x1b\\x", ["osc 0;t@7"]));
  test("an OSC ends with the 8-bit ST", () =>
    check("\x1b]0;t\u009cx\x07", ["osc 0;t@7", "bell@9"]));
  test("the 8-bit OSC and CSI begin a sequence", () =>
    check("\u009d2;x\x07\u009b1m", ["osc 2;x@6", "csi 1|m@10"]));
  test("a CSI is told with body and final byte", () => check("\x1b[?1049h", ["csi ?1049|h@8"]));
  test("a bell within a CSI still rings", () => check("\x1b[1\x07m", ["bell@4", "csi 1|m@5"]));
  test("CAN takes a sequence back", () => check("\x1b]0;x\x18\x07", ["bell@7"]));
  test("an escape within an OSC ends it and begins another", () =>
    check("\x1b]0;a\x1b[1m", ["osc 0;a@6", "csi 1|m@9"]));
  test("charset designations are escapes", () => check("\x1b(0", ["esc (0@3"]));
  test("a DCS swallows bells up to its ST", () => check("\x1bPq\x07\x07\x1b\\\x07", ["bell@8"]));
  test("SO and SI shift", () => check("\x0e\x0f", ["shift 1", "shift 0"]));
});

describe("the scanner is bounded", () => {
  test("an OSC over the limit is skipped and the next one is read", () => {
    const { events } = scan([
      encoder.encode(`\x1b]52;${"x".repeat(OSC_BYTES_MAX)}\x07\x1b]0;t\x07`),
    ]);
    expect(events.map((event) => event.split("@")[0])).toEqual(["osc 0;t"]);
  });
  test("a CSI over the limit is skipped and the next one is read", () => {
    const { events } = scan([encoder.encode(`\x1b[${"1".repeat(CSI_BYTES_MAX + 1)}m\x1b[2m`)]);
    expect(events.map((event) => event.split("@")[0])).toEqual(["csi 2|m"]);
  });
});

describe("the boundary lies where a screen may be cut", () => {
  const cases: ReadonlyArray<readonly [name: string, input: string, boundary: number]> = [
    ["after text", "abc", 3],
    ["before an unfinished escape", "abc\x1b", 3],
    ["before an unfinished CSI", "abc\x1b[1;2", 3],
    ["before an unfinished OSC", "abc\x1b]0;titl", 3],
    ["before a CSI that cut an OSC off", "abc\x1b]0;t\x1b[1", 8],
    ["after a finished CSI", "abc\x1b[m", 6],
  ];
  test.each(cases)("%s", (_name, input, boundary) => {
    expect(scan([encoder.encode(input)]).scanner.boundary).toBe(boundary);
  });
  test("before a character of which bytes are missing", () => {
    expect(scan([encoder.encode("ab€").subarray(0, 4)]).scanner.boundary).toBe(2);
  });
});

const piece = fc.oneof(
  fc.constantFrom(
    "\x1b[1;31m",
    "\x1b]0;title\x07",
    "\x1b]7;file:///a%20b\x1b\\",
    "\x1b]133;C\x07",
    "\x1bP1$r0m\x1b\\",
    "\x1b(0",
    "\x1b7",
    "\u009b2J",
    "\u009d0;c1\u009c",
    "\x07",
    "\x1b",
    "\x18",
    "\x0e",
    "€",
    "👍",
  ),
  fc.string({ maxLength: 6 }),
);

test("splits anywhere change neither events nor boundary", () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 20 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      (parts, cuts) => {
        const bytes = encoder.encode(parts.join(""));
        const whole = scan([bytes]);
        const points = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort(
          (a, b) => a - b,
        );
        const chunks = [0, ...points].map((from, i) =>
          bytes.subarray(from, points[i] ?? bytes.length),
        );
        const split = scan(chunks);
        expect(split.events).toEqual(whole.events);
        expect(split.scanner.linearSince).toBe(whole.scanner.linearSince);
      },
    ),
    { numRuns: 500 },
  );
});

test("every single split point of a session with all kinds gives the same events", () => {
  const bytes = encoder.encode(
    "a\x1b]0;tïtle\x07b\x1b[?25l€\x1b]633;E;ls\x1b\\\u009b1m👍\x07\x1bPx\x1b\\\x1b(0z",
  );
  const whole = scan([bytes]).events;
  for (let cut = 0; cut <= bytes.length; cut++) {
    expect(scan([bytes.subarray(0, cut), bytes.subarray(cut)]).events).toEqual(whole);
  }
});
