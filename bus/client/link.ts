/**
 * One link to the hub: handshake, sequence in both directions, names, and the end. Above it are calls, streams and
 * subscriptions; below it the transport.
 *
 *   greeting --ready--> up --go-away, lost, close()--> over
 */
import type { Clock } from "../clock.ts";
import { decodeValue } from "../codec.ts";
import { frameOfBytes, frameOfValue } from "../compose.ts";
import { Deadlines } from "../deadlines.ts";
import { BusCode, BusError, isBusError } from "../errors.ts";
import { type ExtensionFields, readExtension } from "../extension.ts";
import { type Frame, type HeaderFields, malformed, NO_BYTES, writeSequence } from "../frame.ts";
import { FrameDecoder } from "../frame-decoder.ts";
import {
  CONTROL_LANE,
  Codec,
  HEADER_BYTES,
  Kind,
  PROTOCOL_VERSION,
  type Ready,
  type WireError,
} from "../protocol.ts";
import type { Transport } from "../transport.ts";
import { ServedContext } from "./context.ts";
import { Names } from "./names.ts";
import { TraceSource } from "./trace.ts";

/** How a link starts. */
export type LinkStart =
  /** We say hello and wait for `ready`. */
  | { readonly hello: { readonly name: string; readonly pid: number; readonly token?: Uint8Array } }
  /** Somebody said hello for us; we wait for `ready`. */
  | { readonly helloSent: true }
  /** Both are done: this was the hub's answer. */
  | { readonly ready: Ready };

/** Receives what is not the link's own business. */
export interface LinkSink {
  onFrame(frame: Frame): void;
  /** Once. */
  onOver(reason: WireError): void;
}

/** What a link needs besides its transport. */
export interface LinkOptions {
  readonly clock: Clock;
  readonly random: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly readyTimeoutMs: number;
}

export class ClientLink {
  readonly names = new Names();
  readonly traces: TraceSource;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  readonly #transport: Transport;
  readonly #decoder = new FrameDecoder();
  #sink: LinkSink | undefined;
  #sent = 0;
  #received = 0;
  #over: WireError | undefined;
  #correlation = 0;
  #greeting: ((outcome: Ready | WireError) => void) | undefined;

  constructor(transport: Transport, options: LinkOptions) {
    this.#transport = transport;
    this.clock = options.clock;
    this.deadlines = new Deadlines(options.clock);
    this.traces = new TraceSource(options.random);
    transport.onData = (chunk) => this.#onData(chunk);
    transport.onClose = (error) =>
      this.#finish({
        code: BusCode.closed,
        message: error?.message ?? "the link to the hub ended",
      });
  }

  /** Why the link is over, undefined while it is not. */
  get over(): WireError | undefined {
    return this.#over;
  }

  set sink(sink: LinkSink) {
    this.#sink = sink;
  }

  /** A correlation that no call or stream under way has: counts up and skips those `taken` tells. */
  nextCorrelation(taken: (correlation: number) => boolean): number {
    do {
      this.#correlation = (this.#correlation + 1) >>> 0 || 1;
    } while (taken(this.#correlation));
    return this.#correlation;
  }

  /** Says hello if that is ours to do, and settles with the hub's answer. */
  start(start: LinkStart, readyTimeoutMs: number): Promise<Ready> {
    if ("ready" in start) {
      this.#sent = 1;
      this.#received = 1;
      return Promise.resolve(start.ready);
    }
    const { promise, resolve, reject } = Promise.withResolvers<Ready>();
    const cancelTimer = this.clock.setTimer(readyTimeoutMs, () => {
      this.close({ code: BusCode.expired, message: `no ready within ${readyTimeoutMs} ms` });
    });
    this.#greeting = (outcome) => {
      this.#greeting = undefined;
      cancelTimer();
      if ("code" in outcome) reject(BusError.fromWire(outcome));
      else resolve(outcome);
    };
    if (this.#over !== undefined) this.#greeting(this.#over);
    else if ("hello" in start)
      this.sendValue({ kind: Kind.hello }, { protocol: PROTOCOL_VERSION, ...start.hello });
    else this.#sent = 1;
    return promise;
  }

  /** Sends a frame with a value; `undefined` sends none. @throws BusError when it cannot be encoded. */
  sendValue(fields: HeaderFields, value: unknown, extension: Uint8Array = NO_BYTES): void {
    this.#write(frameOfValue(fields, extension, value));
  }

  /** Sends a frame with raw bytes, which must not be changed afterwards. */
  sendBytes(fields: HeaderFields, payload: Uint8Array): void {
    const codecLane = ((fields.codecLane ?? 0) & CONTROL_LANE) | Codec.raw;
    this.#write(frameOfBytes({ ...fields, codecLane }, payload));
  }

  /** The call a frame asks for. An extension is read only when the subject is in it. @throws BusError `bus/protocol`. */
  contextOf(frame: Frame): ServedContext {
    if (frame.name !== 0) {
      const subject = this.names.subjectOf(frame.name) ?? `#${frame.name}`;
      return new ServedContext(this, frame, subject);
    }
    const extension = this.extensionOf(frame);
    return new ServedContext(this, frame, extension.subject ?? "", extension);
  }

  /** Extension of a frame. @throws BusError `bus/protocol`. */
  extensionOf(frame: Frame): ExtensionFields {
    const start = frame.at + HEADER_BYTES;
    return readExtension(frame.head, start, start + frame.extensionBytes);
  }

  /** Says go-away, flushes and ends. Idempotent. */
  close(reason: WireError): void {
    if (this.#over !== undefined) return;
    this.sendValue({ kind: Kind.goAway, codecLane: CONTROL_LANE }, reason);
    this.#finish(reason);
    this.#transport.close();
  }

  #write(slices: Uint8Array[]): void {
    const [head] = slices;
    if (this.#over !== undefined || head === undefined) return;
    this.#sent = (this.#sent + 1) >>> 0;
    writeSequence(head, this.#sent);
    this.#transport.write(slices);
  }

  #onData(chunk: Uint8Array): void {
    if (this.#over !== undefined) return;
    try {
      this.#decoder.push(chunk, this.#onFrame);
    } catch (error) {
      if (!isBusError(error)) throw error;
      this.close(error.toWire());
    }
  }

  readonly #onFrame = (frame: Frame): void => {
    if (this.#over !== undefined) return;
    this.#received = (this.#received + 1) >>> 0;
    if (frame.sequence !== this.#received) {
      throw malformed(`sequence ${frame.sequence}, expected ${this.#received}`, frame.sequence);
    }
    if (frame.kind === Kind.goAway) this.#onGoAway(frame);
    else if (this.#greeting !== undefined) this.#onGreeting(frame, this.#greeting);
    else this.#sink?.onFrame(frame);
  };

  #onGoAway(frame: Frame): void {
    this.#finish(wireErrorOf(frame));
    this.#transport.close();
  }

  #onGreeting(frame: Frame, settle: (outcome: Ready | WireError) => void): void {
    if (frame.kind === Kind.control || frame.kind === Kind.ping) return;
    if (frame.kind !== Kind.ready) throw malformed(`kind ${frame.kind} before ready`, frame.kind);
    settle(checkReady(decodeValue(frame.payload())));
  }

  #finish(reason: WireError): void {
    if (this.#over !== undefined) return;
    this.#over = reason;
    this.deadlines.clear();
    this.#greeting?.(reason);
    this.#sink?.onOver(reason);
  }
}

/**
 * The error in a payload of `error`, `reset` and `go-away`; malformed ones become `bus/internal`. The broker hands payloads
 * on unseen, so whatever a peer wrote there is no reason to give up the link to the broker.
 */
export function wireErrorOf(frame: Frame): WireError {
  const value = decodedOrNothing(frame.payload());
  if (typeof value === "object" && value !== null && "code" in value && "message" in value) {
    const { code, message } = value;
    const data = "data" in value ? { data: value.data } : {};
    if (typeof code === "string" && typeof message === "string") return { code, message, ...data };
  }
  return { code: BusCode.internal, message: "the other side failed without saying how" };
}

function decodedOrNothing(payload: Uint8Array): unknown {
  try {
    return decodeValue(payload);
  } catch {
    return undefined;
  }
}

function checkReady(value: unknown): Ready {
  const ready = value as Partial<Ready> | undefined | null;
  if (
    typeof ready !== "object" ||
    ready === null ||
    typeof ready.id !== "number" ||
    typeof ready.name !== "string"
  ) {
    throw malformed("ready without id and name", JSON.stringify(value ?? null).slice(0, 200));
  }
  return {
    protocol: ready.protocol ?? PROTOCOL_VERSION,
    id: ready.id,
    name: ready.name,
    epoch: ready.epoch ?? 0,
    hubEpoch: ready.hubEpoch ?? 0,
    frameBytesMax: ready.frameBytesMax ?? 0,
  };
}
