import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeValue } from "../../../bus/codec.ts";
import type { FrameRecord } from "../../../bus/contracts/hub.ts";
import type { TrafficRow } from "../../../ui/state/traffic-row.ts";
import { type TrafficChoice, TrafficStore } from "../../../ui/state/traffic-store.ts";
import { answered, asked, frame, received } from "./frames.ts";

const all: TrafficChoice = {
  filter: "",
  calls: true,
  events: true,
  streams: true,
  control: false,
  everyFrame: false,
};

function storeOf(
  frames: readonly FrameRecord[],
  sizes = { rows: 100, frames: 100, control: 10 },
): TrafficStore {
  const store = new TrafficStore(() => 1_000_000, sizes);
  store.begin({ epochMs: 500_000, hubEpoch: 1 }, "ui/9");
  store.take({ missed: 0, total: frames.length, records: [...frames] });
  return store;
}

function rowsOf(store: TrafficStore): readonly TrafficRow[] {
  return store.look({ from: 0, count: 500 }).rows;
}

describe("the traffic store", () => {
  it("folds a call into one row with its times and bytes", () => {
    const store = storeOf([
      asked(7, 10, { bytes: 64 }),
      received(7, 10.5),
      answered(7, 21.5, { bytes: 18 }),
    ]);
    expect(rowsOf(store)).toHaveLength(1);
    expect(rowsOf(store)[0]).toMatchObject({
      type: "call",
      kind: "call",
      source: "ui/1",
      destination: "terminal",
      subject: "terminal.list",
      sentBytes: 64,
      backBytes: 18,
      waitMs: 0.5,
      workMs: 11,
      totalMs: 11.5,
      status: "ok",
      atMs: 500_010,
    });
  });

  it("shows a call without an answer as open and one that failed with its code", () => {
    const store = storeOf([
      asked(1, 0),
      asked(2, 1),
      answered(2, 3, { kind: "error", status: "bus/down" }),
      asked(3, 4),
      frame({ kind: "cancel", correlation: 3, atMs: 5 }),
    ]);
    expect(rowsOf(store).map((row) => [row.status, row.totalMs])).toEqual([
      ["open", null],
      ["bus/down", 2],
      ["bus/cancelled", 1],
    ]);
  });

  it("joins a refused request with the error that was recorded before it", () => {
    const store = storeOf([
      frame({
        kind: "error",
        source: "hub",
        destination: "ui/1",
        subject: "",
        correlation: 3,
        bytes: 94,
        status: "bus/no-such-actor",
      }),
      asked(3, 0, {
        destination: "hub",
        subject: "nothing.here",
        bytes: 81,
        status: "no-such-actor",
      }),
    ]);
    expect(rowsOf(store)).toHaveLength(1);
    expect(rowsOf(store)[0]).toMatchObject({
      type: "call",
      source: "ui/1",
      destination: "hub",
      subject: "nothing.here",
      status: "no-such-actor",
      sentBytes: 81,
      backBytes: 94,
    });
    store.choose({ ...all, filter: "dead and reason = no-such-actor" });
    expect(rowsOf(store)).toHaveLength(1);
  });

  it("counts the time a request waited in the hub before it left it", () => {
    const store = storeOf([asked(1, 30, { waitMs: 20 }), received(1, 31), answered(1, 35)]);
    expect(rowsOf(store)[0]).toMatchObject({ waitMs: 21, workMs: 4, totalMs: 25 });
  });

  it("gives an answer and stream data that did not arrive a row of their own", () => {
    const store = storeOf([
      answered(9, 1, { status: "stale-epoch" }),
      frame({ kind: "data", correlation: 4, status: "no-such-stream" }),
    ]);
    expect(rowsOf(store).map((row) => [row.kind, row.status])).toEqual([
      ["reply", "stale-epoch"],
      ["data", "no-such-stream"],
    ]);
  });

  it("tells calls of two callers with the same number apart", () => {
    const store = storeOf([
      asked(1, 0),
      asked(1, 1, { source: "cli/2" }),
      answered(1, 5, { destination: "cli/2" }),
    ]);
    expect(rowsOf(store).map((row) => row.status)).toEqual(["open", "ok"]);
  });

  it("counts the bytes of a stream both ways in one row until both sides ended", () => {
    const stream = { subject: "", correlation: 4 };
    const back = { ...stream, source: "terminal", destination: "ui/1" };
    const frames = [
      frame({ kind: "open", correlation: 4, subject: "terminal.attach", opener: true, bytes: 10 }),
      frame({ ...back, kind: "credit" }),
      frame({ ...back, kind: "data", bytes: 1_000 }),
      frame({ ...stream, kind: "data", opener: true, bytes: 3 }),
      frame({ ...back, kind: "end", bytes: 40, atMs: 8 }),
    ];
    const store = storeOf(frames);
    expect(rowsOf(store)).toHaveLength(1);
    expect(rowsOf(store)[0]).toMatchObject({
      type: "stream",
      status: "open",
      sentBytes: 13,
      backBytes: 1_040,
    });
    store.take({
      missed: 0,
      total: 0,
      records: [frame({ ...stream, kind: "end", opener: true, bytes: 40, atMs: 9 })],
    });
    expect(rowsOf(store)[0]).toMatchObject({ status: "ok", totalMs: 9, sentBytes: 53 });
  });

  it("gives a stream that was open before a row from its opener's side", () => {
    const store = storeOf([
      frame({
        kind: "data",
        source: "terminal",
        destination: "ui/1",
        correlation: 9,
        subject: "",
        bytes: 70,
      }),
      frame({
        kind: "reset",
        source: "terminal",
        destination: "ui/1",
        correlation: 9,
        subject: "",
        status: "bus/down",
        bytes: 50,
      }),
    ]);
    expect(rowsOf(store)[0]).toMatchObject({
      source: "ui/1",
      destination: "terminal",
      sentBytes: 0,
      backBytes: 120,
      status: "bus/down",
    });
  });

  it("hides and counts control, and lists it on request in the order of time", () => {
    const store = storeOf([
      frame({ kind: "ping", atMs: 1 }),
      frame({ atMs: 2 }),
      frame({ kind: "subscribe", atMs: 3 }),
      frame({ atMs: 4 }),
    ]);
    expect(store.look({ from: 0, count: 9 })).toMatchObject({ matched: 2, control: 2 });
    store.choose({ ...all, control: true });
    expect(rowsOf(store).map((row) => row.kind)).toEqual(["ping", "event", "subscribe", "event"]);
    store.choose({ ...all, everyFrame: true });
    expect(rowsOf(store)).toHaveLength(4);
    store.choose({ ...all, events: false });
    expect(rowsOf(store)).toHaveLength(0);
  });

  it("leaves out what the panel itself asks, not what a person does with it", () => {
    const store = storeOf([
      frame({ source: "ui/9", destination: "hub", subject: "hub.record.payload", kind: "request" }),
      frame({ source: "hub", destination: "ui/9", subject: "hub.processes" }),
      frame({ source: "ui/9", destination: "hub", subject: "hub.processes.act", kind: "request" }),
      frame({ source: "ui/1", destination: "hub", subject: "hub.record.payload", kind: "request" }),
    ]);
    expect(rowsOf(store).map((row) => row.subject)).toEqual([
      "hub.processes.act",
      "hub.record.payload",
    ]);
  });

  it("takes a row into the filter when its answer comes, at its place", () => {
    const store = storeOf([asked(1, 0), asked(2, 1), asked(3, 2), answered(3, 90)]);
    store.choose({ ...all, filter: "total > 50ms" });
    expect(rowsOf(store).map((row) => row.correlation)).toEqual([3]);
    store.take({ missed: 0, total: 0, records: [answered(2, 20), answered(1, 99)] });
    expect(rowsOf(store).map((row) => row.correlation)).toEqual([1, 3]);
    expect(store.look({ from: 0, count: 1 })).toMatchObject({ matched: 2, kept: 3 });
  });

  it("compares times with its own clock", () => {
    const store = storeOf([
      frame({ atMs: 480_000, subject: "old.one" }),
      frame({ atMs: 495_000, subject: "new.one" }),
    ]);
    store.choose({ ...all, filter: "time > -10s" });
    expect(rowsOf(store).map((row) => row.subject)).toEqual(["new.one"]);
  });

  it("shows no row twice or wrongly when one of two tables is overwritten faster", () => {
    const store = storeOf([], { rows: 50, frames: 5, control: 3 });
    store.choose({ ...all, control: true });
    for (let index = 0; index < 20; index++) {
      store.take({
        missed: 0,
        total: 0,
        records: [
          frame({ atMs: index, subject: `a.b${index}` }),
          frame({ kind: "ping", atMs: index, subject: `p.${index}` }),
        ],
      });
      store.look({ from: 0, count: 1 });
    }
    const listed = rowsOf(store)
      .filter((row) => row.type === "control")
      .map((row) => row.subject);
    expect(listed).toEqual(["p.17", "p.18", "p.19"]);
    expect(rowsOf(store)).toHaveLength(23);
  });

  it("keeps the last good filter when a new one has a mistake", () => {
    const store = storeOf([frame({ subject: "a.b" }), frame({ subject: "c.d" })]);
    store.choose({ ...all, filter: "a.b" });
    expect(store.choose({ ...all, filter: "total > 50" })).toMatchObject({ at: 8 });
    expect(store.choose({ ...all, filter: "c and payload.x = 1" })).toMatchObject({ at: 6 });
    expect(rowsOf(store)).toHaveLength(1);
  });

  it("overwrites the oldest rows and says how many left the list", () => {
    const store = storeOf([], { rows: 5, frames: 5, control: 5 });
    for (let index = 0; index < 12; index++) {
      store.take({ missed: 3, total: 0, records: [frame({ subject: `a.b${index}` })] });
      store.look({ from: "end", count: 2 });
    }
    const look = store.look({ from: "end", count: 2 });
    expect(look).toMatchObject({ from: 3, matched: 5, removed: 7, kept: 5, missed: 3 });
    expect(look.rows.map((row) => row.subject)).toEqual(["a.b10", "a.b11"]);
  });

  it("counts what comes while held and is full when paused rows would be overwritten", () => {
    const store = storeOf([], { rows: 8, frames: 8, control: 8 });
    const more = () => store.take({ missed: 0, total: 0, records: [frame({})] });
    for (let index = 0; index < 6; index++) more();
    store.hold("paused");
    for (let index = 0; index < 4; index++) more();
    expect(store.isFull).toBe(false);
    more();
    expect(store.isFull).toBe(true);
    expect(store.look({ from: "end", count: 9 })).toMatchObject({ newer: 5, matched: 3 });
    store.hold("following");
    expect(store.isFull).toBe(false);
    expect(store.look({ from: "end", count: 9 })).toMatchObject({ newer: 0, matched: 8 });
  });

  it("sorts what is listed, unknown times last, and goes back to time", () => {
    const store = storeOf([asked(1, 0), asked(2, 1), asked(3, 2), answered(3, 4), answered(1, 9)]);
    store.sort({ column: "total", direction: "down" });
    expect(rowsOf(store).map((row) => row.correlation)).toEqual([1, 3, 2]);
    store.take({ missed: 0, total: 0, records: [asked(4, 10)] });
    expect(store.look({ from: 0, count: 9 })).toMatchObject({ matched: 3, newer: 1 });
    store.sort({ column: "total", direction: "up" });
    expect(rowsOf(store).map((row) => row.correlation)).toEqual([3, 1, 2, 4]);
    store.sort(null);
    expect(rowsOf(store).map((row) => row.correlation)).toEqual([1, 2, 3, 4]);
  });

  it("counts no frame from before the tap as a rate of now", () => {
    const store = new TrafficStore(() => 1_000_000);
    store.begin({ epochMs: 500_000, hubEpoch: 1 }, "ui/9", 500_100);
    store.take({ missed: 0, total: 2, records: [frame({ atMs: 50 }), frame({ atMs: 99 })] });
    expect(store.look({ from: "end", count: 1 })).toMatchObject({ kept: 2, framesPerSecond: 0 });
    store.take({ missed: 0, total: 3, records: [frame({ atMs: 100 }), frame({ atMs: 101 })] });
    expect(store.look({ from: "end", count: 1 }).framesPerSecond).toBe(1);
  });

  it("does not take frames twice after a reconnect and ends what a lost hub left open", () => {
    const first = asked(1, 0);
    const store = storeOf([first]);
    store.begin({ epochMs: 500_000, hubEpoch: 1 }, "ui/9");
    store.take({ missed: 0, total: 1, records: [first] });
    expect(rowsOf(store)).toHaveLength(1);
    store.begin({ epochMs: 600_000, hubEpoch: 2 }, "ui/9");
    store.take({ missed: 0, total: 1, records: [{ ...first, record: 1 }] });
    expect(rowsOf(store).map((row) => row.status)).toEqual(["bus/closed", "open"]);
  });

  it("lists the frames of a crash report by its number", () => {
    const store = storeOf([frame({})]);
    expect(
      store.addCrash("c-3", [frame({ subject: "x.y" }), { bad: true }, frame({ subject: "x.z" })]),
    ).toBe(2);
    expect(store.addCrash("c-3", [])).toBe(2);
    store.choose({ ...all, filter: "crash = c-3" });
    expect(rowsOf(store).map((row) => row.subject)).toEqual(["x.y", "x.z"]);
  });

  it("reads batches cut anywhere and refuses bytes that are none", () => {
    const body = encodeValue({ missed: 2, total: 1, records: [frame({ subject: "q.r" })] });
    const bytes = new Uint8Array(4 + body.length);
    new DataView(bytes.buffer).setUint32(0, body.length, true);
    bytes.set(body, 4);
    for (let cut = 0; cut <= bytes.length; cut++) {
      const store = storeOf([]);
      store.begin({ epochMs: 0, hubEpoch: 3 }, "");
      store.feed(bytes.slice(0, cut));
      store.feed(bytes.slice(cut));
      expect(store.look({ from: 0, count: 9 })).toMatchObject({ matched: 1, missed: 2 });
    }
    expect(() => storeOf([]).feed(Uint8Array.of(255, 255, 255, 255))).toThrow(
      "at most 8388608 bytes",
    );
    expect(() => storeOf([]).feed(Uint8Array.of(1, 0, 0, 0, 5))).toThrow("not an object");
  });
});

describe("any list", () => {
  it("is what looking at every row again would give", () => {
    const step = fc.oneof(
      fc.record({ type: fc.constant("ask" as const), correlation: fc.nat(5) }),
      fc.record({ type: fc.constant("answer" as const), correlation: fc.nat(5), ms: fc.nat(100) }),
      fc.record({ type: fc.constant("event" as const) }),
      fc.record({ type: fc.constant("look" as const) }),
      fc.record({
        type: fc.constant("hold" as const),
        state: fc.constantFrom("held" as const, "following" as const),
      }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(20), (steps, rows) => {
        const sizes = { rows: 4 + rows, frames: 4, control: 4 };
        const store = storeOf([], sizes);
        const choice = { ...all, filter: "total > 40ms or kind = event" };
        store.choose(choice);
        for (const [at, each] of steps.entries()) {
          if (each.type === "look") store.look({ from: "end", count: 5 });
          else if (each.type === "hold") store.hold(each.state);
          else store.take({ missed: 0, total: 0, records: [toFrame(each, at)] });
        }
        store.hold("following");
        const listed = rowsOf(store).map((row) => row.entry);
        store.choose(choice);
        expect(listed).toEqual(rowsOf(store).map((row) => row.entry));
      }),
      { numRuns: 500 },
    );
  });
});

function toFrame(
  step: { type: "ask" | "answer" | "event"; correlation?: number; ms?: number },
  at: number,
): FrameRecord {
  const correlation = step.correlation ?? 0;
  if (step.type === "ask") return asked(correlation, at);
  return step.type === "answer" ? answered(correlation, at + (step.ms ?? 0)) : frame({ atMs: at });
}
