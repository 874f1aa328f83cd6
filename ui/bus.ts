/**
 * The page's one connection to the hub. It reconnects by itself and says how it stands:
 *
 *   connecting --link up--> live --link lost--> away --link up--> live
 *
 * Calls and streams under way when the link is lost are rejected with `bus/closed`; nothing is replayed here.
 * Subscriptions are made again on every new link.
 */
import { type Accessor, createContext, createSignal, useContext } from "solid-js";
import type { MethodContract, StreamContract, TopicContract } from "../bus/contracts/define.ts";
import { BusCode, BusError } from "../bus/errors.ts";
import type {
  BusStream,
  CallOptions,
  OpenOptions,
  Peer,
  SubscriberPolicy,
  Subscription,
} from "../bus/peer.ts";
import type { Ready } from "../bus/protocol.ts";
import { sleep } from "./sleep.ts";

/** `connecting` until the first link; `away` while a link that was there is gone. */
export type LinkState = "connecting" | "live" | "away";

/** First wait before another attempt, milliseconds; doubles up to RETRY_MS_MAX. */
export const RETRY_MS_MIN = 100;
export const RETRY_MS_MAX = 2_000;
/** How long a call waits for a link before it fails with `bus/closed`, milliseconds. */
export const LINK_WAIT_MS = 5_000;

/** Called for each event; `retained` marks the topic's kept value. */
export type Listener<V> = (value: V, from: { source: string; retained: boolean }) => void;

/** The page's end of the bus. Closing it ends everything made through it. */
export interface Connection {
  readonly state: Accessor<LinkState>;
  /** Wall clock of the last change of `state`, milliseconds. */
  readonly since: Accessor<number>;
  /** Failed attempts since the link was lost. */
  readonly attempts: Accessor<number>;
  /** Wall clock of the next attempt, null when none waits. */
  readonly nextAttemptAt: Accessor<number | null>;
  /** The hub's greeting on the current or last link. */
  readonly ready: Accessor<Ready | undefined>;
  request<I, O>(method: MethodContract<I, O>, input: I, options?: CallOptions): Promise<O>;
  open<I, A>(stream: StreamContract<I, A>, input: I, options?: OpenOptions): Promise<BusStream<A>>;
  /** Rejected silently while away: events have no receiver then. */
  publish<V>(topic: TopicContract<V>, value: V): void;
  /** Lives until unsubscribed, over any number of links. */
  subscribe<V>(
    topic: TopicContract<V>,
    listener: Listener<V>,
    options?: { policy?: SubscriberPolicy },
  ): Subscription;
  /** One call by bare subject. */
  requestRaw(subject: string, input: unknown, options?: CallOptions): Promise<unknown>;
  /** Ends the wait for the next attempt. */
  tryNow(): void;
  close(): void;
}

/** What a connection needs from outside; tests pass their own. */
export interface ConnectionOptions {
  /** Makes a link and returns the peer on it; rejects when the hub is away. */
  readonly dial: (signal: AbortSignal) => Promise<Peer>;
  readonly now?: () => number;
  /** Waits; resolves early when the signal fires. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

const ConnectionContext = createContext<Connection>();
export const ConnectionProvider = ConnectionContext.Provider;

/** The connection of this page. @throws Error outside of a ConnectionProvider. */
export function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (connection === undefined)
    throw new Error("useConnection needs a ConnectionProvider above it");
  return connection;
}

/** Starts connecting at once. */
export function createConnection(options: ConnectionOptions): Connection {
  return new ReconnectingConnection(options);
}

interface Standing {
  attach(peer: Peer): void;
}

class ReconnectingConnection implements Connection {
  readonly state: Accessor<LinkState>;
  readonly since: Accessor<number>;
  readonly attempts: Accessor<number>;
  readonly nextAttemptAt: Accessor<number | null>;
  readonly ready: Accessor<Ready | undefined>;
  readonly #setState: (state: LinkState) => void;
  readonly #setAttempts: (count: number) => void;
  readonly #setNextAttemptAt: (at: number | null) => void;
  readonly #setReady: (ready: Ready | undefined) => void;
  readonly #dial: ConnectionOptions["dial"];
  readonly #now: () => number;
  readonly #wait: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly #standing = new Set<Standing>();
  readonly #waiters = new Set<(peer: Peer | undefined) => void>();
  readonly #end = new AbortController();
  #nudge = new AbortController();
  #peer: Peer | undefined;

  constructor({ dial, now = Date.now, wait = sleep }: ConnectionOptions) {
    this.#dial = dial;
    this.#now = now;
    this.#wait = wait;
    const [state, setState] = createSignal<LinkState>("connecting");
    const [since, setSince] = createSignal(now());
    const [attempts, setAttempts] = createSignal(0);
    const [nextAttemptAt, setNextAttemptAt] = createSignal<number | null>(null);
    const [ready, setReady] = createSignal<Ready | undefined>(undefined);
    this.state = state;
    this.since = since;
    this.attempts = attempts;
    this.nextAttemptAt = nextAttemptAt;
    this.ready = ready;
    this.#setState = (next) => {
      setSince(now());
      setState(next);
    };
    this.#setAttempts = (count) => void setAttempts(count);
    this.#setNextAttemptAt = (at) => void setNextAttemptAt(at);
    this.#setReady = (next) => void setReady(next);
    void this.#run();
  }

  async request<I, O>(
    method: MethodContract<I, O>,
    input: I,
    options: CallOptions = {},
  ): Promise<O> {
    const peer = await this.#live(options);
    return peer.request(method, input, options);
  }

  async requestRaw(subject: string, input: unknown, options: CallOptions = {}): Promise<unknown> {
    const peer = await this.#live(options);
    return peer.requestRaw(subject, input, options);
  }

  async open<I, A>(
    stream: StreamContract<I, A>,
    input: I,
    options: OpenOptions = {},
  ): Promise<BusStream<A>> {
    const peer = await this.#live(options);
    return peer.open(stream, input, options);
  }

  publish<V>(topic: TopicContract<V>, value: V): void {
    this.#peer?.publish(topic, value);
  }

  subscribe<V>(
    topic: TopicContract<V>,
    listener: Listener<V>,
    options?: { policy?: SubscriberPolicy },
  ): Subscription {
    let current: Subscription | undefined;
    let missedBefore = 0;
    const standing: Standing = {
      attach(peer) {
        missedBefore += current?.missed ?? 0;
        current = peer.subscribe(topic, listener, options);
      },
    };
    this.#standing.add(standing);
    if (this.#peer !== undefined) standing.attach(this.#peer);
    return {
      get missed() {
        return missedBefore + (current?.missed ?? 0);
      },
      unsubscribe: () => {
        this.#standing.delete(standing);
        if (this.#peer !== undefined) current?.unsubscribe();
      },
    };
  }

  tryNow(): void {
    this.#nudge.abort();
  }

  close(): void {
    this.#end.abort();
    this.#nudge.abort();
    this.#peer?.close();
    this.#settleWaiters(undefined);
  }

  async #run(): Promise<void> {
    let delayMs = RETRY_MS_MIN;
    while (!this.#end.signal.aborted) {
      const peer = await this.#dial(this.#end.signal).catch(() => undefined);
      if (this.#end.signal.aborted) return peer?.close();
      if (peer !== undefined) {
        delayMs = RETRY_MS_MIN;
        await this.#holdUntilLost(peer);
        continue;
      }
      this.#setAttempts(this.attempts() + 1);
      await this.#pause(delayMs);
      delayMs = Math.min(delayMs * 2, RETRY_MS_MAX);
    }
  }

  async #holdUntilLost(peer: Peer): Promise<void> {
    this.#peer = peer;
    this.#setReady(peer.ready);
    this.#setAttempts(0);
    this.#setNextAttemptAt(null);
    for (const standing of this.#standing) standing.attach(peer);
    this.#setState("live");
    this.#settleWaiters(peer);
    await peer.closed;
    this.#peer = undefined;
    if (!this.#end.signal.aborted) this.#setState("away");
  }

  async #pause(ms: number): Promise<void> {
    this.#nudge = new AbortController();
    this.#setNextAttemptAt(this.#now() + ms);
    await this.#wait(ms, this.#nudge.signal);
    this.#setNextAttemptAt(null);
  }

  async #live(options: CallOptions): Promise<Peer> {
    if (this.#peer !== undefined) return this.#peer;
    const limitMs = Math.min(options.timeoutMs ?? LINK_WAIT_MS, LINK_WAIT_MS);
    const stop = new AbortController();
    const forward = () => stop.abort();
    options.signal?.addEventListener("abort", forward, { once: true });
    const peer = await new Promise<Peer | undefined>((resolve) => {
      this.#waiters.add(resolve);
      void this.#wait(limitMs, stop.signal).then(() => {
        this.#waiters.delete(resolve);
        resolve(undefined);
      });
    });
    stop.abort();
    options.signal?.removeEventListener("abort", forward);
    if (peer !== undefined) return peer;
    throw new BusError(BusCode.closed, `no link to the hub within ${limitMs} ms`);
  }

  #settleWaiters(peer: Peer | undefined): void {
    for (const settle of this.#waiters) settle(peer);
    this.#waiters.clear();
  }
}
