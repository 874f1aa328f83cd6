/** What the broker knows of one peer. An actor's entry outlives its incarnations; an edge peer's ends with its link. */
import type { WhenRestarting } from "../contracts/define.ts";
import type { Frame } from "../frame.ts";
import { IdTable } from "../id-table.ts";
import { HOLD_BYTES_MAX, HOLD_MESSAGES_MAX } from "../limits.ts";
import type { SubscriberPolicy } from "../peer.ts";
import type { Access } from "./access.ts";
import type { PeerLink } from "./link.ts";
import { type Letter, Mailbox, type MailboxBounds } from "./mailbox.ts";
import { RecentIds } from "./recent.ts";
import type { SubjectEntry } from "./subjects.ts";

/** What the supervisor says of an actor. `absent`: not running, `parked`: not to be started. */
export type ActorState = "absent" | "starting" | "ready" | "suspended" | "parked";

/** A request between its arrival and its answer. */
export interface Call {
  readonly correlation: number;
  readonly caller: Member;
  readonly callee: Member;
  readonly subject: SubjectEntry;
  readonly arrivedMs: number;
  /** Absolute, infinity for none. */
  readonly endsAtMs: number;
  readonly principal: string | undefined;
  /** While it waits in a mailbox or is held. */
  letter: Letter | undefined;
}

/** A stream between its open and its end. */
export interface StreamRow {
  readonly correlation: number;
  readonly opener: Member;
  readonly acceptor: Member;
  readonly subject: SubjectEntry;
  readonly arrivedMs: number;
  /** Until when it must be accepted. */
  readonly endsAtMs: number;
  readonly principal: string | undefined;
  accepted: boolean;
  openerEnded: boolean;
  acceptorEnded: boolean;
  letter: Letter | undefined;
}

/** A subscription of one peer. */
export interface Sub {
  readonly correlation: number;
  readonly member: Member;
  readonly pattern: string;
  readonly policy: SubscriberPolicy;
  /** Events dropped or merged so far. */
  missed: number;
  /** Waiting events, oldest first; may hold letters that are gone. */
  waiting: Letter[];
}

/** A call that its callee's death has failed. */
export interface FailedCall {
  readonly subject: string;
  readonly source: string;
  readonly ageMs: number;
}

/** Where a member's frames wait while it cannot be reached. */
export const HOLD_BOUNDS: MailboxBounds = { messages: HOLD_MESSAGES_MAX, bytes: HOLD_BYTES_MAX };

export class Member {
  readonly id: number;
  readonly kind: "hub" | "actor" | "edge";
  name: string;
  access: Access;
  /** Stamped on all its calls: what an edge peer acts as. */
  principal: string | undefined;
  epoch = 0;
  pid = 0;
  state: ActorState = "absent";
  /** It has not run since the supervisor said `absent`: nothing was lost, so every call to it is held. */
  waking = true;
  link: PeerLink | undefined;
  readonly mailbox: Mailbox;
  readonly held: Mailbox;
  readonly calls = new IdTable<Call>();
  readonly streams = new IdTable<StreamRow>();
  readonly subscriptions = new Map<number, Sub>();
  /** Calls and streams that ended a moment ago: late frames for them are nobody's fault. */
  readonly recent = new RecentIds();
  /** Calls to it under way. */
  incomingCalls = 0;
  /** Streams it accepted or is asked to accept. */
  incomingStreams = 0;
  /** Principals of the calls and streams to it under way, counted. */
  readonly given = new Map<string, number>();
  failed: FailedCall[] = [];
  /** Subjects outside the contracts it has named. */
  namedSubjects = 0;
  /** Its link is to be closed: it does not read what it asked for. */
  cut = false;
  /** Links that are stopped until its mailbox has drained. */
  readonly blocked = new Set<PeerLink>();

  constructor(
    id: number,
    kind: Member["kind"],
    name: string,
    parts: { access: Access; mailboxBounds: MailboxBounds },
  ) {
    this.id = id;
    this.kind = kind;
    this.name = name;
    this.access = parts.access;
    this.mailbox = new Mailbox(parts.mailboxBounds);
    this.held = new Mailbox(HOLD_BOUNDS);
  }

  /** Whether calls can be handed to it now, or wait in its mailbox. */
  get isServing(): boolean {
    return this.link !== undefined && (this.state === "ready" || this.state === "suspended");
  }

  /** What happens to a call that cannot be handed over now. */
  ruleFor(subject: SubjectEntry): WhenRestarting {
    return this.waking && this.kind === "actor" ? "hold" : subject.rule.whenRestarting;
  }

  give(principal: string | undefined): void {
    if (principal !== undefined) this.given.set(principal, (this.given.get(principal) ?? 0) + 1);
  }

  takeBack(principal: string | undefined): void {
    if (principal === undefined) return;
    const count = (this.given.get(principal) ?? 0) - 1;
    if (count > 0) this.given.set(principal, count);
    else this.given.delete(principal);
  }
}

/** How a frame that was not delivered is told about. */
export interface Undelivered {
  readonly frame: Frame;
  readonly source: Member;
  readonly destination: string;
  readonly subject: string;
}
