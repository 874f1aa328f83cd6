import { describe, expect, it } from "vitest";
import { compileTapFilter, completeFilter, type Filterable } from "../../../bus/filter/index.ts";

const seen = {
  processes: ["hub", "terminal", "ui/1"],
  subjects: ["terminal.resize", "terminal.list"],
  statuses: ["ok", "bus/denied"],
};

function proposals(text: string, caret = text.length): readonly string[] {
  return completeFilter(text, caret, seen).proposals.map((each) => each.text);
}

describe("completing a filter", () => {
  it("proposes fields, words and names at the start of a term", () => {
    expect(proposals("to")).toEqual(["total"]);
    expect(proposals("term")).toEqual(["terminal", "terminal.resize", "terminal.list"]);
    expect(proposals("mcp and s")).toContain("subject");
    expect(proposals("(n")).toContain("not");
  });

  it("proposes operators after a field and values after an operator", () => {
    expect(proposals("src ")).toEqual(["=", "!=", "~", "and", "or"]);
    expect(proposals("total ")).toEqual([">", ">=", "<", "<=", "=", "!=", "and", "or"]);
    expect(proposals("dst = t")).toEqual(["terminal"]);
    expect(proposals("status = den")).toEqual(
      ["bus/denied", "denied"].sort((a) => (a === "denied" ? -1 : 1)),
    );
    expect(proposals("lane = ")).toEqual(["data", "control"]);
    expect(proposals("has e")).toContain("error");
  });

  it("proposes how to go on after a whole term", () => {
    expect(proposals("dst = hub ")).toEqual(["and", "or"]);
    expect(proposals("(a) ")).toEqual(["and", "or"]);
  });

  it("replaces the word the caret stands in", () => {
    expect(completeFilter("src = hu and x", 8, seen)).toMatchObject({ from: 6, to: 8 });
    expect(completeFilter("src = hu and x", 7, seen)).toMatchObject({ from: 6, to: 8 });
  });

  it("proposes nothing inside an open quote", () => {
    expect(proposals('subject ~ "ab ')).toEqual([]);
  });
});

describe("the filter of a tap", () => {
  const context = { nowMs: 0, epochMs: 0 };
  const frame = (kind: string, atMs: number, correlation = 1): Filterable => {
    const back = kind === "ack" || kind === "reply" || kind === "error";
    return {
      record: atMs,
      atMs,
      kind,
      correlation,
      subject: "terminal.list",
      epoch: 1,
      bytes: 50,
      lane: "data",
      source: back ? "terminal" : "ui/1",
      destination: back ? "ui/1" : "terminal",
      waitMs: 0,
      status: "ok",
      trace: "",
    };
  };

  it("knows the times of a call on the frame that answers it", () => {
    const filter = compileTapFilter("total >= 60ms and work >= 50ms");
    if (!filter.ok) throw new Error(filter.message);
    const taken = [
      frame("request", 0, 1),
      frame("request", 1, 2),
      frame("ack", 5, 2),
      frame("ack", 10, 1),
      frame("reply", 20, 2),
      frame("reply", 60, 1),
      frame("reply", 90, 1),
    ].filter((each) => filter.take(each, context));
    expect(taken.map((each) => each.atMs)).toEqual([60]);
  });

  it("says what is wrong with its text", () => {
    expect(compileTapFilter("total > 50")).toEqual({
      ok: false,
      at: 8,
      message: "a time needs a unit: us, ms or s",
    });
  });
});
