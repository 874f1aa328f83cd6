import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileFilter } from "../../../bus/filter/index.ts";
import type { TrafficRow } from "../../../ui/state/traffic-row.ts";
import {
  ROW_PIXELS,
  scrollHeight,
  scrollTopOf,
  topRow,
  topToShow,
} from "../../../ui/state/traffic-scroll.ts";
import {
  addTerm,
  barLength,
  bytesWords,
  cellFilter,
  type FilterCell,
  methodWords,
  msWords,
  resultTone,
  resultWords,
  sentBackWords,
  timeWords,
} from "../../../ui/state/traffic-words.ts";
import { hexLines } from "../../../ui/views/debug/hex-lines.ts";
import { columnsFor } from "../../../ui/views/debug/traffic-columns.ts";

const call: TrafficRow = {
  entry: 0,
  type: "call",
  record: 1,
  answerRecord: 2,
  hubEpoch: 1,
  atMs: new Date(2026, 2, 12, 14, 2, 8, 118).getTime(),
  deltaMs: null,
  source: "ui/1",
  destination: "terminal",
  kind: "call",
  subject: "terminal.resize",
  correlation: 12,
  epoch: 1,
  lane: "data",
  sentBytes: 64,
  backBytes: 18,
  waitMs: 0.1,
  workMs: 11,
  totalMs: 11.1,
  status: "bus/down",
  trace: "4f2a91c0000000000000000000000001",
  mask: "none",
};

describe("words of the Traffic list", () => {
  it.each<[number | null, string]>([
    [null, ""],
    [0, "0"],
    [0.004, "0"],
    [0.1, "0.1"],
    [0.012, "0.01"],
    [11.06, "11.1"],
    [99.96, "100"],
    [120.4, "120"],
    [3400, "3,400"],
  ])("%s ms is %s", (ms, words) => expect(msWords(ms)).toBe(words));

  it.each<[number, string]>([
    [64, "64 B"],
    [999, "999 B"],
    [1_024, "1.0 KB"],
    [49_152, "48 KB"],
    [3_250_586, "3.1 MB"],
    [2 ** 31, "2.0 GB"],
  ])("%s bytes are %s", (bytes, words) => expect(bytesWords(bytes)).toBe(words));

  it("are those of the specification for a call that failed", () => {
    expect(timeWords(call.atMs)).toBe("14:02:08.118");
    expect(sentBackWords(call)).toBe("64 B / 18 B");
    expect([methodWords(call), resultWords(call), resultTone(call)]).toEqual([
      "terminal.resize",
      "DOWN",
      "error",
    ]);
    expect(resultWords({ ...call, status: "bus/denied" })).toBe("denied");
    expect(resultTone({ ...call, status: "open" })).toBe("plain");
    expect(resultTone({ ...call, status: "bus/expired" })).toBe("warn");
    expect(methodWords({ ...call, type: "stream", subject: "" })).toBe("stream 12");
    expect(methodWords({ ...call, type: "frame", kind: "ack" })).toBe("ack terminal.resize");
  });

  it("make filters of cells that compile and take their own row", () => {
    const cells: FilterCell[] = ["from", "to", "method", "result", "time", "total", "trace"];
    const context = { nowMs: call.atMs + 1_000, epochMs: 0 };
    const row = { ...call, bytes: 82, waitMs: 0.1, workMs: 11, totalMs: 11.1 };
    for (const cell of cells) {
      const filter = compileFilter(cellFilter(call, cell) ?? "");
      expect([cell, filter.ok && filter.matches(row, context)]).toEqual([cell, true]);
      const without = compileFilter(addTerm("a or ui", cellFilter(call, cell) ?? "", "not"));
      expect([cell, without.ok && without.matches(row, context)]).toEqual([cell, false]);
    }
    expect(addTerm("", "src = hub", "only")).toBe("src = hub");
    expect(addTerm("terminal", "src = hub", "only")).toBe("terminal and src = hub");
  });

  it("show bytes sixteen a line with their characters", () => {
    const bytes = new TextEncoder().encode("hi, this is a frame\u0001");
    expect(hexLines(bytes)).toEqual([
      "0000  68 69 2c 20 74 68 69 73  20 69 73 20 61 20 66 72  hi, this is a fr",
      `0010  61 6d 65 01  ${" ".repeat(35)}  ame.`,
    ]);
    expect(hexLines(new Uint8Array())).toEqual([]);
  });

  it("give a bar of full length for ten seconds and a visible one for nothing", () => {
    expect([barLength(0), barLength(0.1), barLength(10_000), barLength(1e9)]).toEqual([
      0.02, 0.02, 1, 1,
    ]);
  });
});

describe("the columns", () => {
  it.each<[number, number]>([
    [620, 5],
    [880, 9],
    [1_180, 11],
  ])("at %s pixels are %s", (width, count) => {
    const columns = columnsFor(width);
    expect(columns).toHaveLength(count);
    expect(
      columns.reduce((sum, column) => sum + (column.width === 0 ? 130 : column.width), 0),
    ).toBeLessThanOrEqual(width);
  });
});

describe("the scroller", () => {
  it("goes from a row to its place and back at any length, within what browsers can scroll", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (rows, part) => {
          const view = 330;
          const last = Math.max(0, rows - view / ROW_PIXELS);
          const row = part * last;
          expect(scrollHeight(rows)).toBeLessThanOrEqual(8_000_000);
          expect(topRow(scrollTopOf(row, view, rows), view, rows)).toBeCloseTo(row, 3);
        },
      ),
    );
    expect(topRow(0, 330, 3)).toBe(0);
  });

  it("moves as little as it can to show a row", () => {
    expect(topToShow(5, 10, 220)).toBe(5);
    expect(topToShow(12, 10, 220)).toBe(10);
    expect(topToShow(25, 10, 220)).toBe(16);
  });
});
