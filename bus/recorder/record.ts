/** The fixed header record in words of 32 bits, and its decoding. Times lie in 64-bit floats over the same bytes. */
import { decodeValue } from "../codec.ts";
import type { FrameRecord } from "../contracts/hub.ts";
import { CONTROL_LANE, DEAD_REASONS, type DeadReason, Flag, Kind } from "../protocol.ts";

/**
 * Words of one record. Words 0 and 1 hold the time, 2 and 3 the position of the payload, both as doubles.
 */
export const Word = {
  source: 4,
  destination: 5,
  correlation: 6,
  name: 7,
  length: 8,
  waitUs: 9,
  /** Bytes 0 to 3: kind, flags, codec and lane, status. */
  kindFlagsLaneStatus: 10,
  epoch: 11,
  extensionBytes: 12,
  /** Payload bytes that were kept. */
  kept: 13,
  /** Four words of trace id, big-endian. */
  trace: 14,
} as const;

/** Words of one record; even, so that the doubles are aligned. */
export const WORDS = 18;

/** Status byte of a record. */
export const DEAD_STATUS: ReadonlyArray<DeadReason | "ok"> = ["ok", ...DEAD_REASONS];

/** Names behind the ids of a record. */
export interface RecordNames {
  peer(id: number): string;
  subject(id: number): string;
}

const KIND_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(Kind).map(([name, kind]) => [kind, name === "goAway" ? "go-away" : name]),
);

/** Where a record lies. */
export interface RecordAt {
  readonly words: Uint32Array;
  readonly times: Float64Array;
  readonly at: number;
  readonly payload: Uint8Array | undefined;
}

/** A record as the panel gets it. */
export function readRecord(record: number, from: RecordAt, names: RecordNames): FrameRecord {
  const word = (index: number): number => from.words[from.at + index] ?? 0;
  const packed = word(Word.kindFlagsLaneStatus);
  const kind = packed & 0xff;
  const flags = (packed >>> 8) & 0xff;
  const source = word(Word.source);
  const destination = word(Word.destination);
  return {
    record,
    atMs: from.times[from.at >> 1] ?? 0,
    source: source === 0 ? "hub" : names.peer(source),
    destination: destination === 0 ? "hub" : names.peer(destination),
    kind: KIND_NAMES.get(kind) ?? `kind ${kind}`,
    subject: names.subject(word(Word.name)),
    correlation: word(Word.correlation),
    opener: (flags & Flag.opener) !== 0,
    epoch: word(Word.epoch),
    bytes: word(Word.length),
    lane: ((packed >>> 16) & CONTROL_LANE) === 0 ? "data" : "control",
    waitMs: word(Word.waitUs) / 1_000,
    status: statusOf(kind, packed >>> 24, from.payload),
    trace: traceText(word),
    capture: captureOf(flags),
    payloadBytes: from.payload?.length ?? 0,
  };
}

function statusOf(kind: number, dead: number, payload: Uint8Array | undefined): string {
  if (dead !== 0) return DEAD_STATUS[dead] ?? "dead";
  if ((kind !== Kind.error && kind !== Kind.reset) || payload === undefined) return "ok";
  try {
    const value = decodeValue(payload);
    if (
      typeof value === "object" &&
      value !== null &&
      "code" in value &&
      typeof value.code === "string"
    ) {
      return value.code.slice(0, 100);
    }
  } catch {
    // A payload that was cut at 4 KiB cannot be decoded; the frame is an error all the same.
  }
  return "error";
}

function traceText(word: (index: number) => number): string {
  const first = word(Word.trace);
  const last = word(Word.trace + 3);
  if (first === 0 && last === 0) return "";
  return hex(first) + hex(word(Word.trace + 1)) + hex(word(Word.trace + 2)) + hex(last);
}

function hex(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function captureOf(flags: number): FrameRecord["capture"] {
  if ((flags & Flag.captureSecret) !== 0) return "secret";
  return (flags & Flag.captureContent) !== 0 ? "content" : "normal";
}
