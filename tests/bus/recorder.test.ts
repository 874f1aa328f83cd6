import { describe, expect, test } from "vitest";
import { SimulatedClock } from "../../bus/clock.ts";
import { decodeValue, encodeValue } from "../../bus/codec.ts";
import * as hub from "../../bus/contracts/hub.ts";
import { writeExtension } from "../../bus/extension.ts";
import { type Frame, type HeaderFields, makeFrame } from "../../bus/frame.ts";
import {
  RECORDER_PAYLOAD_SNAP_BYTES,
  RECORDER_STREAM_SNAP_BYTES,
  TAPS_MAX,
} from "../../bus/limits.ts";
import type { BusStream } from "../../bus/peer.ts";
import { Flag, Kind } from "../../bus/protocol.ts";
import { Recorder } from "../../bus/recorder.ts";
import { serveRecorder } from "../../bus/tap.ts";
import { anyMethod, anyStream, errorOf, settled, testHub } from "./harness.ts";

const note = { nowMs: 5, waitMs: 0.25 };

function recorderOf(sizes = { headers: 72 * 100, payloads: 20_000, streams: 2_000 }) {
  const clock = new SimulatedClock();
  const recorder = new Recorder({
    clock,
    sizes,
    names: { peer: (id) => `p${id}`, subject: (id) => (id === 0 ? "" : `s${id}.x`) },
  });
  return { clock, recorder };
}

function frameOf(fields: Partial<HeaderFields>, payload: Uint8Array = new Uint8Array(0)): Frame {
  return makeFrame(
    { kind: Kind.request, source: 1, destination: 2, ...fields },
    new Uint8Array(0),
    [payload],
  );
}

describe("the recorder", () => {
  test("keeps every field of a header", () => {
    const { recorder } = recorderOf();
    const trace = Uint8Array.from({ length: 24 }, (_, index) => index + 1);
    const fields = {
      kind: Kind.data,
      flags: Flag.opener,
      codecLane: 17,
      source: 3,
      destination: 4,
      correlation: 9,
      name: 7,
      epoch: 6,
    } as const;
    recorder.onSent(makeFrame(fields, writeExtension({ trace }), [new Uint8Array(10)]), 4, note);
    expect(recorder.read(0)).toEqual({
      record: 0,
      atMs: 5,
      source: "p3",
      destination: "p4",
      kind: "data",
      subject: "s7.x",
      correlation: 9,
      opener: true,
      epoch: 6,
      bytes: 76,
      lane: "control",
      waitMs: 0.25,
      status: "ok",
      trace: "0102030405060708090a0b0c0d0e0f10",
      capture: "normal",
      payloadBytes: 10,
    });
  });

  test("overwrites the oldest header and says which is the oldest left", () => {
    const { recorder } = recorderOf();
    for (let count = 0; count < 250; count++)
      recorder.onSent(frameOf({ correlation: count }), 2, note);
    expect([recorder.count, recorder.oldest]).toEqual([250, 150]);
    expect(recorder.read(149)).toBeUndefined();
    expect(recorder.read(150)?.correlation).toBe(150);
    expect(recorder.read(249)?.correlation).toBe(249);
    expect(recorder.read(250)).toBeUndefined();
  });

  test("keeps the first 4 KiB of a call and the first 128 bytes of stream data, whole or in slices", () => {
    const { recorder } = recorderOf();
    const bytes = Uint8Array.from({ length: 5_000 }, (_, index) => index);
    recorder.onSent(frameOf({}, bytes), 2, note);
    recorder.onSent(
      makeFrame({ kind: Kind.data, codecLane: 1 }, new Uint8Array(0), [
        bytes.subarray(0, 100),
        bytes.subarray(100, 1_000),
      ]),
      2,
      note,
    );
    expect(recorder.payload(0)).toEqual({
      payload: bytes.slice(0, RECORDER_PAYLOAD_SNAP_BYTES),
      codec: 0,
      wholeBytes: 5_000,
    });
    expect(recorder.payload(1)).toEqual({
      payload: bytes.slice(0, RECORDER_STREAM_SNAP_BYTES),
      codec: 1,
      wholeBytes: 1_000,
    });
  });

  test("a flood of stream data pushes no call's payload out", () => {
    const { recorder } = recorderOf({ headers: 72 * 1_000, payloads: 20_000, streams: 2_000 });
    recorder.onSent(frameOf({}, Uint8Array.of(1, 2, 3)), 2, note);
    for (let count = 0; count < 500; count++)
      recorder.onSent(frameOf({ kind: Kind.data }, new Uint8Array(1_000)), 2, note);
    expect(recorder.payload(0)?.payload).toEqual(Uint8Array.of(1, 2, 3));
    expect(recorder.payload(1)).toBeUndefined();
    expect(recorder.payload(500)?.payload.length).toBe(128);
  });

  test("an overwritten payload is gone, never somebody else's bytes", () => {
    const { recorder } = recorderOf({ headers: 72 * 1_000, payloads: 1_000, streams: 1_000 });
    for (let count = 0; count < 100; count++)
      recorder.onSent(frameOf({}, new Uint8Array(37).fill(count)), 2, note);
    let kept = 0;
    for (let record = 0; record < 100; record++) {
      const found = recorder.payload(record);
      if (found === undefined) continue;
      kept++;
      expect(found.payload).toEqual(new Uint8Array(37).fill(record));
    }
    expect(kept).toBeGreaterThanOrEqual(26);
  });

  test("never keeps a secret, and contents only while they are lifted", () => {
    const { clock, recorder } = recorderOf();
    const both = (): void => {
      recorder.onSent(frameOf({ flags: Flag.captureContent }, Uint8Array.of(1)), 2, {
        nowMs: clock.now(),
        waitMs: 0,
      });
      recorder.onSent(frameOf({ flags: Flag.captureSecret }, Uint8Array.of(2)), 2, {
        nowMs: clock.now(),
        waitMs: 0,
      });
    };
    both();
    recorder.liftContents(1_000);
    both();
    clock.advance(1_001);
    both();
    const kept = Array.from({ length: 6 }, (_, record) => recorder.payload(record) !== undefined);
    expect(kept).toEqual([false, false, true, false, false, false]);
    expect(recorder.read(1)?.capture).toBe("secret");
  });

  test("an error's status is its code, a dead letter's its reason", () => {
    const { recorder } = recorderOf();
    recorder.onSent(
      frameOf({ kind: Kind.error }, encodeValue({ code: "bus/down", message: "x" })),
      2,
      note,
    );
    const letter = {
      reason: "denied",
      kind: Kind.request,
      source: "a",
      destination: "b",
      subject: "c.d",
      correlation: 1,
      message: "",
    } as const;
    recorder.onDead(frameOf({}), letter, 6);
    expect([recorder.read(0)?.status, recorder.read(1)?.status]).toEqual(["bus/down", "denied"]);
  });

  test("the last frames of one peer are found, oldest first", () => {
    const { recorder } = recorderOf();
    for (let count = 0; count < 20; count++)
      recorder.onSent(frameOf({ correlation: count, source: count % 2 === 0 ? 1 : 3 }), 2, note);
    expect(recorder.lastFrames(3, 3).map(({ correlation }) => correlation)).toEqual([15, 17, 19]);
  });
});

describe("a tap", () => {
  async function tapped() {
    const clock = new SimulatedClock();
    const recorder: Recorder = new Recorder({
      clock,
      names: {
        peer: (id) => test.broker.nameOf(id),
        subject: (id) => test.broker.subjects.nameOf(id),
      },
    });
    const test = testHub({ clock, observer: recorder });
    const hubPeer = await test.broker.connectHub();
    const name = test.broker.subjects.intern("hub.tap");
    if (typeof name === "object") recorder.hide(name.id);
    serveRecorder(hubPeer, { recorder, clock, epochMs: 1_000, hubEpoch: 1 });
    const callee = await test.actor("callee");
    callee.peer.handle(anyMethod("callee.echo"), (input) => input);
    const caller = await test.actor("caller");
    const look = async (): Promise<void> => {
      clock.advance(60);
      await settled();
    };
    return { clock, recorder, hub: test, caller, look };
  }

  /** Reads batches, granting as they come. */
  function collect(stream: BusStream<unknown>): hub.TapBatch[] {
    const batches: hub.TapBatch[] = [];
    let rest = Buffer.alloc(0);
    stream.onChunk((chunk) => {
      stream.consumed(chunk.length);
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readUInt32LE(0)) {
        const end = 4 + rest.readUInt32LE(0);
        batches.push(decodeValue(new Uint8Array(rest.subarray(4, end))) as hub.TapBatch);
        rest = rest.subarray(end);
      }
    });
    return batches;
  }

  test("shows frames as they come, but never itself", async () => {
    const {
      hub: { edge },
      caller,
      look,
    } = await tapped();
    const ui = await edge();
    const batches = collect(await ui.open(hub.tap, { filter: "", past: false, count: 0 }));
    await caller.peer.request(anyMethod("callee.echo"), 1);
    await look();
    await look();
    const records = batches.flatMap((batch) => batch.records);
    expect(
      records.filter(({ subject }) => subject === "callee.echo").map(({ kind }) => kind),
    ).toEqual(["request", "reply"]);
    expect(records.some(({ subject }) => subject === "hub.tap")).toBe(false);
  });

  test("begins with the past when asked, filters, and ends after its count", async () => {
    const {
      hub: { edge },
      caller,
      look,
    } = await tapped();
    for (let count = 0; count < 5; count++)
      await caller.peer.request(anyMethod("callee.echo"), count);
    const ui = await edge();
    const stream = await ui.open(hub.tap, { filter: "kind = request", past: true, count: 3 });
    const batches = collect(stream);
    stream.end();
    await look();
    await stream.done;
    expect(
      batches.flatMap((batch) => batch.records).map(({ kind, source }) => [kind, source]),
    ).toEqual(Array.from({ length: 3 }, () => ["request", "caller"]));
  });

  test("catches up with the past at once, and with a flood in steps", async () => {
    const { clock, hub: test, caller } = await tapped();
    const flood = (): Promise<unknown> =>
      Promise.all(
        Array.from({ length: 1_500 }, (_, index) =>
          caller.peer.request(anyMethod("callee.echo"), index),
        ),
      );
    const pass = async (ms: number): Promise<number> => {
      clock.advance(ms);
      await settled();
      return batches.length;
    };
    await flood();
    const ui = await test.edge();
    const batches = collect(await ui.open(hub.tap, { filter: "", past: true, count: 0 }));
    await flood();
    const caughtUp = await pass(5);
    expect(caughtUp).toBeGreaterThan(1);
    expect(await pass(40)).toBe(caughtUp);
    expect(await pass(10)).toBe(caughtUp + 1);
  });

  test("refuses a filter with the column of its mistake", async () => {
    const {
      hub: { edge },
    } = await tapped();
    const ui = await edge();
    expect(
      await errorOf(ui.open(hub.tap, { filter: "kind = = x", past: false, count: 0 })),
    ).toMatchObject({ code: "hub/bad-filter", message: expect.stringMatching(/^column \d+: /) });
  });

  test("that does not read blocks nobody and counts what it misses", async () => {
    const {
      clock,
      hub: { edge },
      caller,
      recorder,
      look,
    } = await tapped();
    const ui = await edge();
    const stream = await ui.open(
      hub.tap,
      { filter: "", past: false, count: 0 },
      { windowBytes: 1 },
    );
    const held: Uint8Array[] = [];
    stream.onChunk((chunk) => held.push(chunk));
    for (let round = 0; round < 60; round++) {
      await Promise.all(
        Array.from({ length: 400 }, (_, index) =>
          caller.peer.request(anyMethod("callee.echo"), index),
        ),
      );
      await look();
    }
    expect(recorder.count).toBeGreaterThan(40_000);
    const stats = await caller.peer.request(hub.recorderStats, {});
    expect(stats.missed).toBeGreaterThan(0);
    expect(held.length).toBe(1);
    stream.reset({ code: "bus/cancelled", message: "done" });
    expect(clock.now()).toBeGreaterThan(0);
  }, 30_000);

  test("more than the bound are refused", async () => {
    const {
      hub: { edge },
    } = await tapped();
    const ui = await edge();
    for (let count = 0; count < TAPS_MAX; count++)
      await ui.open(hub.tap, { filter: "", past: false, count: 0 });
    expect(await errorOf(ui.open(hub.tap, { filter: "", past: false, count: 0 }))).toMatchObject({
      code: "bus/limit",
    });
  });

  test("payloads are handed out by record, or refused with the reason", async () => {
    const { caller, hub: test, recorder } = await tapped();
    await caller.peer.request(anyMethod("callee.echo"), "text");
    let found = -1;
    for (let record = 0; record < recorder.count; record++)
      if (recorder.read(record)?.kind === "request") found = record;
    const ui = await test.edge();
    const { payload, wholeBytes } = await ui.request(hub.recordPayload, { record: found });
    expect(decodeValue(payload)).toBe("text");
    expect(wholeBytes).toBe(payload.length);
    expect(await errorOf(ui.request(hub.recordPayload, { record: 100_000 }))).toMatchObject({
      code: "hub/not-recorded",
    });
  });

  test("terminal input is secret on the way through, whoever opens it", async () => {
    const { caller, hub: test, recorder } = await tapped();
    const terminal = await test.actor("terminal");
    terminal.peer.serve(anyStream("terminal.input"), (_, incoming) => {
      incoming.accept({ offset: 0 }).onChunk(() => {});
    });
    recorder.liftContents(300_000);
    const stream = await caller.peer.open(anyStream("terminal.input"), {
      session: "s",
      writer: "w",
    });
    await stream.write(new TextEncoder().encode("password"));
    await settled();
    for (let record = 0; record < recorder.count; record++) {
      if (recorder.read(record)?.subject === "terminal.input")
        expect(recorder.payload(record)).toBeUndefined();
    }
    stream.reset({ code: "bus/cancelled", message: "done" });
  });
});
