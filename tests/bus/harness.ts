/** A broker with peers over memory links and a clock that the test moves. Nothing here waits for real time. */
import { any } from "valibot";
import {
  type AttachedLink,
  type Broker,
  type BrokerOptions,
  createBroker,
  type EdgeIdentity,
  type LinkHooks,
  type Manifest,
} from "../../bus/broker/index.ts";
import { type ConnectOptions, connectPeer } from "../../bus/client.ts";
import { SimulatedClock } from "../../bus/clock.ts";
import { encodeValue } from "../../bus/codec.ts";
import {
  type MethodContract,
  method,
  type StreamContract,
  stream,
  type TopicContract,
  topic,
} from "../../bus/contracts/define.ts";
import type { SubjectRule } from "../../bus/contracts/index.ts";
import { type ExtensionFields, writeExtension } from "../../bus/extension.ts";
import { composeFrame, type Frame, type HeaderFields } from "../../bus/frame.ts";
import { FrameDecoder } from "../../bus/frame-decoder.ts";
import { memoryLink } from "../../bus/memory.ts";
import type { Peer } from "../../bus/peer.ts";
import { type DeadLetter, Kind, PROTOCOL_VERSION } from "../../bus/protocol.ts";
import type { Transport } from "../../bus/transport.ts";

/** Allows everything. */
export const ALL: Manifest = { calls: [">"], publishes: [">"], subscribes: [">"] };

/** A hub without its process. */
export interface TestHub {
  readonly broker: Broker;
  readonly clock: SimulatedClock;
  readonly dead: DeadLetter[];
  /** Attaches an actor whose state is `ready` at once unless said otherwise. */
  actor(name: string, options?: ActorOptions): Promise<TestActor>;
  edge(
    identity?: Partial<EdgeIdentity>,
    hello?: { name: string; token?: Uint8Array },
  ): Promise<Peer>;
  /** An actor that speaks bytes. */
  raw(name: string, options?: ActorOptions): RawPeer;
}

export interface ActorOptions {
  readonly epoch?: number;
  readonly manifest?: Manifest;
  readonly state?: "starting" | "ready";
  readonly hooks?: LinkHooks;
  readonly connect?: ConnectOptions;
}

export interface TestActor {
  readonly peer: Peer;
  readonly link: AttachedLink;
  /** What the peer was told of its own undeliverable frames. */
  readonly dead: DeadLetter[];
  /** Ends the link as the process's death would. */
  die(): Promise<void>;
}

export function testHub(options: Partial<BrokerOptions> = {}): TestHub {
  const clock = new SimulatedClock();
  const dead: DeadLetter[] = [];
  const broker = createBroker({
    hubEpoch: 1,
    clock,
    onDeadLetter: (letter) => dead.push(letter),
    ...options,
  });
  const attach = (
    name: string,
    wanted: ActorOptions,
  ): { transport: Transport; link: AttachedLink } => {
    const [ours, theirs] = memoryLink();
    const { epoch = 1, manifest = ALL } = wanted;
    const link = broker.attach(ours, { kind: "actor", name, epoch, manifest }, wanted.hooks);
    broker.setActorState(name, wanted.state ?? "ready");
    return { transport: theirs, link };
  };
  return {
    broker,
    clock,
    dead,
    actor: async (name, wanted = {}) => {
      const { transport, link } = attach(name, wanted);
      const letters: DeadLetter[] = [];
      const onDeadLetter = (letter: DeadLetter): void => void letters.push(letter);
      const peer = await connectPeer(
        transport,
        { hello: { name, pid: 1 } },
        { clock, onDeadLetter, ...wanted.connect },
      );
      const die = async (): Promise<void> => {
        transport.close();
        await settled();
      };
      return { peer, link, dead: letters, die };
    },
    edge: (identity = {}, hello = { name: "ui" }) => {
      const [ours, theirs] = memoryLink();
      broker.attach(ours, { kind: "edge", ...identity });
      return connectPeer(theirs, { hello: { pid: 2, ...hello } }, { clock });
    },
    raw: (name, wanted = {}) => new RawPeer(attach(name, wanted).transport),
  };
}

/** Everything that needs no clock has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A peer that sends and receives single frames, right or wrong. */
export class RawPeer {
  readonly frames: Frame[] = [];
  closed = false;
  readonly transport: Transport;
  readonly #decoder = new FrameDecoder();
  #sequence = 0;

  constructor(transport: Transport) {
    this.transport = transport;
    transport.onData = (chunk) =>
      this.#decoder.push(chunk, (frame) => void this.frames.push(frame));
    transport.onClose = () => {
      this.closed = true;
    };
  }

  hello(): void {
    this.send({ kind: Kind.hello }, { value: { protocol: PROTOCOL_VERSION, name: "raw", pid: 1 } });
  }

  /** Sends a frame with the next sequence unless `fields` has one. */
  send(
    fields: HeaderFields,
    parts: { extension?: ExtensionFields; value?: unknown; raw?: Uint8Array } = {},
  ): void {
    this.#sequence++;
    const extension =
      parts.extension === undefined ? new Uint8Array(0) : writeExtension(parts.extension);
    const payload =
      parts.raw ?? (parts.value === undefined ? new Uint8Array(0) : encodeValue(parts.value));
    this.transport.write(
      composeFrame({ sequence: this.#sequence, ...fields }, extension, [payload]),
    );
  }

  /** Frames of a kind that came so far. */
  of(kind: Kind): Frame[] {
    return this.frames.filter((frame) => frame.kind === kind);
  }
}

/** Contracts whose values are not looked at. */
export function anyMethod(subject: string): MethodContract<unknown, unknown> {
  return method(subject, { input: any(), output: any() });
}

export function anyTopic(
  subject: string,
  options: { retained?: boolean } = {},
): TopicContract<unknown> {
  return topic(subject, { value: any(), ...options });
}

export function anyStream(subject: string): StreamContract<unknown, unknown> {
  return stream(subject, { input: any(), accept: any() });
}

/** Rules for subjects that are in no contract. */
export function rulesOf(
  rules: Record<string, Partial<SubjectRule>>,
): ReadonlyMap<string, SubjectRule> {
  const base: SubjectRule = {
    type: "method",
    whenRestarting: "fail",
    capture: "normal",
    changes: "something",
  };
  return new Map(Object.entries(rules).map(([subject, rule]) => [subject, { ...base, ...rule }]));
}

/** The error a promise is rejected with. */
export async function errorOf(
  promise: Promise<unknown>,
): Promise<{ code: string; message: string }> {
  try {
    await promise;
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error("it was not rejected");
}
