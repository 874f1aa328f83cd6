/** The client side of the bus: what actors, the page and the command line program against. */
import type { MethodContract, StreamContract, TopicContract } from "./contracts/define.ts";
import type { Control, Principal, Pulse, Ready, WireError } from "./protocol.ts";

/** W3C-style ids that tie the frames of one cause together. */
export interface Trace {
  /** 16 bytes. */
  readonly traceId: Uint8Array;
  /** 8 bytes. */
  readonly spanId: Uint8Array;
}

/** Options of one call. */
export interface CallOptions {
  /** Whole time the call may take, queueing included. Default REQUEST_TIMEOUT_MS; nested calls inherit the rest. */
  readonly timeoutMs?: number;
  /** Aborting sends `cancel` and rejects with `bus/cancelled`. */
  readonly signal?: AbortSignal;
  /** The call that caused this one: deadline, trace and principal are copied from it. */
  readonly within?: CallContext;
}

/** What a handler knows of the call it serves. */
export interface CallContext {
  /** Full name of the caller, stamped by the hub. */
  readonly source: string;
  /** Absent when an actor acts for itself. */
  readonly principal: Principal | undefined;
  readonly subject: string;
  /** Fires on cancel, on expiry and on the caller's death. */
  readonly signal: AbortSignal;
  /** Milliseconds left. */
  remainingMs(): number;
  readonly trace: Trace | undefined;
}

/** One end of a stream of bytes or values. Both directions are credited apart. */
export interface BusStream<Accept> {
  /** Value of the other side's accept; on the accepting side what was passed to `accept`. */
  readonly accepted: Accept;
  /** Chunks in order. Leaving the loop early resets the stream. Credit is granted as chunks are taken. */
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array>;
  /**
   * Alternative to iterating: called for each chunk; credit is granted only for what `consumed` is told.
   * Lets a terminal grant when the parser is done.
   */
  onChunk(handler: (chunk: Uint8Array) => void): void;
  /** Grants `bytes` of credit back. Only with `onChunk`. */
  consumed(bytes: number): void;
  /** Sends bytes, split to DATA_BYTES_MAX; resolves when credit for all was there. Rejects when reset. */
  write(chunk: Uint8Array): Promise<void>;
  /** Bytes that may be written now without waiting. */
  readonly creditBytes: number;
  /** Bytes of ours the other side has granted back: consumed there. */
  readonly acknowledgedBytes: number;
  /** Called whenever `acknowledgedBytes` grows. */
  onAcknowledged: ((bytes: number) => void) | undefined;
  /** Ends our direction with an optional last value. */
  end(value?: unknown): void;
  /** Ends both directions at once. */
  reset(error: WireError): void;
  /** Settles when both directions ended: with the other side's last value, or rejected by a reset. */
  readonly done: Promise<unknown>;
}

/** Options of opening a stream. */
export interface OpenOptions extends CallOptions {
  /** Credit granted to the other side at first. Default STREAM_WINDOW_BYTES. */
  readonly windowBytes?: number;
  /** Travels in the control lane, overtaking queued data. */
  readonly lane?: "data" | "control";
}

/** An unanswered `open` at the accepting side. Exactly one of accept and throwing answers it. */
export interface IncomingStream<Accept> extends CallContext {
  /** Accepts and grants the opener `windowBytes` of credit. */
  accept(value: Accept, options?: { windowBytes?: number }): BusStream<Accept>;
}

/** What a slow subscriber gets: the bus never buffers without bound. */
export type SubscriberPolicy = "block" | "drop-oldest" | "conflate";

/** A live subscription. */
export interface Subscription {
  /** Events that were dropped or merged for this subscriber. */
  readonly missed: number;
  unsubscribe(): void;
}

/** A connected peer. Closing it, or losing the hub, rejects what is under way with `bus/closed`. */
export interface Peer {
  readonly ready: Ready;
  /** Calls a method and validates its output against the contract. */
  request<I, O>(method: MethodContract<I, O>, input: I, options?: CallOptions): Promise<O>;
  /** Serves a method. Input is validated before the handler runs. Throws when it is served already. */
  handle<I, O>(
    method: MethodContract<I, O>,
    handler: (input: I, call: CallContext) => O | Promise<O>,
  ): () => void;
  /** Publishes an event; a retained topic keeps it for late joiners. */
  publish<V>(topic: TopicContract<V>, value: V): void;
  subscribe<V>(
    topic: TopicContract<V>,
    listener: (value: V, from: { source: string; retained: boolean }) => void,
    options?: { policy?: SubscriberPolicy },
  ): Subscription;
  /** Opens a stream; resolves when the other side accepted. */
  open<I, A>(stream: StreamContract<I, A>, input: I, options?: OpenOptions): Promise<BusStream<A>>;
  /** Serves a stream. The handler accepts or throws; its promise may outlive the accept. */
  serve<I, A>(
    stream: StreamContract<I, A>,
    handler: (input: I, incoming: IncomingStream<A>) => void | Promise<void>,
  ): () => void;
  /** One call by bare subject, payload unchecked: the command line and the panel's "Send again". */
  requestRaw(subject: string, input: unknown, options?: CallOptions): Promise<unknown>;
  /** Tells the hub that this actor serves now. Edge peers need not. */
  announceReady(): void;
  /** Control frames of the hub: stop, suspend, resume. */
  onControl: (control: Control) => void;
  /** Asked on every ping; the answer is the pong's payload. */
  onPulse: () => Pulse;
  /** Settles once when the link is gone, with the reason. */
  readonly closed: Promise<WireError>;
  /** Says go-away, flushes, closes. Idempotent. */
  close(): void;
}
