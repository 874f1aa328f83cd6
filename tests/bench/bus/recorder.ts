/** What the recorder costs a frame, alone in a loop over frames like those of the round-trip benchmark. */

import { systemClock } from "../../../bus/clock.ts";
import { encodeValue } from "../../../bus/codec.ts";
import { writeExtension } from "../../../bus/extension.ts";
import { makeFrame } from "../../../bus/frame.ts";
import { Kind } from "../../../bus/protocol.ts";
import { Recorder } from "../../../bus/recorder.ts";
import { type BenchRow, median } from "../row.ts";
import { message } from "./work.ts";

/** What design 17 allows, nanoseconds a frame. */
const ALLOWED_NS = 250;
const FRAMES = 1_000_000;

export async function recorderRow(): Promise<BenchRow> {
  const runs = Array.from({ length: 5 }, () => oneRun());
  const ns = median(runs);
  return {
    what: "recorder + closed taps",
    against: "250 ns a frame",
    goal: { max: 1 },
    ours: ns,
    theirs: ALLOWED_NS,
    ratio: ns / ALLOWED_NS,
    unit: "ns/frame",
    note: "request, ack and reply in turn, payloads kept",
  };
}

function oneRun(): number {
  const recorder = new Recorder({ clock: systemClock, names: { peer: String, subject: String } });
  const extension = writeExtension({ trace: new Uint8Array(24).fill(3) });
  const payload = encodeValue(message(1)).slice();
  const frames = [
    makeFrame({ kind: Kind.request, name: 3, correlation: 9 }, extension, [payload]),
    makeFrame({ kind: Kind.ack, name: 3, correlation: 9 }, new Uint8Array(0), []),
    makeFrame({ kind: Kind.reply, name: 3, correlation: 9 }, new Uint8Array(0), [payload]),
  ].map((frame) => whole(frame));
  const note = { nowMs: 1, waitMs: 0 };
  const startMs = performance.now();
  for (let count = 0; count < FRAMES; count++) {
    const frame = frames[count % 3];
    if (frame !== undefined) recorder.onSent(frame, 2, note);
  }
  return ((performance.now() - startMs) * 1e6) / FRAMES;
}

function whole(frame: ReturnType<typeof makeFrame>): ReturnType<typeof makeFrame> {
  const bytes = Uint8Array.from(Buffer.concat(frame.slices()));
  return new (frame.constructor as typeof import("../../../bus/frame.ts").Frame)(
    new DataView(bytes.buffer),
    bytes,
    0,
    [],
  );
}
