/** What the supervisor and the panel ask the broker about a peer. */
import { Kind } from "../protocol.ts";
import type { Letter } from "./mailbox.ts";
import type { FailedCall, Member } from "./member.ts";
import type { Subjects } from "./subjects.ts";

/** One peer as `broker.peers()` lists it. */
export interface PeerStats {
  readonly id: number;
  readonly name: string;
  readonly kind: "hub" | "actor" | "edge";
  readonly epoch: number;
  readonly pid: number;
  readonly attached: boolean;
  readonly mailboxMessages: number;
  readonly mailboxBytes: number;
  /** Calls other peers wait on from it. */
  readonly callsInFlight: number;
}

/** Counters of one actor. */
export interface ActorStats {
  /** Calls delivered and not answered, and messages that wait. */
  readonly mailbox: number;
  readonly mailboxBytes: number;
  readonly held: number;
  readonly heldBytes: number;
  readonly callsInFlight: number;
  readonly streams: number;
  /** Calls failed at its last end. */
  readonly failed: number;
}

/** What waits for an actor and what it works on, at most CENSUS_MAX each. */
export interface Census {
  readonly waiting: ReadonlyArray<{
    subject: string;
    source: string;
    bytes: number;
    waitedMs: number;
    fate: "delivered" | "held" | "failed" | "dropped";
  }>;
  readonly inFlight: readonly FailedCall[];
}

/** What would happen to calls if an actor ended now. */
export interface EndConsequence {
  /** Delivered and unanswered ones, and waiting ones whose rule is not hold. */
  readonly callsFail: number;
  /** Waiting ones that would be held for the next incarnation. */
  readonly callsWait: number;
  readonly streamsReset: number;
}

/** Most entries of a census list. */
export const CENSUS_MAX = 100;

export function peerStats(member: Member): PeerStats {
  return {
    id: member.id,
    name: member.name,
    kind: member.kind,
    epoch: member.epoch,
    pid: member.pid,
    attached: member.link !== undefined,
    mailboxMessages: member.mailbox.messages,
    mailboxBytes: member.mailbox.bytes,
    callsInFlight: member.incomingCalls,
  };
}

export function actorStats(member: Member): ActorStats {
  const paused = member.state === "suspended";
  return {
    mailbox: member.incomingCalls + member.mailbox.messages,
    mailboxBytes: member.mailbox.bytes,
    held: member.held.messages + (paused ? member.mailbox.messages : 0),
    heldBytes: member.held.bytes + (paused ? member.mailbox.bytes : 0),
    callsInFlight: member.incomingCalls,
    streams: member.incomingStreams + member.streams.size,
    failed: member.failed.length,
  };
}

/** @param all everybody who may have calls under way. */
export function censusOf(
  member: Member,
  all: Iterable<Member>,
  at: { nowMs: number; subjects: Subjects; nameOf: (id: number) => string },
): Census {
  const waiting: Array<Census["waiting"][number]> = [];
  for (const [box, isHeld] of [
    [member.held, true],
    [member.mailbox, false],
  ] as const) {
    for (const letter of box.letters()) {
      if (waiting.length >= CENSUS_MAX) break;
      waiting.push({
        subject: at.subjects.nameOf(letter.subjectId),
        source: at.nameOf(letter.sourceId),
        bytes: letter.bytes,
        waitedMs: at.nowMs - letter.arrivedMs,
        fate: isHeld ? "held" : fateOf(letter, member, at.subjects),
      });
    }
  }
  return { waiting, inFlight: inFlightOf(member, all, at.nowMs) };
}

export function endConsequence(
  member: Member,
  all: Iterable<Member>,
  subjects: Subjects,
): EndConsequence {
  let underWay = 0;
  let streamsReset = member.streams.size;
  for (const caller of all) {
    underWay += countWhere(caller.calls.values(), (call) => call.callee === member && !call.letter);
    streamsReset += countWhere(
      caller.streams.values(),
      (row) => row.acceptor === member && !row.letter,
    );
  }
  const isHeld = (letter: Letter): boolean =>
    subjects.byId(letter.subjectId)?.rule.whenRestarting === "hold";
  const waiting = [...member.mailbox.letters()].filter(
    (letter) => letter.frame.kind === Kind.request,
  );
  const kept = countWhere(waiting, isHeld);
  return {
    callsFail: underWay + waiting.length - kept,
    callsWait: member.held.messages + kept,
    streamsReset,
  };
}

function countWhere<T>(items: Iterable<T>, fits: (item: T) => boolean): number {
  let count = 0;
  for (const item of items) if (fits(item)) count++;
  return count;
}

function inFlightOf(member: Member, all: Iterable<Member>, nowMs: number): FailedCall[] {
  const calls: FailedCall[] = [];
  for (const caller of all) {
    for (const call of caller.calls.values()) {
      if (call.callee !== member || call.letter !== undefined) continue;
      if (calls.length >= CENSUS_MAX) return calls;
      calls.push({
        subject: call.subject.subject,
        source: caller.name,
        ageMs: nowMs - call.arrivedMs,
      });
    }
  }
  return calls;
}

/** What happens to a waiting letter: it is delivered while the actor lives, or what its rule says when it ends. */
function fateOf(
  letter: Letter,
  member: Member,
  subjects: Subjects,
): "delivered" | "held" | "failed" | "dropped" {
  if (member.link !== undefined) return member.state === "suspended" ? "held" : "delivered";
  const subject = subjects.byId(letter.subjectId);
  const rule = subject === undefined ? "fail" : member.ruleFor(subject);
  if (rule === "hold") return "held";
  return rule === "fail" ? "failed" : "dropped";
}
