/** Streams of this peer: those it opened, by correlation, and those it accepted, by opener and correlation. */
import { decodeValue } from "../codec.ts";
import type { StreamContract } from "../contracts/define.ts";
import { Timeout } from "../deadlines.ts";
import { BusCode, BusError, isBusError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { STREAM_WINDOW_BYTES, STREAMS_OPEN_MAX } from "../limits.ts";
import type { BusStream, IncomingStream, OpenOptions } from "../peer.ts";
import { CONTROL_LANE, Flag, Kind, type WireError } from "../protocol.ts";
import type { ServedContext } from "./context.ts";
import { type ClientLink, wireErrorOf } from "./link.ts";
import { cancelled, outgoing } from "./outgoing.ts";
import { validate, wireErrorFrom } from "./serving.ts";
import { StreamEnd } from "./stream.ts";

type OpenHandler = (payload: Uint8Array, incoming: Incoming) => unknown;

interface Opened {
  readonly stream: StreamEnd;
  /** Settles the open; undefined once accepted. */
  accept: ((frame: Frame) => void) | undefined;
  readonly fail: (error: BusError) => void;
}

interface Accepted {
  readonly context: ServedContext;
  stream: StreamEnd | undefined;
}

export class Streams {
  readonly #link: ClientLink;
  readonly #handlers = new Map<string, OpenHandler>();
  readonly #opened = new Map<number, Opened>();
  readonly #accepted = new Map<number, Map<number, Accepted>>();
  #count = 0;

  constructor(link: ClientLink) {
    this.#link = link;
  }

  has(correlation: number): boolean {
    return this.#opened.has(correlation);
  }

  /** Opens a stream and settles when the other side accepted or refused. */
  async open<I, A>(
    contract: StreamContract<I, A>,
    input: I,
    options: OpenOptions | undefined,
    correlation: number,
  ): Promise<BusStream<A>> {
    const { subject } = contract;
    const { name, timeoutMs, extension } = outgoing(this.#link, subject, options);
    this.#checkRoom(subject);
    const windowBytes = checkWindow(options?.windowBytes);
    const lane = options?.lane === "control" ? CONTROL_LANE : 0;
    const fields = {
      kind: Kind.open,
      correlation,
      name,
      deadlineMs: timeoutMs,
      position: windowBytes,
      codecLane: lane,
      flags: Flag.opener,
    };
    this.#link.sendValue(fields, input, extension);
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const opened = this.#track({ correlation, lane, windowBytes }, { resolve, reject });
    const deadline = new Timeout(() => {
      const message = `${subject}: not accepted within ${timeoutMs} ms`;
      this.#giveUp(
        opened,
        new BusError(BusCode.expired, message, { data: { subject, timeoutMs } }),
      );
    });
    this.#link.deadlines.add(timeoutMs, deadline);
    const onAbort = (): void => this.#giveUp(opened, cancelled(subject));
    options?.signal?.addEventListener("abort", onAbort, { once: true });
    opened.stream.done
      .catch(() => {})
      .finally(() => options?.signal?.removeEventListener("abort", onAbort))
      .catch(() => {});
    try {
      const value = await promise.finally(() => this.#link.deadlines.remove(deadline));
      opened.stream.accepted = validate(contract.accept, value, () => `accept of ${subject}`);
    } catch (error) {
      opened.stream.reset(wireErrorFrom(error, subject));
      throw error;
    }
    // The contract's schema has just proven what `accepted` is.
    return opened.stream as BusStream<unknown> as BusStream<A>;
  }

  /** @throws BusError `bus/invalid` when the subject is served already. */
  serve<I, A>(
    contract: StreamContract<I, A>,
    handler: (input: I, incoming: IncomingStream<A>) => void | Promise<void>,
  ): () => void {
    const { subject, input } = contract;
    if (this.#handlers.has(subject))
      throw new BusError(BusCode.invalid, `${subject} is served already`);
    const run: OpenHandler = (payload, incoming) =>
      handler(
        validate(input, decodeValue(payload), () => `input of ${subject}`),
        incoming as IncomingStream<unknown> as IncomingStream<A>,
      );
    this.#handlers.set(subject, run);
    return () => {
      if (this.#handlers.get(subject) === run) this.#handlers.delete(subject);
    };
  }

  onOpen(frame: Frame): void {
    const context = this.#link.contextOf(frame);
    const { subject } = context;
    const entry: Accepted = { context, stream: undefined };
    const incoming = new Incoming(entry, (value, windowBytes) =>
      this.#accept(entry, frame.position, { value, windowBytes }),
    );
    const handler = this.#handlers.get(subject);
    if (handler === undefined) {
      this.#refuse(entry, new BusError(BusCode.noResponder, `nothing here serves ${subject}`));
      return;
    }
    this.#keep(entry);
    try {
      const running = handler(frame.payload(), incoming);
      if (running instanceof Promise) running.catch((error: unknown) => this.#refuse(entry, error));
    } catch (error) {
      this.#refuse(entry, error);
    }
  }

  onData(frame: Frame): void {
    const stream = this.#streamOf(frame);
    if (stream === undefined) return;
    try {
      stream.receive(frame.payload(), frame.position);
    } catch (error) {
      if (!isBusError(error, BusCode.protocol)) throw error;
      stream.reset(error.toWire());
    }
  }

  onCredit(frame: Frame): void {
    const opened =
      (frame.flags & Flag.opener) === 0 ? this.#opened.get(frame.correlation) : undefined;
    if ((frame.flags & Flag.accept) !== 0 && opened?.accept !== undefined) {
      opened.stream.grant(frame.position, "first");
      opened.accept(frame);
      opened.accept = undefined;
      return;
    }
    this.#streamOf(frame)?.grant(frame.position, "later");
  }

  onEnd(frame: Frame): void {
    const stream = this.#streamOf(frame);
    if (stream === undefined) return;
    try {
      stream.remoteEnd(decodeValue(frame.payload()));
    } catch (error) {
      stream.reset(wireErrorFrom(error, "end"));
    }
  }

  onReset(frame: Frame): void {
    const error = BusError.fromWire(wireErrorOf(frame));
    if ((frame.flags & Flag.opener) === 0) {
      this.#opened.get(frame.correlation)?.fail(error);
      return;
    }
    const entry = this.#accepted.get(frame.source)?.get(frame.correlation);
    if (entry === undefined) return;
    this.#forget(entry);
    entry.context.abort(error.toWire());
    entry.stream?.fail(error);
  }

  /** Fails all streams with `bus/closed`. */
  end(reason: WireError): void {
    const error = new BusError(BusCode.closed, reason.message, { data: reason });
    for (const opened of [...this.#opened.values()]) opened.fail(error);
    for (const entries of [...this.#accepted.values()]) {
      for (const entry of [...entries.values()]) {
        entry.context.abort(error.toWire());
        entry.stream?.fail(error);
      }
    }
    this.#accepted.clear();
  }

  #track(
    { correlation, lane, windowBytes }: { correlation: number; lane: number; windowBytes: number },
    settle: { resolve: (value: unknown) => void; reject: (error: BusError) => void },
  ): Opened {
    const address = { correlation, destination: 0, epoch: 0, flags: Flag.opener, lane };
    const windows = { credit: 0, granted: windowBytes };
    const stream = new StreamEnd(this.#link, address, windows, () =>
      this.#opened.delete(correlation),
    );
    const opened: Opened = {
      stream,
      accept: (frame) => {
        try {
          settle.resolve(decodeValue(frame.payload()));
        } catch (error) {
          settle.reject(BusError.fromWire(wireErrorFrom(error, "accept")));
        }
      },
      fail: (error) => {
        settle.reject(error);
        stream.fail(error);
      },
    };
    this.#opened.set(correlation, opened);
    return opened;
  }

  #giveUp(opened: Opened, error: BusError): void {
    const wasWaiting = opened.accept !== undefined;
    if (!wasWaiting && error.code === BusCode.expired) return;
    opened.stream.reset(error.toWire());
    opened.fail(error);
  }

  #accept(
    entry: Accepted,
    credit: number,
    answer: { value: unknown; windowBytes: number | undefined },
  ): StreamEnd {
    const { context } = entry;
    if (entry.stream !== undefined)
      throw new BusError(BusCode.invalid, `${context.subject}: accepted twice`);
    const { correlation, epoch, sourceId: destination, lane } = context;
    const position = checkWindow(answer.windowBytes);
    const fields = {
      kind: Kind.credit,
      correlation,
      destination,
      epoch,
      flags: Flag.accept,
      codecLane: lane,
      position,
    };
    const stream = new StreamEnd(
      this.#link,
      { correlation, destination, epoch, flags: 0, lane },
      { credit, granted: position },
      () => this.#forget(entry),
    );
    stream.accepted = answer.value;
    if (!this.#isKept(entry))
      stream.fail(new BusError(BusCode.cancelled, `${context.subject}: the opener is gone`));
    else this.#link.sendValue(fields, answer.value);
    entry.stream = stream;
    return stream;
  }

  #refuse(entry: Accepted, error: unknown): void {
    const wire = wireErrorFrom(error, entry.context.subject);
    if (entry.stream !== undefined) {
      entry.stream.reset(wire);
      return;
    }
    this.#forget(entry);
    const { correlation, epoch, sourceId: destination, lane } = entry.context;
    this.#link.sendValue(
      { kind: Kind.reset, correlation, destination, epoch, codecLane: lane },
      wire,
    );
  }

  #streamOf(frame: Frame): StreamEnd | undefined {
    if ((frame.flags & Flag.opener) === 0) return this.#opened.get(frame.correlation)?.stream;
    return this.#accepted.get(frame.source)?.get(frame.correlation)?.stream;
  }

  #isKept(entry: Accepted): boolean {
    return this.#accepted.get(entry.context.sourceId)?.get(entry.context.correlation) === entry;
  }

  #keep(entry: Accepted): void {
    const { sourceId, correlation } = entry.context;
    const entries = this.#accepted.get(sourceId);
    if (entries === undefined) this.#accepted.set(sourceId, new Map([[correlation, entry]]));
    else entries.set(correlation, entry);
    this.#count++;
  }

  #forget(entry: Accepted): void {
    const { sourceId, correlation } = entry.context;
    entry.context.finish();
    if (!this.#isKept(entry)) return;
    this.#accepted.get(sourceId)?.delete(correlation);
    this.#count--;
  }

  #checkRoom(subject: string): void {
    if (this.#opened.size + this.#count < STREAMS_OPEN_MAX) return;
    throw new BusError(BusCode.limit, `${subject}: ${STREAMS_OPEN_MAX} streams are open already`);
  }
}

/** The open as its handler sees it. */
class Incoming implements IncomingStream<unknown> {
  readonly #entry: Accepted;
  readonly #accept: (value: unknown, windowBytes: number | undefined) => StreamEnd;

  constructor(
    entry: Accepted,
    accept: (value: unknown, windowBytes: number | undefined) => StreamEnd,
  ) {
    this.#entry = entry;
    this.#accept = accept;
  }

  get source(): string {
    return this.#entry.context.source;
  }

  get principal(): ServedContext["principal"] {
    return this.#entry.context.principal;
  }

  get subject(): string {
    return this.#entry.context.subject;
  }

  get signal(): AbortSignal {
    return this.#entry.context.signal;
  }

  get trace(): ServedContext["trace"] {
    return this.#entry.context.trace;
  }

  remainingMs(): number {
    return this.#entry.context.remainingMs();
  }

  accept(value: unknown, options?: { windowBytes?: number }): BusStream<unknown> {
    return this.#accept(value, options?.windowBytes);
  }
}

function checkWindow(windowBytes: number | undefined): number {
  const bytes = windowBytes ?? STREAM_WINDOW_BYTES;
  if (Number.isInteger(bytes) && bytes >= 0 && bytes <= 0xffff_ffff) return bytes;
  throw new BusError(BusCode.invalid, `window of ${bytes} bytes is not within 0 to 4294967295`);
}
