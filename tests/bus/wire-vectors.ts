/**
 * The frames both implementations must read and write alike. Run this file to write tests/fixtures/wire-vectors.json
 * again; the tests here and in native/wire check it.
 */
import { writeFileSync } from "node:fs";
import { encodeValue } from "../../bus/codec.ts";
import { type ExtensionFields, writeExtension } from "../../bus/extension.ts";
import { composeFrame, type HeaderFields } from "../../bus/frame.ts";
import { CONTROL_LANE, Codec, Flag, Kind } from "../../bus/protocol.ts";

/** One frame: its bytes, and what must be read from them. */
export interface WireVector {
  readonly name: string;
  readonly hex: string;
  readonly header: Required<HeaderFields> & {
    readonly length: number;
    readonly extensionBytes: number;
  };
  readonly ext: {
    readonly traceHex?: string;
    readonly subject?: string;
    readonly principal?: string;
    readonly hops?: number;
  };
  readonly payloadHex: string;
  /** The value of a MessagePack payload as JSON; byte arrays as `{"$bytes": hex}`. */
  readonly value?: unknown;
}

interface Sample {
  readonly name: string;
  readonly fields: HeaderFields;
  readonly extension?: ExtensionFields;
  readonly value?: unknown;
  readonly raw?: Uint8Array;
}

const TOKEN = Uint8Array.from({ length: 32 }, (_, index) => index * 7 + 3);
const TRACE = Uint8Array.from({ length: 24 }, (_, index) => 255 - index);

const SAMPLES: readonly Sample[] = [
  {
    name: "hello with token",
    fields: { kind: Kind.hello, sequence: 1 },
    value: { protocol: 1, name: "cli", pid: 4242, token: TOKEN },
  },
  {
    name: "hello on an inherited link",
    fields: { kind: Kind.hello, sequence: 1 },
    value: { protocol: 1, name: "runner", pid: 7 },
  },
  {
    name: "ready from the hub",
    fields: { kind: Kind.ready, sequence: 1, codecLane: CONTROL_LANE },
    value: { protocol: 1, id: 3, name: "ui/1", epoch: 1, hubEpoch: 2, frameBytesMax: 16_777_216 },
  },
  {
    name: "ready from an actor",
    fields: { kind: Kind.ready, sequence: 2, codecLane: CONTROL_LANE },
  },
  {
    name: "request by subject",
    fields: { kind: Kind.request, correlation: 1, sequence: 2, deadlineMs: 30_000 },
    extension: { trace: TRACE, subject: "keeper.info" },
    value: {},
  },
  {
    name: "request by id",
    fields: {
      kind: Kind.request,
      correlation: 0xffff_ffff,
      sequence: 0xffff_ffff,
      name: 7,
      deadlineMs: 1,
      destination: 4,
      epoch: 0xffff,
    },
    extension: { trace: TRACE },
    value: { session: "s1", cols: 80, rows: 24 },
  },
  {
    name: "request with every extension",
    fields: { kind: Kind.request, correlation: 9, sequence: 3 },
    extension: { trace: TRACE, hops: 3, subject: "file-guard.read", principal: "mcp:näme" },
    value: { path: "/tmp/ä€😀" },
  },
  {
    name: "ack",
    fields: { kind: Kind.ack, correlation: 1, destination: 5, epoch: 1, sequence: 4 },
  },
  {
    name: "reply with values of every type",
    fields: { kind: Kind.reply, correlation: 1, destination: 5, epoch: 1, sequence: 5 },
    value: allTypes(),
  },
  {
    name: "reply without a value",
    fields: { kind: Kind.reply, correlation: 2, destination: 5, epoch: 1, sequence: 6 },
  },
  {
    name: "error",
    fields: { kind: Kind.error, correlation: 2, sequence: 7, codecLane: CONTROL_LANE },
    value: { code: "bus/down", message: "terminal is being restarted", data: { epoch: 3 } },
  },
  {
    name: "cancel",
    fields: { kind: Kind.cancel, correlation: 2, sequence: 8, codecLane: CONTROL_LANE },
  },
  {
    name: "publish retained",
    fields: { kind: Kind.publish, flags: Flag.retained, sequence: 9 },
    extension: { subject: "root.processes" },
    value: { processes: [] },
  },
  {
    name: "subscribe to a pattern",
    fields: { kind: Kind.subscribe, correlation: 3, sequence: 10 },
    extension: { subject: "terminal.>" },
    value: { policy: "conflate" },
  },
  { name: "unsubscribe", fields: { kind: Kind.unsubscribe, correlation: 3, sequence: 11 } },
  {
    name: "open",
    fields: {
      kind: Kind.open,
      flags: Flag.opener,
      correlation: 4,
      position: 262_144,
      deadlineMs: 5_000,
      sequence: 12,
    },
    extension: { trace: TRACE, subject: "session.attach" },
    value: { session: "s1", offset: 2 ** 40 + 5 },
  },
  {
    name: "credit that accepts",
    fields: {
      kind: Kind.credit,
      flags: Flag.accept,
      correlation: 4,
      destination: 3,
      epoch: 1,
      position: 65_536,
      sequence: 13,
    },
    value: { offset: 0, gap: 0, head: 0 },
  },
  {
    name: "data",
    fields: {
      kind: Kind.data,
      codecLane: Codec.raw,
      correlation: 4,
      destination: 3,
      epoch: 1,
      position: 0xffff_fff0,
      sequence: 14,
    },
    raw: new TextEncoder().encode("\u001b[1mls\u001b[0m\r\n"),
  },
  {
    name: "data of the opener in the control lane",
    fields: {
      kind: Kind.data,
      flags: Flag.opener | Flag.captureSecret,
      codecLane: Codec.raw | CONTROL_LANE,
      correlation: 4,
      sequence: 15,
    },
    raw: Uint8Array.of(3),
  },
  {
    name: "credit",
    fields: {
      kind: Kind.credit,
      flags: Flag.opener,
      codecLane: CONTROL_LANE,
      correlation: 4,
      position: 8,
      sequence: 16,
    },
  },
  {
    name: "end with the exit",
    fields: { kind: Kind.end, correlation: 4, destination: 3, epoch: 1, sequence: 17 },
    value: { code: null, signal: 9, ranMs: 1234.5 },
  },
  {
    name: "reset",
    fields: { kind: Kind.reset, flags: Flag.opener, correlation: 4, sequence: 18 },
    value: { code: "bus/cancelled", message: "the reader stopped" },
  },
  { name: "ping", fields: { kind: Kind.ping, codecLane: CONTROL_LANE, sequence: 19 } },
  {
    name: "pong",
    fields: { kind: Kind.pong, codecLane: CONTROL_LANE, sequence: 20 },
    value: { lagMs: 0.25, heapBytes: 5_000_000_000, mailbox: 2 },
  },
  {
    name: "dead",
    fields: { kind: Kind.dead, codecLane: CONTROL_LANE, correlation: 6, sequence: 21 },
    value: {
      reason: "denied",
      kind: 8,
      source: "mcp",
      destination: "",
      subject: "hub.notices",
      correlation: 0,
      message: "mcp may not publish hub.notices",
    },
  },
  {
    name: "names",
    fields: { kind: Kind.control, codecLane: CONTROL_LANE, sequence: 22 },
    value: {
      op: "names",
      names: [
        [1, "runner.spawn"],
        [300, "runner.list"],
      ],
      peers: [[2, "terminal"]],
    },
  },
  {
    name: "stop",
    fields: { kind: Kind.control, codecLane: CONTROL_LANE, sequence: 23 },
    value: { op: "stop", graceMs: 5_000, reason: "asked" },
  },
  {
    name: "go-away",
    fields: { kind: Kind.goAway, codecLane: CONTROL_LANE, sequence: 24 },
    value: { code: "bus/protocol", message: "sequence 9, expected 4", data: { value: 9 } },
  },
];

const ZEROS = {
  flags: 0,
  codecLane: 0,
  source: 0,
  destination: 0,
  correlation: 0,
  sequence: 0,
  name: 0,
  deadlineMs: 0,
  position: 0,
  epoch: 0,
};

/** All vectors, built anew by this implementation. */
export function wireVectors(): WireVector[] {
  return SAMPLES.map(vectorOf);
}

function vectorOf(sample: Sample): WireVector {
  const extension =
    sample.extension === undefined ? new Uint8Array(0) : writeExtension(sample.extension);
  const payload =
    sample.raw ?? (sample.value === undefined ? new Uint8Array(0) : encodeValue(sample.value));
  const bytes = Buffer.concat(composeFrame(sample.fields, extension, [payload]));
  const { trace, ...texts } = sample.extension ?? {};
  return {
    name: sample.name,
    hex: bytes.toString("hex"),
    header: { length: bytes.length, ...ZEROS, ...sample.fields, extensionBytes: extension.length },
    ext: {
      ...(trace === undefined ? {} : { traceHex: Buffer.from(trace).toString("hex") }),
      ...texts,
    },
    payloadHex: Buffer.from(payload).toString("hex"),
    ...(sample.value === undefined ? {} : { value: toJson(sample.value) }),
  };
}

function allTypes(): Record<string, unknown> {
  return {
    nothing: null,
    yes: true,
    no: false,
    zero: 0,
    small: 127,
    byte: 255,
    word: 65_535,
    long: 4_294_967_295,
    huge: 2 ** 53 - 1,
    minus: -1,
    minusByte: -128,
    minusWord: -32_768,
    minusLong: -2_147_483_648,
    minusHuge: -(2 ** 53 - 1),
    fraction: 0.1,
    empty: "",
    text: "ä€😀",
    longText: "x".repeat(300),
    bytes: Uint8Array.of(0, 1, 254, 255),
    list: [1, "two", [3], { four: 4 }],
    sixteen: Array.from({ length: 16 }, (_, index) => index),
    map: { a: { b: {} } },
  };
}

function toJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toJson(item)]));
}

if (import.meta.main) {
  const path = new URL("../fixtures/wire-vectors.json", import.meta.url);
  writeFileSync(path, `${JSON.stringify(wireVectors(), null, 1)}\n`);
}
