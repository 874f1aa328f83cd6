/** Valid frames for a link, and what an attacker makes of them. */
import { encodeValue } from "../../../bus/codec.ts";
import { writeExtension } from "../../../bus/extension.ts";
import { composeFrame, type HeaderFields } from "../../../bus/frame.ts";
import { HEADER_BYTES, Kind, Offset, PROTOCOL_VERSION } from "../../../bus/protocol.ts";
import type { Random } from "./random.ts";

/** A frame that is valid but for its sequence. */
export interface FramePlan {
  readonly fields: HeaderFields;
  readonly subject?: string;
  readonly value?: unknown;
  readonly raw?: Uint8Array;
}

/** Numbers the frames of one link. */
export class Writer {
  #sequence = 0;

  /** The bytes of a valid frame with the next sequence. */
  frame({ fields, subject, value, raw }: FramePlan): Uint8Array {
    this.#sequence += 1;
    const extension = subject === undefined ? new Uint8Array(0) : writeExtension({ subject });
    const payload = raw ?? (value === undefined ? new Uint8Array(0) : encodeValue(value));
    return Buffer.concat(
      composeFrame({ sequence: this.#sequence, ...fields }, extension, [payload]),
    );
  }

  /** The first frame of a link. */
  hello(token?: Uint8Array): Uint8Array {
    const value = { protocol: PROTOCOL_VERSION, name: "cli", pid: process.pid };
    return this.frame({
      fields: { kind: Kind.hello },
      value: token === undefined ? value : { ...value, token },
    });
  }
}

const MUTATIONS = ["bits", "cut", "length", "kind", "source", "noise", "header", "twice"] as const;

/** What an attacker sends in the place of a valid frame. */
export function mutate(random: Random, frame: Uint8Array): Uint8Array {
  const bytes = Buffer.from(frame);
  switch (random.pick(MUTATIONS)) {
    case "bits":
      for (let flips = 1 + random.int(8); flips > 0; flips -= 1) {
        const at = random.int(bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 << random.int(8));
      }
      return bytes;
    case "cut":
      return bytes.subarray(0, random.int(bytes.length));
    case "length":
      bytes.writeUInt32LE(
        random.pick([0, 1, 39, bytes.length - 1, bytes.length + 1, 2 ** 24 + 1, 2 ** 32 - 1]),
        Offset.length,
      );
      return bytes;
    case "kind":
      bytes[Offset.kind] = random.pick([0, 21, 255, ...Object.values(Kind)]);
      return bytes;
    case "source":
      bytes.writeUInt32LE(random.int(8), Offset.source);
      bytes.writeUInt32LE(random.int(8), Offset.destination);
      return bytes;
    case "noise":
      return random.bytes(1 + random.int(200));
    case "header":
      bytes.set(random.bytes(4), random.int(HEADER_BYTES - 4));
      return bytes;
    case "twice":
      return Buffer.concat([bytes, bytes]);
  }
}

/** Frames a client of the hub could send; none of them asks for anything that ends a process. */
export const HUB_FRAMES: readonly FramePlan[] = [
  { fields: { kind: Kind.request, correlation: 1 }, subject: "hub.info", value: {} },
  { fields: { kind: Kind.request, correlation: 2 }, subject: "steady.echo", value: "hello" },
  { fields: { kind: Kind.request, correlation: 3 }, subject: "steady.wait", value: [1, 2] },
  { fields: { kind: Kind.request, correlation: 4 }, subject: "hub.state.get", value: { key: "a" } },
  { fields: { kind: Kind.cancel, correlation: 3 } },
  { fields: { kind: Kind.subscribe, correlation: 5 }, subject: "hub.>", value: null },
  { fields: { kind: Kind.unsubscribe, correlation: 5 } },
  { fields: { kind: Kind.publish }, subject: "cli.event", value: { text: "x" } },
  { fields: { kind: Kind.open, correlation: 6, position: 65_536 }, subject: "hub.tap", value: {} },
  { fields: { kind: Kind.credit, correlation: 6, position: 100, flags: 1 } },
  { fields: { kind: Kind.data, correlation: 6, flags: 1, codecLane: 1 }, raw: Buffer.alloc(500) },
  { fields: { kind: Kind.end, correlation: 6, flags: 1 } },
  { fields: { kind: Kind.reset, correlation: 6, flags: 1 }, value: { code: "x", message: "y" } },
  { fields: { kind: Kind.reply, correlation: 1, destination: 2 }, value: "forged" },
  { fields: { kind: Kind.error, correlation: 2, destination: 3 }, value: { code: "x" } },
  { fields: { kind: Kind.pong, correlation: 1 }, value: { lagMs: -1, heapBytes: "many" } },
  { fields: { kind: Kind.ready } },
  { fields: { kind: Kind.control }, value: { op: "stop", graceMs: 0, reason: "forged" } },
  { fields: { kind: Kind.goAway }, value: { code: "bus/closed", message: "bye" } },
];

/** The same for a client of the keeper. */
export const KEEPER_FRAMES: readonly FramePlan[] = [
  { fields: { kind: Kind.request, correlation: 1 }, subject: "session.list", value: {} },
  { fields: { kind: Kind.request, correlation: 2 }, subject: "keeper.info", value: {} },
  {
    fields: { kind: Kind.request, correlation: 3 },
    subject: "session.resize",
    value: { session: "none", cols: 80, rows: 24 },
  },
  {
    fields: { kind: Kind.request, correlation: 4 },
    subject: "session.put-checkpoint",
    value: { session: "none", offset: 0, cols: 80, rows: 24, blob: new Uint8Array(100) },
  },
  {
    fields: { kind: Kind.open, correlation: 5, position: 65_536 },
    subject: "session.attach",
    value: { session: "none", offset: 0 },
  },
  {
    fields: { kind: Kind.open, correlation: 6, position: 65_536 },
    subject: "session.input",
    value: { session: "none", writer: "w", offset: 0 },
  },
  { fields: { kind: Kind.credit, correlation: 5, position: 1000, flags: 1 } },
  { fields: { kind: Kind.data, correlation: 6, flags: 1, codecLane: 1 }, raw: Buffer.alloc(500) },
  { fields: { kind: Kind.end, correlation: 6, flags: 1 } },
  { fields: { kind: Kind.reset, correlation: 5, flags: 1 }, value: { code: "x", message: "y" } },
  { fields: { kind: Kind.ping, codecLane: 16 } },
  { fields: { kind: Kind.subscribe, correlation: 9 }, subject: "session.exited", value: null },
  { fields: { kind: Kind.cancel, correlation: 1 } },
];
