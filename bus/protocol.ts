/**
 * The wire protocol: frame kinds, flags, header layout and the payloads of the frames the bus itself speaks.
 * Types and constants only. `PROTOCOL.md` is the prose; a test keeps the two equal.
 */

/** Version in every header. A peer that sends another one is refused with `bus/version`. */
export const PROTOCOL_VERSION = 1;

/** Bytes of the fixed header, before extension and payload. */
export const HEADER_BYTES = 40;

/** What a frame is. The numbers are the wire values and never change their meaning. */
export const Kind = {
  hello: 1,
  ready: 2,
  request: 3,
  ack: 4,
  reply: 5,
  error: 6,
  cancel: 7,
  publish: 8,
  subscribe: 9,
  unsubscribe: 10,
  open: 11,
  data: 12,
  credit: 13,
  end: 14,
  reset: 15,
  ping: 16,
  pong: 17,
  dead: 18,
  control: 19,
  goAway: 20,
} as const;
export type Kind = (typeof Kind)[keyof typeof Kind];

/** Bits of the flags byte. */
export const Flag = {
  /** Stream frames: the sender is the side that opened the stream. */
  opener: 1 << 0,
  /** On `credit`: the first one, which accepts the stream; its payload is the accept value. */
  accept: 1 << 1,
  /** On `publish`: to the hub, keep as the topic's last value; from the hub, this is a kept value. */
  retained: 1 << 2,
  /** Capture class, two bits: the recorder keeps header and size only ... */
  captureContent: 1 << 4,
  /** ... and for this one never more, whatever a person asks. */
  captureSecret: 1 << 5,
} as const;

/** Low nibble of byte 7: how the payload is encoded. */
export const Codec = { msgpack: 0, raw: 1, json: 2 } as const;
export type Codec = (typeof Codec)[keyof typeof Codec];

/** Bit of byte 7: the frame travels in the control lane and may overtake the data lane. */
export const CONTROL_LANE = 1 << 4;

/** Byte offsets inside the little-endian header. */
export const Offset = {
  length: 0,
  version: 4,
  kind: 5,
  flags: 6,
  codecLane: 7,
  source: 8,
  destination: 12,
  correlation: 16,
  sequence: 20,
  name: 24,
  deadlineMs: 28,
  position: 32,
  epoch: 36,
  extensionBytes: 38,
} as const;

/** Types of the extension's entries: `u8 type, u8 length, bytes`. Unknown types are passed on and ignored. */
export const Extension = {
  /** 16 bytes trace id, 8 bytes span id. */
  trace: 1,
  /** UTF-8 subject, used until the hub has told the id for it. */
  name: 2,
  /** UTF-8 principal: `person`, `agent` or `mcp:NAME`. Set by the hub for edge peers. */
  principal: 3,
  /** One byte: nested calls above this one. Past TRACE_HOPS_MAX the hub takes it for a loop. Absent means 0. */
  hops: 4,
} as const;

/** On whose behalf a call is made. Absent means an actor acts for itself. */
export type Principal = "person" | "agent" | `mcp:${string}`;

/** First frame of every link, peer to hub. */
export interface Hello {
  readonly protocol: number;
  /** Wanted base name of an edge peer (`ui`, `cli`). Ignored on an inherited fd, whose name the hub knows. */
  readonly name: string;
  readonly pid: number;
  /** 32 bytes from the runtime dir; absent on an inherited fd. */
  readonly token?: Uint8Array;
}

/** The hub's answer to `hello`. */
export interface Ready {
  readonly protocol: number;
  /** Numeric address of this peer in this hub incarnation. */
  readonly id: number;
  /** Full name: `terminal`, `ui/1`, `cli/7`. */
  readonly name: string;
  /** Incarnation of this peer, counted from 1. */
  readonly epoch: number;
  /** Incarnation of the hub: every id is void when it changes. */
  readonly hubEpoch: number;
  readonly frameBytesMax: number;
}

/** Body of `error`, `reset` and `goAway`, and the reason inside `dead`. */
export interface WireError {
  /** Stable code such as `bus/down`; never match on the message. */
  readonly code: string;
  readonly message: string;
  readonly data?: unknown;
}

/** Payload of `control` frames. */
export type Control =
  /** hub to peer: subjects behind ids that the next frames use. */
  | {
      readonly op: "names";
      readonly names: ReadonlyArray<readonly [id: number, subject: string]>;
      /** Full names of the peers behind source ids that the next frames carry. */
      readonly peers?: ReadonlyArray<readonly [id: number, name: string]>;
    }
  /** hub to peer: finish within `graceMs`, then close the link. */
  | { readonly op: "stop"; readonly graceMs: number; readonly reason: string }
  /** hub to peer: the hub holds what is sent to you; only the control lane still comes. */
  | { readonly op: "suspend" }
  | { readonly op: "resume" }
  /** hub to actor: memory passed its soft limit; drop what can be had again. */
  | { readonly op: "shed"; readonly rssBytes: number; readonly limitBytes: number };

/** Payload of `pong`: what the event loop says of itself. All optional for foreign peers. */
export interface Pulse {
  /** Delay of the event loop since the last pulse, milliseconds. */
  readonly lagMs?: number;
  readonly heapBytes?: number;
  /** Messages received and not yet answered. */
  readonly mailbox?: number;
}

/** Payload of `dead`: a frame of yours that could not be delivered. */
export interface DeadLetter {
  readonly reason: DeadReason;
  readonly kind: Kind;
  readonly source: string;
  readonly destination: string;
  readonly subject: string;
  readonly correlation: number;
  readonly message: string;
}

/** Why a frame could not be delivered. The order is that of the recorder's status byte. */
export const DEAD_REASONS = [
  "no-such-actor",
  "no-responder",
  "down",
  "stale-epoch",
  "expired",
  "mailbox-full",
  "denied",
  "no-such-stream",
  "undecodable",
  "dropped",
] as const;
export type DeadReason = (typeof DEAD_REASONS)[number];
