import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { inTreeOrder } from "../../../bus/cli/commands/ps.ts";
import { BatchReader } from "../../../bus/cli/commands/tap.ts";
import { Exit, explainFailure, usageError } from "../../../bus/cli/exit.ts";
import { helpLines } from "../../../bus/cli/help.ts";
import { toJsonLine } from "../../../bus/cli/json.ts";
import { formatBytes, formatSpan, renderTable } from "../../../bus/cli/table.ts";
import { encodeValue } from "../../../bus/codec.ts";
import type { FrameRecord, ProcessRow } from "../../../bus/contracts/hub.ts";
import { BusError } from "../../../bus/errors.ts";

describe("a table", () => {
  it("stands in columns and leaves no spaces at line ends", () => {
    const columns = [
      { head: "NAME", align: "left" },
      { head: "PID", align: "right" },
      { head: "END", align: "left" },
    ] as const;
    const rows = [
      ["terminal", "7", "signal SIGKILL"],
      ["hub", "12345", ""],
    ];
    expect(renderTable(columns, rows)).toEqual([
      "NAME        PID  END",
      "terminal      7  signal SIGKILL",
      "hub       12345",
    ]);
  });

  it.each([
    [null, "-"],
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KB"],
    [64_000_000, "61 MB"],
    [3.2 * 1024 ** 3, "3.2 GB"],
  ])("writes %s bytes as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [null, "-"],
    [12.4, "12 ms"],
    [119_999, "119 s"],
    [120_000, "2 min"],
    [2 * 3_600_000 + 60_000, "2 h 1 min"],
    [50 * 3_600_000, "2 d 2 h"],
  ])("writes %s ms as %s", (ms, text) => {
    expect(formatSpan(ms)).toBe(text);
  });
});

describe("ps", () => {
  const row = (name: string, parent: string): ProcessRow =>
    ({ name, parent }) as Partial<ProcessRow> as ProcessRow;
  const order = (...rows: ProcessRow[]) =>
    inTreeOrder(rows).map(({ row: { name }, depth }) => `${depth} ${name}`);

  it("puts children below their parents", () => {
    const rows = [row("terminal", "hub"), row("root", ""), row("hub", "root"), row("cli/1", "hub")];
    expect(order(...rows)).toEqual(["0 root", "1 hub", "2 terminal", "2 cli/1"]);
  });

  it("shows each process once, whatever their parents say", () => {
    const name = fc.constantFrom("a", "b", "c", "d", "");
    const rows = fc.uniqueArray(fc.record({ name, parent: name }), { selector: (r) => r.name });
    fc.assert(
      fc.property(rows, (some) => {
        const placed = inTreeOrder(some.map((r) => row(r.name, r.parent)));
        expect(placed.map((p) => p.row.name).sort()).toEqual(some.map((r) => r.name).sort());
      }),
    );
  });
});

describe("JSON", () => {
  it("writes bytes, big integers and nothing in a readable form", () => {
    expect(toJsonLine({ a: new Uint8Array([1, 2]), b: 2n ** 60n })).toBe(
      '{"a":{"base64":"AQI="},"b":"1152921504606846976"}',
    );
    expect(toJsonLine(undefined)).toBe("null");
  });
});

describe("failures", () => {
  it.each([
    [new BusError("bus/denied", "no"), Exit.denied],
    [new BusError("bus/unauthorized", "no"), Exit.denied],
    [new BusError("bus/expired", "late"), Exit.deadline],
    [new BusError("bus/down", "gone"), Exit.failed],
    [new BusError("terminal/no-such-session", "gone"), Exit.failed],
    [usageError("unknown command: x"), Exit.usage],
    [new TypeError("bug"), Exit.failed],
    ["text", Exit.failed],
  ])("%s ends with its code", (error, exit) => {
    expect(explainFailure(error).exit).toBe(exit);
  });

  it("show the code of the bus beside the words", () => {
    expect(explainFailure(new BusError("bus/down", "terminal ended")).message).toBe(
      "terminal ended (bus/down)",
    );
  });
});

describe("the help", () => {
  it("says of each later command that it is not built yet", () => {
    const help = helpLines();
    expect(help.find((line) => line.includes("capture"))).toContain("(not built yet)");
    expect(help.find((line) => line.startsWith("  ps"))).toBe("  ps");
  });
});

describe("batches of a tap", () => {
  const record: FrameRecord = {
    record: 1,
    atMs: 2,
    source: "cli/1",
    destination: "hub",
    kind: "request",
    subject: "hub.info",
    correlation: 1,
    opener: false,
    epoch: 1,
    bytes: 90,
    lane: "data",
    waitMs: 0,
    status: "ok",
    trace: "",
    capture: "normal",
    payloadBytes: 10,
  };
  const bytesOf = (...sizes: number[]): Uint8Array =>
    Buffer.concat(
      sizes.flatMap((size) => {
        const value = { missed: 0, total: size, records: Array<FrameRecord>(size).fill(record) };
        const body = encodeValue(value);
        const head = Buffer.alloc(4);
        head.writeUInt32LE(body.byteLength);
        return [head, body];
      }),
    );

  it("are found at every split point", () => {
    const bytes = bytesOf(1, 0, 3);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const reader = new BatchReader();
      const batches = [...reader.push(bytes.subarray(0, cut)), ...reader.push(bytes.subarray(cut))];
      expect(batches.map((batch) => batch.records.length)).toEqual([1, 0, 3]);
    }
  });

  it("are refused over the bound of a tap's queue before they are buffered", () => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE(4 * 1024 * 1024 + 1);
    expect(() => new BatchReader().push(head)).toThrow("4194305 bytes, at most 4194304");
  });
});
