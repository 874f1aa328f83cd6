/** Frames for the tests of the Traffic list. */
import type { FrameRecord } from "../../../bus/contracts/hub.ts";

let nextRecord = 1;

/** A frame with the usual values; records count up over the whole test file. */
export function frame(change: Partial<FrameRecord>): FrameRecord {
  return {
    record: nextRecord++,
    atMs: 0,
    source: "ui/1",
    destination: "terminal",
    kind: "publish",
    subject: "terminal.list",
    correlation: 0,
    opener: false,
    epoch: 1,
    bytes: 50,
    lane: "data",
    waitMs: 0,
    status: "ok",
    trace: "",
    capture: "normal",
    payloadBytes: 0,
    ...change,
  };
}

/** Frames of a call from `ui/1` to `terminal`. */
export function asked(
  correlation: number,
  atMs: number,
  change: Partial<FrameRecord> = {},
): FrameRecord {
  return frame({ kind: "request", correlation, atMs, ...change });
}
export function received(correlation: number, atMs: number): FrameRecord {
  return frame({
    kind: "ack",
    source: "terminal",
    destination: "ui/1",
    subject: "",
    correlation,
    atMs,
  });
}
export function answered(
  correlation: number,
  atMs: number,
  change: Partial<FrameRecord> = {},
): FrameRecord {
  return frame({
    kind: "reply",
    source: "terminal",
    destination: "ui/1",
    subject: "",
    correlation,
    atMs,
    ...change,
  });
}
