/** Who is at the other end of a link, as the one who made the link knows. */
import type { Control, Hello, Principal, Pulse, WireError } from "../protocol.ts";
import type { Manifest } from "./access.ts";

/** A process the hub spawned, or the root: the link itself is the proof. */
export interface ActorIdentity {
  readonly kind: "actor";
  readonly name: string;
  /** Incarnation, counted from 1 by the supervisor. */
  readonly epoch: number;
  readonly manifest: Manifest;
}

/** A late attacher: window, browser page, command line. */
export interface EdgeIdentity {
  readonly kind: "edge";
  /** Base name when the peer says none; it becomes `<base>/<number>`. */
  readonly name?: string;
  /** What the hello's token must equal. Undefined: the link was proven otherwise (path of a WebSocket). */
  readonly token?: Uint8Array | undefined;
  /** Another judge of the hello. @returns false to refuse it with `bus/unauthorized`. */
  readonly authenticate?: (hello: Hello) => boolean;
  /** A hello that was said on the peer's behalf: nothing is waited for and its first frame has sequence 2. */
  readonly hello?: Hello;
  /** Default EDGE_MANIFEST with its own name to publish under. */
  readonly manifest?: Manifest;
  /** Default `person`. */
  readonly principal?: Principal;
}

export type Identity = ActorIdentity | EdgeIdentity;

/** Told about one link. All optional. */
export interface LinkHooks {
  /** The hello was accepted: the peer has a name now. */
  readonly onAttached?: (name: string) => void;
  /** The actor says it serves. */
  readonly onReady?: () => void;
  readonly onPong?: (pulse: Pulse) => void;
  /** Once, with the reason. */
  readonly onClosed?: (reason: WireError) => void;
}

/** The broker's handle of one link. */
export interface AttachedLink {
  /** Address in this hub incarnation. */
  readonly id: number;
  /** Empty until an edge peer has said hello. */
  readonly name: string;
  sendControl(control: Control): void;
  /** Asks for a pong. */
  ping(): void;
  /** Says go-away with the reason (default: orderly) and ends. */
  close(reason?: WireError): void;
}

const BASE_NAME = /^[a-z][a-z0-9-]{0,30}$/;

/** The base of an edge peer's name: what it asked for if that is a word, else what the link says, else `peer`. */
export function baseName(hello: Hello, identity: EdgeIdentity): string {
  if (BASE_NAME.test(hello.name)) return hello.name;
  return identity.name ?? "peer";
}

/** Whether the hello may come in. Takes the same time whatever the token. */
export function isWelcome(hello: Hello, identity: EdgeIdentity): boolean {
  if (identity.authenticate !== undefined && !identity.authenticate(hello)) return false;
  if (identity.token === undefined) return true;
  return hello.token !== undefined && equalInConstantTime(hello.token, identity.token);
}

/** The hello in a payload. Undefined when it is none. */
export function readHello(value: unknown): Hello | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { protocol, name, pid, token } = value as Partial<Record<keyof Hello, unknown>>;
  if (typeof protocol !== "number" || typeof name !== "string") return undefined;
  const known = { protocol, name, pid: typeof pid === "number" ? pid : 0 };
  return token instanceof Uint8Array ? { ...known, token } : known;
}

function equalInConstantTime(left: Uint8Array, right: Uint8Array): boolean {
  let difference = left.length ^ right.length;
  for (let index = 0; index < right.length; index++)
    difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  return difference === 0;
}
