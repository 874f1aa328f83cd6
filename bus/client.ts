/** A peer of the bus over any transport: what actors, the page and the command line hold. */
import { unknown } from "valibot";
import { Calls } from "./client/calls.ts";
import { ClientLink, type LinkStart } from "./client/link.ts";
import { Serving } from "./client/serving.ts";
import { Streams } from "./client/streams.ts";
import { Subscriptions } from "./client/subscriptions.ts";
import { type Clock, systemClock } from "./clock.ts";
import { decodeValue } from "./codec.ts";
import type { MethodContract, StreamContract, TopicContract } from "./contracts/define.ts";
import { BusCode, BusError } from "./errors.ts";
import { writeExtension } from "./extension.ts";
import { type Frame, malformed } from "./frame.ts";
import { HELLO_TIMEOUT_MS } from "./limits.ts";
import type {
  BusStream,
  CallContext,
  CallOptions,
  IncomingStream,
  OpenOptions,
  Peer,
  SubscriberPolicy,
  Subscription,
} from "./peer.ts";
import {
  CONTROL_LANE,
  type Control,
  type DeadLetter,
  Flag,
  Kind,
  type Pulse,
  type Ready,
  type WireError,
} from "./protocol.ts";
import { checkSubject } from "./subject.ts";
import type { Transport } from "./transport.ts";

export type { LinkStart } from "./client/link.ts";

/** Options of a peer; all have defaults. */
export interface ConnectOptions {
  /** Default: the runtime's. */
  readonly clock?: Clock;
  /** Fills an array with random bytes, for trace ids. Default: crypto.getRandomValues. */
  readonly random?: (bytes: Uint8Array<ArrayBuffer>) => void;
  /** Told of frames of ours that were not delivered, and of events that did not fit their contract. Default: nothing. */
  readonly onDeadLetter?: (letter: DeadLetter) => void;
  /** How long `ready` may take, milliseconds. Default HELLO_TIMEOUT_MS. */
  readonly readyTimeoutMs?: number;
}

/**
 * Makes a peer on a connected transport, which it then owns. Must be called in the turn of the event loop in which
 * the transport was made.
 * @throws BusError as the hub refused it (`bus/unauthorized`, `bus/version`, ...), `bus/expired` without `ready` in time.
 */
export async function connectPeer(
  transport: Transport,
  start: LinkStart,
  options: ConnectOptions = {},
): Promise<Peer> {
  const readyTimeoutMs = options.readyTimeoutMs ?? HELLO_TIMEOUT_MS;
  const clock = options.clock ?? systemClock;
  const random = options.random ?? ((bytes) => void crypto.getRandomValues(bytes));
  const link = new ClientLink(transport, { clock, random, readyTimeoutMs });
  const peer = new ClientPeer(link, options.onDeadLetter ?? (() => {}));
  peer.ready = await link.start(start, readyTimeoutMs);
  return peer;
}

const NOT_READY: Ready = { protocol: 0, id: 0, name: "", epoch: 0, hubEpoch: 0, frameBytesMax: 0 };

class ClientPeer implements Peer {
  ready: Ready = NOT_READY;
  onControl: (control: Control) => void = () => {};
  onPulse: () => Pulse = () => ({});
  readonly closed: Promise<WireError>;
  readonly #link: ClientLink;
  readonly #calls: Calls;
  readonly #serving: Serving;
  readonly #streams: Streams;
  readonly #subscriptions: Subscriptions;
  readonly #onDeadLetter: (letter: DeadLetter) => void;
  readonly #taken = (correlation: number): boolean =>
    this.#calls.has(correlation) ||
    this.#streams.has(correlation) ||
    this.#subscriptions.has(correlation);

  constructor(link: ClientLink, onDeadLetter: (letter: DeadLetter) => void) {
    this.#link = link;
    this.#onDeadLetter = onDeadLetter;
    this.#calls = new Calls(link);
    this.#serving = new Serving(link);
    this.#streams = new Streams(link);
    this.#subscriptions = new Subscriptions(link, (subject, message) =>
      this.#onUndecodable(subject, message),
    );
    const { promise, resolve } = Promise.withResolvers<WireError>();
    this.closed = promise;
    link.sink = {
      onFrame: (frame) => this.#onFrame(frame),
      onOver: (reason) => {
        this.#calls.end(reason);
        this.#streams.end(reason);
        this.#serving.end(reason);
        this.#subscriptions.end();
        resolve(reason);
      },
    };
  }

  request<I, O>(method: MethodContract<I, O>, input: I, options?: CallOptions): Promise<O> {
    const { subject, output } = method;
    return this.#calls.send({ subject, input, options, output }, this.#correlation());
  }

  async requestRaw(subject: string, input: unknown, options?: CallOptions): Promise<unknown> {
    checkSubject(subject);
    return this.#calls.send({ subject, input, options, output: unknown() }, this.#correlation());
  }

  handle<I, O>(
    method: MethodContract<I, O>,
    handler: (input: I, call: CallContext) => O | Promise<O>,
  ): () => void {
    return this.#serving.add(method, handler);
  }

  publish<V>(topic: TopicContract<V>, value: V): void {
    if (this.#link.over !== undefined)
      throw new BusError(BusCode.closed, `${topic.subject}: ${this.#link.over.message}`);
    const name = this.#link.names.idOf(topic.subject);
    const flags = topic.retained ? Flag.retained : 0;
    const extension = name === 0 ? writeExtension({ subject: topic.subject }) : undefined;
    this.#link.sendValue({ kind: Kind.publish, name, flags }, value ?? null, extension);
  }

  subscribe<V>(
    topic: TopicContract<V>,
    listener: (value: V, from: { source: string; retained: boolean }) => void,
    options?: { policy?: SubscriberPolicy },
  ): Subscription {
    const policy = options?.policy ?? "drop-oldest";
    // The entry validates with the topic's own schema before it calls the listener.
    const untyped = listener as (
      value: unknown,
      from: { source: string; retained: boolean },
    ) => void;
    return this.#subscriptions.add(
      { subject: topic.subject, schema: topic.value, policy },
      untyped,
      this.#correlation(),
    );
  }

  open<I, A>(stream: StreamContract<I, A>, input: I, options?: OpenOptions): Promise<BusStream<A>> {
    return this.#streams.open(stream, input, options, this.#correlation());
  }

  serve<I, A>(
    stream: StreamContract<I, A>,
    handler: (input: I, incoming: IncomingStream<A>) => void | Promise<void>,
  ): () => void {
    return this.#streams.serve(stream, handler);
  }

  announceReady(): void {
    this.#link.sendValue({ kind: Kind.ready, codecLane: CONTROL_LANE }, undefined);
  }

  close(): void {
    this.#link.close({ code: BusCode.closed, message: "closed by this side" });
  }

  #correlation(): number {
    return this.#link.nextCorrelation(this.#taken);
  }

  #onFrame(frame: Frame): void {
    switch (frame.kind) {
      case Kind.reply:
        return this.#calls.onReply(frame);
      case Kind.ack:
        return;
      case Kind.error:
        return this.#onError(frame);
      case Kind.request:
        return this.#serving.onRequest(frame);
      case Kind.cancel:
        return this.#serving.onCancel(frame);
      case Kind.publish:
        return this.#subscriptions.onPublish(frame);
      case Kind.open:
        return this.#streams.onOpen(frame);
      case Kind.data:
        return this.#streams.onData(frame);
      case Kind.credit:
        return this.#streams.onCredit(frame);
      case Kind.end:
        return this.#streams.onEnd(frame);
      case Kind.reset:
        return this.#streams.onReset(frame);
      case Kind.ping:
        return this.#onPing();
      case Kind.dead:
        return this.#onDeadLetter(decodeValue(frame.payload()) as DeadLetter);
      case Kind.control:
        return this.#onControl(decodeValue(frame.payload()) as Control);
      default:
        throw malformed(`kind ${frame.kind} from the hub`, frame.kind);
    }
  }

  #onError(frame: Frame): void {
    this.#calls.onError(frame);
  }

  #onPing(): void {
    const pulse: Pulse = { mailbox: this.#serving.count, ...this.onPulse() };
    this.#link.sendValue({ kind: Kind.pong, codecLane: CONTROL_LANE }, pulse);
  }

  #onControl(control: Control): void {
    if (control.op === "names") this.#link.names.learn(control.names, control.peers ?? []);
    else this.onControl(control);
  }

  #onUndecodable(subject: string, message: string): void {
    const { name } = this.ready;
    this.#onDeadLetter({
      reason: "undecodable",
      kind: Kind.publish,
      source: "",
      destination: name,
      subject,
      correlation: 0,
      message,
    });
  }
}
