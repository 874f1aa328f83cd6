/**
 * One end of a stream. Sending waits for credit in a queue; receiving buffers at most the window it granted.
 *
 *   write --> [queue] --credit--> data            data --> [chunks] --taken or consumed--> credit
 */
import { BusCode, BusError } from "../errors.ts";
import { DATA_BYTES_MAX, STREAM_QUEUE_BYTES_MAX } from "../limits.ts";
import type { BusStream } from "../peer.ts";
import { CONTROL_LANE, Kind, type WireError } from "../protocol.ts";
import type { ClientLink } from "./link.ts";
import { wireErrorFrom } from "./serving.ts";

/** What names a stream on the wire. */
export interface StreamAddress {
  readonly correlation: number;
  /** 0 on the opener's side until the accept came: the hub knows the way. */
  readonly destination: number;
  readonly epoch: number;
  /** Flag.opener on the opener's side. */
  readonly flags: number;
  /** CONTROL_LANE or 0. */
  readonly lane: number;
}

/** Bytes of both directions when a stream opens. */
export interface StreamWindows {
  /** What may be sent at once. */
  readonly credit: number;
  /** What was granted to the other side. */
  readonly granted: number;
}

/** A reader grants a quarter of its window at once, however long it works in one turn. */
const GRANTS_A_WINDOW = 4;

interface Write {
  readonly chunk: Uint8Array;
  sent: number;
  readonly resolve: () => void;
  readonly reject: (error: BusError) => void;
}

export class StreamEnd implements BusStream<unknown> {
  readonly done: Promise<unknown>;
  onAcknowledged: ((bytes: number) => void) | undefined;
  #accepted: unknown;
  readonly #link: ClientLink;
  readonly #address: StreamAddress;
  readonly #onGone: () => void;
  readonly #settle: PromiseWithResolvers<unknown>;
  #credit: number;
  #position = 0;
  #acknowledged = 0;
  readonly #queue: Write[] = [];
  #queueBytes = 0;
  #ending: { value: unknown } | undefined;
  #sentEnd = false;
  readonly #chunks: Uint8Array[] = [];
  #received = 0;
  #remoteEnd: { value: unknown } | undefined;
  #failure: BusError | undefined;
  #handler: ((chunk: Uint8Array) => void) | undefined;
  #wake: (() => void) | undefined;
  #consumed = 0;
  readonly #grantBytes: number;
  #grantScheduled = false;

  /** @param onGone called when both directions are over. */
  constructor(
    link: ClientLink,
    address: StreamAddress,
    { credit, granted }: StreamWindows,
    onGone: () => void,
  ) {
    this.#link = link;
    this.#address = address;
    this.#credit = credit;
    this.#grantBytes = granted / GRANTS_A_WINDOW;
    this.#onGone = onGone;
    this.#settle = Promise.withResolvers();
    this.done = this.#settle.promise;
    // Whoever does not wait for the end must not be told of it as an unhandled rejection.
    this.done.catch(() => {});
  }

  get accepted(): unknown {
    return this.#accepted;
  }

  set accepted(value: unknown) {
    this.#accepted = value;
  }

  get creditBytes(): number {
    return this.#queue.length > 0 ? 0 : Math.max(0, this.#credit);
  }

  get acknowledgedBytes(): number {
    return this.#acknowledged;
  }

  write(chunk: Uint8Array): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#ending !== undefined)
      return Promise.reject(new BusError(BusCode.invalid, "write after end"));
    if (this.#queueBytes > STREAM_QUEUE_BYTES_MAX) {
      return Promise.reject(
        new BusError(
          BusCode.limit,
          `${this.#queueBytes} bytes wait for credit, at most ${STREAM_QUEUE_BYTES_MAX}`,
        ),
      );
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#queue.push({ chunk, sent: 0, resolve, reject });
    this.#queueBytes += chunk.length;
    this.#pump();
    return promise;
  }

  onChunk(handler: (chunk: Uint8Array) => void): void {
    this.#handler = handler;
    for (const chunk of this.#chunks.splice(0)) handler(chunk);
  }

  consumed(bytes: number): void {
    if (!(bytes > 0) || this.#failure !== undefined) return;
    this.#consumed += bytes;
    // A parser may take the whole window in one turn: the sender must not run dry until that is over.
    if (this.#consumed >= this.#grantBytes) return this.#grant();
    if (this.#grantScheduled) return;
    this.#grantScheduled = true;
    queueMicrotask(() => {
      this.#grantScheduled = false;
      this.#grant();
    });
  }

  end(value?: unknown): void {
    if (this.#ending !== undefined || this.#failure !== undefined) return;
    this.#ending = { value };
    this.#pump();
  }

  reset(error: WireError): void {
    if (this.#failure !== undefined || (this.#sentEnd && this.#remoteEnd !== undefined)) return;
    this.#send(Kind.reset, 0, error);
    this.fail(BusError.fromWire(error));
  }

  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    let complete = false;
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk !== undefined) {
          this.consumed(chunk.length);
          yield chunk;
        } else if (this.#failure !== undefined || this.#remoteEnd !== undefined) {
          break;
        } else {
          await this.#nextEvent();
        }
      }
      complete = true;
    } finally {
      if (!complete) this.reset({ code: BusCode.cancelled, message: "the reader stopped" });
    }
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Takes in a data frame's payload. @throws BusError `bus/protocol` when bytes are missing before it. */
  receive(chunk: Uint8Array, position: number): void {
    if (this.#failure !== undefined || this.#remoteEnd !== undefined) return;
    if (position !== this.#received) {
      throw new BusError(
        BusCode.protocol,
        `data at position ${position}, expected ${this.#received}`,
        { data: { value: position } },
      );
    }
    this.#received = (this.#received + chunk.length) >>> 0;
    if (this.#handler !== undefined) this.#handler(chunk);
    else this.#chunks.push(chunk);
    this.#wake?.();
  }

  /** Takes in a grant of the other side. */
  grant(bytes: number, isFirst: "first" | "later"): void {
    if (this.#failure !== undefined) return;
    this.#credit += bytes;
    if (isFirst === "later" && bytes > 0) {
      this.#acknowledged += bytes;
      this.onAcknowledged?.(this.#acknowledged);
    }
    this.#pump();
  }

  /** The other side sends no more. */
  remoteEnd(value: unknown): void {
    if (this.#remoteEnd !== undefined || this.#failure !== undefined) return;
    this.#remoteEnd = { value };
    this.#wake?.();
    this.#endIfOver();
  }

  /** Both directions are over by an error. */
  fail(error: BusError): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    for (const write of this.#queue.splice(0)) write.reject(error);
    this.#queueBytes = 0;
    this.#settle.reject(error);
    this.#wake?.();
    this.#onGone();
  }

  #pump(): void {
    while (this.#credit > 0 || this.#queue[0]?.chunk.length === 0) {
      const write = this.#queue[0];
      if (write === undefined) break;
      this.#sendPiece(write);
      if (write.sent < write.chunk.length) continue;
      this.#queue.shift();
      write.resolve();
    }
    if (this.#queue.length === 0 && this.#ending !== undefined && !this.#sentEnd)
      this.#sendEnd(this.#ending.value);
  }

  #sendPiece(write: Write): void {
    const piece = write.chunk.subarray(write.sent, write.sent + DATA_BYTES_MAX);
    write.sent += piece.length;
    this.#queueBytes -= piece.length;
    if (piece.length === 0) return;
    const { correlation, destination, epoch, flags, lane } = this.#address;
    this.#link.sendBytes(
      {
        kind: Kind.data,
        correlation,
        destination,
        epoch,
        flags,
        codecLane: lane,
        position: this.#position,
      },
      piece,
    );
    this.#position = (this.#position + piece.length) >>> 0;
    this.#credit -= piece.length;
  }

  #sendEnd(value: unknown): void {
    this.#sentEnd = true;
    try {
      this.#send(Kind.end, this.#address.lane, value);
    } catch (error) {
      this.#sentEnd = false;
      this.reset(wireErrorFrom(error, "end"));
      return;
    }
    this.#endIfOver();
  }

  #grant(): void {
    const bytes = this.#consumed;
    this.#consumed = 0;
    if (bytes === 0 || this.#failure !== undefined || this.#link.over !== undefined) return;
    const { correlation, destination, epoch, flags } = this.#address;
    // After its end the other side needs no credit but still wants to know what was consumed.
    if (this.#sentEnd && this.#remoteEnd !== undefined) return;
    this.#link.sendValue(
      {
        kind: Kind.credit,
        correlation,
        destination,
        epoch,
        flags,
        codecLane: CONTROL_LANE,
        position: bytes,
      },
      undefined,
    );
  }

  #send(kind: Kind, lane: number, value: unknown): void {
    const { correlation, destination, epoch, flags } = this.#address;
    this.#link.sendValue({ kind, correlation, destination, epoch, flags, codecLane: lane }, value);
  }

  #endIfOver(): void {
    if (!this.#sentEnd || this.#remoteEnd === undefined || this.#failure !== undefined) return;
    this.#onGone();
    this.#settle.resolve(this.#remoteEnd.value);
  }

  #nextEvent(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
