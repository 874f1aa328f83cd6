import { describe, expect, it } from "vitest";
import { compileFilter, type Filterable, type FilterContext } from "../../../bus/filter/index.ts";

const base: Filterable = {
  record: 7,
  atMs: 100_000,
  source: "ui/1",
  destination: "terminal",
  kind: "request",
  subject: "terminal.resize",
  correlation: 12,
  epoch: 3,
  bytes: 64,
  lane: "data",
  waitMs: 0.1,
  status: "ok",
  trace: "4f2a91c000000000000000000000000a",
};
const noon = new Date(2026, 2, 12, 14, 2, 8).getTime();
const context: FilterContext = { nowMs: 105_000, epochMs: noon - 105_000 };

function takes(
  text: string,
  change: Partial<Filterable> = {},
  more: Partial<FilterContext> = {},
): boolean {
  const filter = compileFilter(text, "panel");
  if (!filter.ok) throw new Error(`${text}: ${filter.message} at ${filter.at}`);
  return filter.matches({ ...base, ...change }, { ...context, ...more });
}

function mistakeIn(text: string, place: "tap" | "panel" = "tap"): string {
  const filter = compileFilter(text, place);
  return filter.ok ? "no mistake" : `${filter.at}: ${filter.message}`;
}

describe("a filter", () => {
  it.each<[string, boolean, Partial<Filterable>]>([
    ["", true, {}],
    ["terminal", true, {}],
    ["RESIZE", true, {}],
    ["mcp", false, {}],
    ['"and"', false, {}],
    ["request", true, { subject: "a.b" }],
    ["dst = terminal and status = denied", true, { status: "bus/denied" }],
    ["dst = terminal and status = denied", false, {}],
    ["status = DOWN", true, { status: "bus/down" }],
    ["total > 50ms", true, { totalMs: 51 }],
    ["total > 50ms", false, { totalMs: 50 }],
    ["total > 50ms", false, {}],
    ["not total > 50ms", true, {}],
    ["total > 0.05s", true, { totalMs: 51 }],
    ["wait > work", true, { waitMs: 2, workMs: 1 }],
    ["wait > work", false, { waitMs: 2 }],
    ["wait >= 100us", true, {}],
    ['subject ~ "^mcp\\.call"', true, { subject: "mcp.call-tool" }],
    ['subject ~ "^mcp\\.call"', false, { subject: "mcpxcall" }],
    ["size >= 64KiB and src = keeper", true, { bytes: 65_536, source: "keeper" }],
    ["size >= 64KiB and src = keeper", false, { bytes: 65_535, source: "keeper" }],
    ["size = 64", true, {}],
    ["not kind = stream", true, {}],
    ["not kind = stream", false, { kind: "data" }],
    ["kind = call", true, { kind: "ack" }],
    ["trace = 4f2a91c0", true, {}],
    ["trace = 91c0", false, {}],
    ["dead and reason = expired", true, { status: "expired" }],
    ["dead and reason = expired", true, { kind: "dead", status: "bus/expired" }],
    ["dead", false, {}],
    ["time > -10s", true, {}],
    ["time > -4s", false, {}],
    ["time > 14:02:02.999", true, {}],
    ["time > 14:02:03", false, {}],
    ["time > 23:00", true, {}],
    ["has error", false, {}],
    ["has error", true, { status: "bus/internal" }],
    ["has stream", false, {}],
    ["stream = 12", true, { kind: "data" }],
    ["stream = 12", false, {}],
    ["process = ui/1", true, {}],
    ["process != ui/1", false, {}],
    ["process != keeper", true, {}],
    ["src = dst", true, { destination: "ui/1" }],
    ["epoch >= 3", true, {}],
    ["lane = control", false, {}],
    ["mcp or terminal and not ui", false, {}],
    ["mcp or (terminal and not keeper)", true, {}],
    ["terminal or mcp and mcp", true, {}],
    ["(terminal or mcp) and mcp", false, {}],
  ])("%s takes: %s", (text, expected, change) => {
    expect(takes(text, change)).toBe(expected);
  });

  it("asks the context for crashes and payloads", () => {
    const inCrash = (item: Filterable, crash: string) => item.record === 7 && crash === "3";
    expect(takes("crash = 3", {}, { inCrash })).toBe(true);
    expect(takes("crash = 4", {}, { inCrash })).toBe(false);
    expect(takes("crash = 3")).toBe(false);
    const payload = () => ({ path: "/home/a/.env", size: 10, deep: { list: ["x"] }, big: 12n });
    expect(takes('payload.path ~ "\\.env$"', {}, { payload })).toBe(true);
    expect(takes("payload.size > 9", {}, { payload })).toBe(true);
    expect(takes("payload.big = 12", {}, { payload })).toBe(true);
    expect(takes("payload.deep.list.0 = x", {}, { payload })).toBe(true);
    expect(takes("payload.constructor = x or has payload.toString", {}, { payload })).toBe(false);
    expect(takes("has payload.path", {}, { payload })).toBe(true);
    expect(takes("has payload.path")).toBe(false);
  });

  it.each<[string, string]>([
    ["total > 50", "8: a time needs a unit: us, ms or s"],
    ["total > 50m", "8: a time needs a unit: us, ms or s"],
    ["total > soon", '8: "soon" is no time: write 50ms or 1.5s'],
    ["size > 1kb", "7: a size has the unit B, KiB or MiB"],
    ["time > 10s", "7: a time to come: write -10s for so long ago"],
    ["time > 25:00", '7: "25:00" is no time of day'],
    ["stream = x", '9: "x" is no whole number'],
    ["totle > 5ms", '0: there is no field "totle": did you mean "total"?'],
    ["src > a", '0: "src" is a text: compare it with =, != or ~'],
    ["size ~ a", '0: "size" is a number: compare it with =, !=, <, <=, > or >='],
    ["lane = fast", '7: there is no lane "fast": data or control'],
    ["trace = zz", '8: "zz" is no trace: 1 to 32 digits of 0-9a-f'],
    ["a b", '2: "and" or "or" is missing before "b"'],
    ["a and", "5: a word, a field or a bracket is missing here"],
    ["a and or b", '6: a word or a field is missing before "or"'],
    ["(a", '2: a ")" is missing here'],
    ["a)", '1: this ")" has no partner'],
    ["= a", "0: a field is missing before ="],
    ["src =", "5: a value is missing after ="],
    ["src == a", "5: == is no operator"],
    ["src ! a", '4: "!" alone means nothing: use != or not'],
    ['subject ~ "(a"', "11: this group is never closed"],
    ['subject ~ "a', "10: this quote is never closed"],
    ["has", '3: a field is missing after "has"'],
    ["has crash", "4: a crash needs its number: crash = 3"],
    ["crash > 3", '0: "crash" is compared with = or !='],
    [
      "payload.a = 1",
      "0: payloads are decoded in the panel only: a tap can filter by the other fields",
    ],
    ['""', "0: an empty text is in everything: leave it away"],
  ])("%s is refused: %s", (text, expected) => {
    expect(mistakeIn(text)).toBe(expected);
  });

  it("is bounded in length, depth and regular expressions", () => {
    expect(mistakeIn("a".repeat(2001))).toBe(
      "2000: a filter has at most 2000 characters, this one has 2001",
    );
    expect(mistakeIn(`${"(".repeat(51)}a${")".repeat(51)}`)).toContain("at most 50 deep");
    expect(mistakeIn(`${"(".repeat(50)}a${")".repeat(50)}`)).toBe("no mistake");
    expect(mistakeIn(`subject ~ "${"a".repeat(201)}"`)).toContain("at most 200 characters");
    expect(mistakeIn('subject ~ "((a{100}){100}){100}"')).toContain("over 1000 states");
    expect(mistakeIn('subject ~ "(((){999}){999}){999}"')).toBe("no mistake");
  });

  it("names the fields it looks at", () => {
    const filter = compileFilter("wait > work or has trace");
    expect(filter.ok && [...filter.uses]).toEqual(["wait", "work", "trace"]);
  });
});
