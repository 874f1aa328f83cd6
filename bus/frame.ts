/**
 * The fixed header of a frame: reading, writing, checking. A `Frame` is a view on the bytes that arrived;
 * nothing is copied. Whoever receives bytes from a transport owns them and may rewrite the header in place.
 *
 *   whole in one chunk   head: |....[header|extension|payload]....|   tail: none
 *   cut by a chunk edge  head: [header|extension]                     tail: [payload piece] [payload piece]
 */
import { BusCode, BusError } from "./errors.ts";
import { DATA_BYTES_MAX, EXTENSION_BYTES_MAX, FRAME_BYTES_MAX } from "./limits.ts";
import { CONTROL_LANE, HEADER_BYTES, Kind, Offset, PROTOCOL_VERSION } from "./protocol.ts";

/** Header fields by name, as `writeHeader` takes them. What is absent is 0. */
export interface HeaderFields {
  readonly kind: Kind;
  readonly flags?: number;
  /** Codec in the low nibble, CONTROL_LANE in bit 4. */
  readonly codecLane?: number;
  readonly source?: number;
  readonly destination?: number;
  readonly correlation?: number;
  readonly sequence?: number;
  readonly name?: number;
  readonly deadlineMs?: number;
  readonly position?: number;
  readonly epoch?: number;
}

/** Header fields of an incoming frame with lengths, before extension and payload are there. */
export interface Header {
  readonly length: number;
  readonly kind: Kind;
  readonly extensionBytes: number;
}

/** A frame as views on what arrived. Valid as long as those bytes are not changed. */
export class Frame {
  /** Holds header and extension from `at` on. */
  readonly head: Uint8Array;
  readonly view: DataView;
  readonly at: number;
  /** Payload slices; empty when the payload follows the extension in `head`. */
  readonly tail: readonly Uint8Array[];
  readonly length: number;
  readonly kind: Kind;
  flags: number;
  readonly codecLane: number;
  source: number;
  destination: number;
  correlation: number;
  sequence: number;
  name: number;
  deadlineMs: number;
  position: number;
  epoch: number;
  readonly extensionBytes: number;

  constructor(view: DataView, head: Uint8Array, at: number, tail: readonly Uint8Array[]) {
    this.head = head;
    this.view = view;
    this.at = at;
    this.tail = tail;
    this.length = view.getUint32(at + Offset.length, true);
    this.kind = view.getUint8(at + Offset.kind) as Kind;
    this.flags = view.getUint8(at + Offset.flags);
    this.codecLane = view.getUint8(at + Offset.codecLane);
    this.source = view.getUint32(at + Offset.source, true);
    this.destination = view.getUint32(at + Offset.destination, true);
    this.correlation = view.getUint32(at + Offset.correlation, true);
    this.sequence = view.getUint32(at + Offset.sequence, true);
    this.name = view.getUint32(at + Offset.name, true);
    this.deadlineMs = view.getUint32(at + Offset.deadlineMs, true);
    this.position = view.getUint32(at + Offset.position, true);
    this.epoch = view.getUint16(at + Offset.epoch, true);
    this.extensionBytes = view.getUint16(at + Offset.extensionBytes, true);
  }

  /** Whether the whole frame lies in `head`. */
  get whole(): boolean {
    return this.tail.length === 0;
  }

  get control(): boolean {
    return (this.codecLane & CONTROL_LANE) !== 0;
  }

  get payloadBytes(): number {
    return this.length - HEADER_BYTES - this.extensionBytes;
  }

  /** Writes an address into the header: who sends it, to whom, in which incarnation of the sender. */
  stamp(source: number, destination: number, epoch: number): void {
    this.source = source;
    this.destination = destination;
    this.epoch = epoch;
    this.view.setUint32(this.at + Offset.source, source, true);
    this.view.setUint32(this.at + Offset.destination, destination, true);
    this.view.setUint16(this.at + Offset.epoch, epoch, true);
  }

  stampName(name: number): void {
    this.name = name;
    this.view.setUint32(this.at + Offset.name, name, true);
  }

  stampFlags(flags: number): void {
    this.flags = flags;
    this.view.setUint8(this.at + Offset.flags, flags);
  }

  stampSequence(sequence: number): void {
    this.sequence = sequence;
    this.view.setUint32(this.at + Offset.sequence, sequence, true);
  }

  stampCorrelation(correlation: number): void {
    this.correlation = correlation;
    this.view.setUint32(this.at + Offset.correlation, correlation, true);
  }

  stampDeadline(deadlineMs: number): void {
    this.deadlineMs = deadlineMs;
    this.view.setUint32(this.at + Offset.deadlineMs, deadlineMs, true);
  }

  stampPosition(position: number): void {
    this.position = position;
    this.view.setUint32(this.at + Offset.position, position, true);
  }

  /** The payload as the slices it arrived in; none when it is empty. */
  payloadSlices(): readonly Uint8Array[] {
    if (this.tail.length > 0 || this.payloadBytes === 0) return this.tail;
    return [this.payload()];
  }

  /** The payload in one piece; copies only when it arrived in several. */
  payload(): Uint8Array {
    if (this.tail.length === 0) {
      const start = this.at + HEADER_BYTES + this.extensionBytes;
      return this.head.subarray(start, this.at + this.length);
    }
    return joinSlices(this.tail, this.payloadBytes);
  }

  /** The frame as slices to write on, header first. */
  slices(): Uint8Array[] {
    if (this.tail.length === 0) return [this.head.subarray(this.at, this.at + this.length)];
    return [
      this.head.subarray(this.at, this.at + HEADER_BYTES + this.extensionBytes),
      ...this.tail,
    ];
  }
}

/** A frame of its own from header fields, extension and payload. */
export function makeFrame(
  fields: HeaderFields,
  extension: Uint8Array,
  payload: readonly Uint8Array[],
): Frame {
  const [head, ...tail] = composeFrame(fields, extension, payload);
  if (head === undefined) throw malformed("a frame without a head", 0);
  return new Frame(viewOf(head), head, 0, tail);
}

/** Result of looking at bytes that do not hold a whole frame yet. */
export const incomplete: unique symbol = Symbol("incomplete");

/**
 * Reads the frame that starts at `at`, looking at bytes before `end` only.
 * @returns `incomplete` when it does not end before `end`.
 * @throws BusError `bus/protocol` or `bus/version` with the offending value.
 */
export function readFrame(
  view: DataView,
  bytes: Uint8Array,
  at: number,
  end: number,
): Frame | typeof incomplete {
  if (end - at < HEADER_BYTES) return incomplete;
  const header = checkHeader(view, at);
  if (end - at < header.length) return incomplete;
  return new Frame(view, bytes, at, NO_SLICES);
}

/**
 * Checks the 40 bytes at `at` before anything else is read or buffered.
 * @throws BusError `bus/protocol` or `bus/version` with the offending value.
 */
export function checkHeader(view: DataView, at: number): Header {
  const length = view.getUint32(at + Offset.length, true);
  const version = view.getUint8(at + Offset.version);
  const kind = view.getUint8(at + Offset.kind);
  const extensionBytes = view.getUint16(at + Offset.extensionBytes, true);
  if (length < HEADER_BYTES || length > FRAME_BYTES_MAX) {
    throw malformed(
      `frame length ${length} is not within ${HEADER_BYTES} to ${FRAME_BYTES_MAX}`,
      length,
    );
  }
  if (version !== PROTOCOL_VERSION) {
    const message = `protocol version ${version}, this side speaks ${PROTOCOL_VERSION}`;
    throw new BusError(BusCode.version, message, { data: { value: version } });
  }
  if (kind < Kind.hello || kind > Kind.goAway) throw malformed(`unknown kind ${kind}`, kind);
  if (extensionBytes > EXTENSION_BYTES_MAX || HEADER_BYTES + extensionBytes > length) {
    throw malformed(
      `extension of ${extensionBytes} bytes in a frame of ${length} (at most ${EXTENSION_BYTES_MAX})`,
      extensionBytes,
    );
  }
  if (kind === Kind.data && length - HEADER_BYTES - extensionBytes > DATA_BYTES_MAX) {
    throw malformed(
      `data of ${length - HEADER_BYTES - extensionBytes} bytes, at most ${DATA_BYTES_MAX}`,
      length,
    );
  }
  return { length, kind: kind as Kind, extensionBytes };
}

/** Writes the header of a frame of `length` bytes with an extension of `extensionBytes` at the start of `bytes`. */
export function writeHeader(
  bytes: Uint8Array,
  fields: HeaderFields,
  sizes: { length: number; extensionBytes: number },
): void {
  // One view for all frames: making a view costs more than filling it.
  const view = SCRATCH_VIEW;
  view.setUint32(Offset.length, sizes.length, true);
  view.setUint8(Offset.version, PROTOCOL_VERSION);
  view.setUint8(Offset.kind, fields.kind);
  view.setUint8(Offset.flags, fields.flags ?? 0);
  view.setUint8(Offset.codecLane, fields.codecLane ?? 0);
  view.setUint32(Offset.source, fields.source ?? 0, true);
  view.setUint32(Offset.destination, fields.destination ?? 0, true);
  view.setUint32(Offset.correlation, fields.correlation ?? 0, true);
  view.setUint32(Offset.sequence, fields.sequence ?? 0, true);
  view.setUint32(Offset.name, fields.name ?? 0, true);
  view.setUint32(Offset.deadlineMs, fields.deadlineMs ?? 0, true);
  view.setUint32(Offset.position, fields.position ?? 0, true);
  view.setUint16(Offset.epoch, fields.epoch ?? 0, true);
  view.setUint16(Offset.extensionBytes, sizes.extensionBytes, true);
  bytes.set(SCRATCH, 0);
}

/** Writes the sequence into the header at the start of `head`. */
export function writeSequence(head: Uint8Array, sequence: number): void {
  head[Offset.sequence] = sequence;
  head[Offset.sequence + 1] = sequence >>> 8;
  head[Offset.sequence + 2] = sequence >>> 16;
  head[Offset.sequence + 3] = sequence >>> 24;
}

/**
 * Slices of one frame: header and extension in a buffer of their own, then the payload as given.
 * @throws BusError `bus/limit` when the frame would be longer than FRAME_BYTES_MAX.
 */
export function composeFrame(
  fields: HeaderFields,
  extension: Uint8Array,
  payload: readonly Uint8Array[],
): Uint8Array[] {
  let length = HEADER_BYTES + extension.length;
  for (const slice of payload) length += slice.length;
  checkFrameBytes(length);
  const head = new Uint8Array(HEADER_BYTES + extension.length);
  writeHeader(head, fields, { length, extensionBytes: extension.length });
  head.set(extension, HEADER_BYTES);
  return [head, ...payload];
}

/** @throws BusError `bus/limit` with the length when it is over FRAME_BYTES_MAX. */
export function checkFrameBytes(length: number): void {
  if (length <= FRAME_BYTES_MAX) return;
  throw new BusError(BusCode.limit, `a frame of ${length} bytes, at most ${FRAME_BYTES_MAX}`, {
    data: { value: length },
  });
}

/** A DataView on exactly the bytes of an array. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** One array of `bytes` bytes with all slices after each other. */
export function joinSlices(slices: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = slices;
  if (only !== undefined && slices.length === 1) return only;
  const joined = new Uint8Array(bytes);
  let at = 0;
  for (const slice of slices) {
    joined.set(slice, at);
    at += slice.length;
  }
  return joined;
}

/** A protocol error that names the offending value. */
export function malformed(message: string, value: unknown): BusError {
  return new BusError(BusCode.protocol, message, { data: { value } });
}

const SCRATCH = new Uint8Array(HEADER_BYTES);
const SCRATCH_VIEW = new DataView(SCRATCH.buffer);
const NO_SLICES: readonly Uint8Array[] = [];

/** No bytes: an absent extension or payload. */
export const NO_BYTES: Uint8Array = new Uint8Array(0);
