/**
 * The hub's middle: takes links, routes frames by header, keeps the tables, tells what happened. It never decodes a
 * payload that is not its own. Everything that is decided about a frame is decided in route.ts, calls.ts, streams.ts
 * and topics.ts; how it travels in post.ts and link.ts.
 */
import { type ConnectOptions, connectPeer } from "../client.ts";
import { type Clock, systemClock } from "../clock.ts";
import { decodeValue, encodeValue } from "../codec.ts";
import type { SubjectRule } from "../contracts/index.ts";
import { BusCode, BusError } from "../errors.ts";
import { type Frame, makeFrame, malformed, NO_BYTES } from "../frame.ts";
import { FRAME_BYTES_MAX, HELLO_TIMEOUT_MS } from "../limits.ts";
import { memoryLink } from "../memory.ts";
import type { Peer } from "../peer.ts";
import {
  type DeadLetter,
  type Hello,
  Kind,
  PROTOCOL_VERSION,
  type Pulse,
  type Ready,
  type WireError,
} from "../protocol.ts";
import type { Transport } from "../transport.ts";
import { Access, EDGE_MANIFEST, HUB_MANIFEST, type Manifest } from "./access.ts";
import { Batches } from "./batches.ts";
import { CallRouter } from "./calls.ts";
import { DeadLetters } from "./dead-letters.ts";
import { Directory } from "./directory.ts";
import { Dispatch, type Tables } from "./dispatch.ts";
import { EdgeLinks } from "./edge-links.ts";
import {
  type AttachedLink,
  baseName,
  type EdgeIdentity,
  type Identity,
  isWelcome,
  type LinkHooks,
  readHello,
} from "./identity.ts";
import { type LinkOwner, PeerLink } from "./link.ts";
import { MAILBOX_BOUNDS, type MailboxBounds } from "./mailbox.ts";
import type { ActorState, FailedCall, Member } from "./member.ts";
import type { FrameObserver } from "./observer.ts";
import { Post } from "./post.ts";
import {
  type ActorStats,
  actorStats,
  type Census,
  censusOf,
  type EndConsequence,
  endConsequence,
  type PeerStats,
  peerStats,
} from "./statistics.ts";
import { StreamRouter } from "./streams.ts";
import { Subjects } from "./subjects.ts";
import { TopicRouter } from "./topics.ts";
import { Waiting } from "./waiting.ts";

export interface BrokerOptions {
  /** Incarnation of this hub, from its root. */
  readonly hubEpoch: number;
  /** Default: the runtime's. */
  readonly clock?: Clock;
  /** Rules by subject. Default: those of the contracts. */
  readonly rules?: ReadonlyMap<string, SubjectRule>;
  /** Bounds of each mailbox. Default: limits.ts. */
  readonly mailboxBounds?: MailboxBounds;
  readonly observer?: FrameObserver;
  /** Every dead letter. */
  readonly onDeadLetter?: (letter: DeadLetter) => void;
  /** A frame came for an actor that is `absent`. It is held, failed or dropped by its rule. */
  readonly onActorNeeded?: (name: string) => void;
  /** Something failed in the hub itself over a frame of `peer`, whose link is closed for it. */
  readonly onFault?: (peer: string, error: unknown) => void;
  /** A peer came, went or was named. */
  readonly onPeersChanged?: () => void;
}

/** @throws nothing; the broker lives until `close`. */
export function createBroker(options: BrokerOptions): Broker {
  return new Broker(options);
}

/** How often calls are looked through for deadlines both ends have slept through, milliseconds. */
const SWEEP_MS = 1_000;

export class Broker implements LinkOwner {
  readonly subjects: Subjects;
  readonly #options: BrokerOptions;
  readonly #clock: Clock;
  readonly #post: Post;
  readonly #observer: FrameObserver | undefined;
  readonly #topics: TopicRouter;
  readonly #directory: Directory;
  readonly #dispatch: Dispatch;
  readonly #waiting: Waiting;
  readonly #deadLetters: DeadLetters;
  readonly #links = new Map<
    PeerLink,
    { identity: Identity; hooks: LinkHooks; cancelHello: () => void }
  >();
  readonly #edges = new EdgeLinks();
  readonly #batches: Batches;
  #closing = false;
  #cancelSweep: () => void = () => {};

  constructor(options: BrokerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.subjects = new Subjects(options.rules);
    this.#directory = new Directory(options.mailboxBounds ?? MAILBOX_BOUNDS);
    this.#deadLetters = new DeadLetters(this.#clock, (letter) => this.#publishDead(letter));
    this.#post = new Post(this.#clock, {
      onDead: (letter, frame) => this.#onDead(letter, frame),
      onCut: (member) => this.#batches.cutOff(member),
    });
    this.#batches = new Batches({
      onStart: () => this.#post.lookAtClock(),
      onCut: closeUnread,
    });
    this.#observer = options.observer;
    this.#topics = new TopicRouter(this.#post);
    const tables: Tables = {
      post: this.#post,
      calls: new CallRouter(this.#post),
      streams: new StreamRouter(this.#post),
      topics: this.#topics,
      directory: this.#directory,
      subjects: this.subjects,
      observer: options.observer,
      onActorNeeded: options.onActorNeeded,
    };
    this.#dispatch = new Dispatch(tables);
    this.#waiting = new Waiting(tables);
    this.#armSweep();
  }

  /**
   * Takes a link, which the broker then owns. Must be called in the turn in which the transport was made.
   * An actor's former link is closed; its calls fail as at its death. Past UNGREETED_MAX edge peers that have not said
   * hello the oldest of them is closed.
   * @throws BusError `bus/limit` when there is no room for it (the transport is closed).
   */
  attach(transport: Transport, identity: Identity, hooks: LinkHooks = {}): AttachedLink {
    const said = identity.kind === "edge" ? identity.hello : undefined;
    const link = new PeerLink(transport, this, said === undefined ? 0 : 1);
    if (identity.kind === "edge" && said === undefined) this.#edges.arrive(link);
    const refusal = this.#edges.refusal(identity, this.#links.size);
    if (refusal !== undefined) {
      this.#edges.leave(link);
      link.close(refusal.toWire());
      throw refusal;
    }
    const member =
      identity.kind === "actor"
        ? this.#actorFor(identity.name, identity.manifest)
        : this.#edgeFor(identity);
    const cancelHello = this.#clock.setTimer(HELLO_TIMEOUT_MS, () => {
      // How long an actor may take to start is its supervisor's business.
      if (!link.greeted && identity.kind === "edge")
        link.close({ code: BusCode.expired, message: `no hello within ${HELLO_TIMEOUT_MS} ms` });
    });
    this.#links.set(link, { identity, hooks, cancelHello });
    link.member = member;
    if (identity.kind === "actor") {
      // The end of the old link means "absent"; what the supervisor said of the new incarnation stays.
      const { state } = member;
      member.link?.close({ code: BusCode.closed, message: "replaced by a new incarnation" });
      member.state = state;
      member.epoch = identity.epoch & 0xffff;
    }
    if (said !== undefined) this.#welcome(link, member, said);
    return {
      id: member.id,
      get name(): string {
        return member.name;
      },
      sendControl: (control) => link.sendControl(control),
      ping: () => link.sendValue({ kind: Kind.ping }, undefined),
      close: (reason = { code: BusCode.closed, message: "closed by the hub" }) =>
        link.close(reason),
    };
  }

  /** The hub's own peer, named `hub`, over a link in memory. */
  async connectHub(options: ConnectOptions = {}): Promise<Peer> {
    const [ours, theirs] = memoryLink();
    const member = this.#actorFor("hub", HUB_MANIFEST);
    member.state = "ready";
    this.attach(ours, { kind: "actor", name: "hub", epoch: 1, manifest: HUB_MANIFEST });
    return connectPeer(
      theirs,
      { hello: { name: "hub", pid: 0 } },
      { clock: this.#clock, ...options },
    );
  }

  /** Makes an actor's name known, in state `absent`. Harmless when it is. */
  declareActor(name: string): void {
    this.#actorFor(name, undefined);
  }

  /**
   * What the supervisor says of an actor. `absent` is dormant: until it is ready all calls are held, whatever their
   * rule. While it is restarting or backing off say `starting`: then the rules hold, fail and drop apply.
   */
  setActorState(name: string, state: ActorState): void {
    const member = this.#actorFor(name, undefined);
    // Said by the supervisor it means dormant; what follows is a first start, not a restart.
    if (state === "absent") member.waking = true;
    else if (state !== "starting") member.waking = false;
    if (member.state === state) return;
    member.state = state;
    this.#batches.run(() => {
      if (state === "parked") this.#waiting.fail(member);
      else if (member.isServing) this.#waiting.resume(member);
    });
  }

  /**
   * Lets two actors change their names, in one turn: calls and streams under way stay where they are, what comes from
   * now on goes to the other one.
   * @throws Error for a name that is not known.
   */
  swapActors(name: string, other: string): void {
    this.#directory.swap(name, other);
    this.#options.onPeersChanged?.();
  }

  actorState(name: string): ActorState | undefined {
    return this.#directory.byName(name)?.state;
  }

  peers(): PeerStats[] {
    return [...this.#directory.all()].map(peerStats);
  }

  /** Undefined for an unknown name. */
  actorStats(name: string): ActorStats | undefined {
    const member = this.#directory.byName(name);
    return member === undefined ? undefined : actorStats(member);
  }

  census(name: string): Census {
    const member = this.#directory.byName(name);
    if (member === undefined) return { waiting: [], inFlight: [] };
    const at = {
      nowMs: this.#clock.now(),
      subjects: this.subjects,
      nameOf: (id: number) => this.#directory.nameOf(id),
    };
    return censusOf(member, this.#directory.all(), at);
  }

  /** What would happen to calls and streams if the actor ended now. */
  endConsequence(name: string): EndConsequence {
    const member = this.#directory.byName(name);
    if (member === undefined) return { callsFail: 0, callsWait: 0, streamsReset: 0 };
    return endConsequence(member, this.#directory.all(), this.subjects);
  }

  /** The calls its last end has failed, once. */
  takeCallsFailed(name: string): FailedCall[] {
    const member = this.#directory.byName(name);
    if (member === undefined) return [];
    const { failed } = member;
    member.failed = [];
    return failed;
  }

  /** Subscriptions that fit a subject now. */
  subscriberCount(subject: string): number {
    const entry = this.subjects.intern(subject);
    return typeof entry === "object" ? this.#topics.listenerCount(entry) : 0;
  }

  /** Address of a peer in this hub incarnation; undefined for an unknown name. */
  idOf(name: string): number | undefined {
    return this.#directory.byName(name)?.id;
  }

  /** Full name of a peer id, for the recorder; `#7` when it is forgotten. */
  nameOf(id: number): string {
    return this.#directory.nameOf(id);
  }

  /** Closes every link with `reason`. */
  close(reason: WireError = { code: BusCode.closed, message: "the hub ends" }): void {
    this.#cancelSweep();
    this.#closing = true;
    for (const link of [...this.#links.keys()]) link.close(reason);
    this.#post.close();
  }

  onBatch(edge: "start" | "end"): void {
    if (edge === "start") this.#batches.start();
    else this.#batches.end();
  }

  onFault(link: PeerLink, error: unknown): void {
    const name = link.member?.name ?? "";
    this.#options.onFault?.(name === "" ? "a peer without a name" : name, error);
  }

  onDirty(link: PeerLink): void {
    this.#batches.send(link);
  }

  onSend(link: PeerLink, frame: Frame): void {
    this.#observer?.onSent(frame, link.member?.id ?? 0, this.#post.note);
  }

  onDrain(link: PeerLink): void {
    const { member } = link;
    if (this.#closing) {
      // Everybody is told that the hub ends; that the others end too is no news.
    } else if (member?.link === link) this.#batches.run(() => this.#post.drain(member));
  }

  onOver(link: PeerLink, reason: WireError): void {
    const entry = this.#links.get(link);
    if (entry === undefined) return;
    this.#links.delete(link);
    this.#edges.leave(link);
    entry.cancelHello();
    const { member } = link;
    if (this.#closing) {
      // Everybody is told that the hub ends; that the others end too is no news.
    } else if (member?.link === link)
      this.#batches.run(() => this.#waiting.onDeath(member, reason));
    else if (member?.kind === "edge") this.#directory.remove(member);
    entry.hooks.onClosed?.(reason);
    this.#options.onPeersChanged?.();
  }

  subjectName(id: number): string {
    return this.subjects.nameOf(id);
  }

  peerName(id: number): string {
    return this.#directory.nameOf(id);
  }

  onFrame(link: PeerLink, frame: Frame): void {
    const { member } = link;
    if (member === undefined) return;
    if (!link.greeted) {
      this.#onHello(link, member, frame);
      return;
    }
    if (this.#dispatch.handle(frame, member)) return;
    this.#observer?.onTaken(frame, member.id, this.#post.nowMs);
    switch (frame.kind) {
      case Kind.pong:
        return this.#links.get(link)?.hooks.onPong?.((decodeValue(frame.payload()) ?? {}) as Pulse);
      case Kind.ready:
        return this.#links.get(link)?.hooks.onReady?.();
      case Kind.goAway:
        return link.close({ code: BusCode.closed, message: "the peer went away" });
      default:
        throw malformed(`kind ${frame.kind} is the hub's to send`, frame.kind);
    }
  }

  #onHello(link: PeerLink, member: Member, frame: Frame): void {
    if (frame.kind !== Kind.hello) throw malformed(`kind ${frame.kind} before hello`, frame.kind);
    const hello = readHello(decodeValue(frame.payload()));
    if (hello === undefined) throw malformed("hello without protocol and name", 0);
    if (hello.protocol !== PROTOCOL_VERSION) {
      throw new BusError(
        BusCode.version,
        `protocol ${hello.protocol}, this hub speaks ${PROTOCOL_VERSION}`,
        { data: { value: hello.protocol } },
      );
    }
    this.#welcome(link, member, hello);
  }

  #welcome(link: PeerLink, member: Member, hello: Hello): void {
    const entry = this.#links.get(link);
    if (entry === undefined) return;
    if (entry.identity.kind === "edge") {
      if (!isWelcome(hello, entry.identity))
        throw new BusError(BusCode.unauthorized, "the hello's token is wrong or missing");
      const base = baseName(hello, entry.identity);
      this.#edges.greet(link, base);
      this.#directory.name(member, base);
      member.access = new Access(edgeManifest(entry.identity, member.name));
      member.state = "ready";
      member.epoch = 1;
    }
    entry.cancelHello();
    link.greeted = true;
    member.link = link;
    member.cut = false;
    member.pid = hello.pid;
    const { id, name, epoch } = member;
    const ready: Ready = {
      protocol: PROTOCOL_VERSION,
      id,
      name,
      epoch,
      hubEpoch: this.#options.hubEpoch,
      frameBytesMax: FRAME_BYTES_MAX,
    };
    link.sendValue({ kind: Kind.ready }, ready);
    entry.hooks.onAttached?.(name);
    this.#options.onPeersChanged?.();
    if (member.isServing) this.#batches.run(() => this.#waiting.resume(member));
  }

  #actorFor(name: string, manifest: Manifest | undefined): Member {
    const known = this.#directory.byName(name);
    if (known !== undefined) {
      if (manifest !== undefined) known.access = new Access(manifest);
      return known;
    }
    return this.#directory.add(
      name === "hub" ? "hub" : "actor",
      name,
      new Access(manifest ?? NO_MANIFEST),
    );
  }

  #edgeFor(identity: EdgeIdentity): Member {
    const member = this.#directory.add("edge", "", new Access(NO_MANIFEST));
    member.principal = identity.principal ?? "person";
    return member;
  }

  #onDead(letter: DeadLetter, frame: Frame): void {
    this.#observer?.onDead(frame, letter, this.#post.nowMs);
    this.#options.onDeadLetter?.(letter);
    this.#deadLetters.add(letter);
  }

  #publishDead(letter: DeadLetter & { suppressed: number }): void {
    const hub = this.#directory.byName("hub");
    const subject = this.subjects.intern("hub.dead");
    if (
      hub === undefined ||
      typeof subject !== "object" ||
      this.#topics.listenerCount(subject) === 0
    )
      return;
    this.#topics.onPublish(
      makeFrame({ kind: Kind.publish }, NO_BYTES, [encodeValue(letter)]),
      hub,
      subject,
    );
  }

  #armSweep(): void {
    this.#cancelSweep = this.#clock.setTimer(SWEEP_MS, () => {
      this.#armSweep();
      this.#batches.run(() => {
        for (const member of this.#directory.all()) this.#waiting.sweep(member);
      });
    });
  }
}

const NO_MANIFEST: Manifest = { calls: [], publishes: [], subscribes: [] };

function closeUnread({ name, link, mailbox: { messages, bytes } }: Member): void {
  const message = `${name} does not read: ${messages} messages, ${bytes} bytes wait`;
  link?.close({ code: BusCode.limit, message });
}

function edgeManifest(identity: EdgeIdentity, name: string): Manifest {
  return identity.manifest ?? { ...EDGE_MANIFEST, publishes: [`${name}.>`] };
}
