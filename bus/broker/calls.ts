/** Requests through the hub: checked, handed on, answered once, failed when somebody dies. */
import { BusCode } from "../errors.ts";
import { type Frame, makeFrame, malformed, NO_BYTES } from "../frame.ts";
import { CALLS_IN_FLIGHT_MAX } from "../limits.ts";
import { CONTROL_LANE, type DeadReason, Kind, type WireError } from "../protocol.ts";
import type { Letter } from "./mailbox.ts";
import type { Call, FailedCall, Member } from "./member.ts";
import { downError, type Passage, type Post } from "./post.ts";
import type { Routed } from "./route.ts";

/** Calls the hub expires itself only when both ends have failed to for this long, milliseconds. */
const EXPIRY_GRACE_MS = 1_000;
/** Failed calls that are remembered of one death. */
const FAILED_MAX = 100;

export class CallRouter {
  readonly #post: Post;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Hands a checked request to its callee, or queues, holds or refuses it. */
  onRequest(frame: Frame, source: Member, routed: Routed): void {
    if (source.calls.has(frame.correlation))
      throw malformed(`correlation ${frame.correlation} is under way already`, frame.correlation);
    const { callee, subject } = routed;
    if (source.calls.size >= CALLS_IN_FLIGHT_MAX) {
      const message = `${source.name} has ${CALLS_IN_FLIGHT_MAX} calls under way`;
      this.#post.refuse(frame, source, {
        error: { code: BusCode.limit, message },
        reason: "mailbox-full",
        destination: callee.name,
        subject: subject.subject,
      });
      return;
    }
    const { nowMs } = this.#post;
    const call: Call = {
      correlation: frame.correlation,
      caller: source,
      callee,
      subject,
      arrivedMs: nowMs,
      endsAtMs: frame.deadlineMs === 0 ? Number.POSITIVE_INFINITY : nowMs + frame.deadlineMs,
      principal: routed.principal,
      letter: undefined,
    };
    this.#keep(call);
    this.#send(call, frame);
  }

  /** Passes an ack, reply or error back to the caller. */
  onAnswer(frame: Frame, source: Member, caller: Member | undefined): void {
    const call = caller?.calls.get(frame.correlation);
    if (
      caller === undefined ||
      call === undefined ||
      call.callee !== source ||
      isStale(frame, caller)
    ) {
      this.#deadAnswer(frame, source, caller);
      return;
    }
    if (frame.kind !== Kind.ack) this.#forget(call);
    frame.stamp(source.id, caller.id, source.epoch);
    frame.stampName(call.subject.id);
    frame.stampFlags(call.subject.captureFlags);
    if (this.#post.trySend(caller, frame)) return;
    this.#post.deliver(caller, frame, passageOf(source, call));
  }

  onCancel(frame: Frame, source: Member): void {
    const call = source.calls.get(frame.correlation);
    if (call === undefined) return;
    this.#forget(call);
    this.#tellCancelled(call, frame);
  }

  /** A call that waits for `callee` goes on: it is up again. */
  resume(letter: Letter, caller: Member | undefined): void {
    const call = caller?.calls.get(letter.frame.correlation);
    if (call === undefined) return;
    call.letter = undefined;
    if (call.endsAtMs !== Number.POSITIVE_INFINITY) {
      letter.frame.stampDeadline(Math.max(1, Math.ceil(call.endsAtMs - this.#post.nowMs)));
    }
    this.#send(call, letter.frame);
  }

  /** Fails a waiting call: its callee is gone for good. */
  failWaiting(letter: Letter, caller: Member | undefined, error: WireError): void {
    const call = caller?.calls.get(letter.frame.correlation);
    if (call === undefined) return;
    this.#fail(call, error, "down");
  }

  /** The calls `member` makes are given up, those to it are failed with `bus/down`. Waiting ones are left alone. */
  onDeath(member: Member, callers: Iterable<Member>, why: string): FailedCall[] {
    for (const call of member.calls.values()) {
      this.#forget(call);
      this.#tellCancelled(call, undefined);
    }
    const failed: FailedCall[] = [];
    for (const caller of callers) {
      for (const call of caller.calls.values()) {
        if (call.callee !== member || call.letter !== undefined) continue;
        const ageMs = this.#post.nowMs - call.arrivedMs;
        if (failed.length < FAILED_MAX)
          failed.push({ subject: call.subject.subject, source: caller.name, ageMs });
        this.#fail(call, downError(member.name, why), "down");
      }
    }
    return failed;
  }

  /** Ends calls whose deadline both sides have slept through. */
  sweep(caller: Member): void {
    for (const call of caller.calls.values()) {
      if (call.letter !== undefined || this.#post.nowMs < call.endsAtMs + EXPIRY_GRACE_MS) continue;
      this.#fail(call, expired(call), "expired");
      this.#tellCancelled(call, undefined);
    }
  }

  #send(call: Call, frame: Frame): void {
    const { callee, caller, subject } = call;
    frame.stamp(caller.id, callee.id, caller.epoch);
    frame.stampName(subject.id);
    frame.stampFlags(subject.captureFlags);
    if (callee.isServing && this.#post.trySend(callee, frame)) return;
    const passage: Passage = {
      source: caller,
      subject,
      endsAtMs: call.endsAtMs,
      whenFull: "refuse",
      onExpired: () => this.#fail(call, expired(call), "expired"),
    };
    if (!callee.isServing) {
      this.#hold(call, frame, passage);
      return;
    }
    const delivery = this.#post.deliver(callee, frame, passage);
    if (delivery === "sent") return;
    if (delivery === "full") this.#fail(call, full(call), "mailbox-full");
    else if (delivery === "down") this.#hold(call, frame, passage);
    else this.#wait(call, delivery as Letter);
  }

  #hold(call: Call, frame: Frame, passage: Passage): void {
    const { callee, subject } = call;
    const whenRestarting = callee.ruleFor(subject);
    if (callee.state === "parked" || callee.kind === "edge" || whenRestarting === "fail") {
      this.#fail(call, downError(callee.name, whyAway(callee)), "down");
      return;
    }
    if (whenRestarting === "drop") {
      this.#fail(call, downError(callee.name, whyAway(callee)), "dropped");
      return;
    }
    const letter = this.#post.hold(callee, frame, passage);
    if (letter === undefined) this.#fail(call, full(call), "mailbox-full");
    else this.#wait(call, letter);
  }

  #wait(call: Call, letter: Letter): void {
    call.letter = letter;
    letter.onLeave = () => {
      call.letter = undefined;
    };
  }

  #fail(call: Call, error: WireError, reason: DeadReason): void {
    const { letter } = call;
    this.#forget(call);
    const frame =
      letter?.frame ??
      makeFrame(
        {
          kind: Kind.request,
          correlation: call.correlation,
          source: call.caller.id,
          destination: call.callee.id,
          name: call.subject.id,
        },
        NO_BYTES,
        [],
      );
    this.#post.refuse(frame, call.caller, {
      error,
      reason,
      destination: call.callee.name,
      subject: call.subject.subject,
    });
  }

  #tellCancelled(call: Call, frame: Frame | undefined): void {
    const cancel =
      frame ??
      makeFrame(
        { kind: Kind.cancel, correlation: call.correlation, codecLane: CONTROL_LANE },
        NO_BYTES,
        [],
      );
    cancel.stamp(call.caller.id, call.callee.id, call.caller.epoch);
    cancel.stampName(call.subject.id);
    if (call.callee.link === undefined) return;
    this.#post.deliver(call.callee, cancel, passageOf(call.caller, call));
  }

  #deadAnswer(frame: Frame, source: Member, caller: Member | undefined): void {
    const stale = caller !== undefined && isStale(frame, caller);
    const late = caller?.recent.has(frame.correlation) === true;
    const destination = caller?.name ?? `#${frame.destination}`;
    const message = stale
      ? `answer for epoch ${frame.epoch}, ${destination} is in epoch ${caller.epoch}`
      : `no call ${frame.correlation} of ${destination} waits for this`;
    const reason: DeadReason = stale
      ? "stale-epoch"
      : late || caller !== undefined
        ? "expired"
        : "no-such-actor";
    this.#post.dead(frame, reason, {
      source,
      destination,
      subject: "",
      message,
      tell: late || frame.kind === Kind.ack ? "nobody" : "sender",
    });
  }

  #keep(call: Call): void {
    call.caller.calls.set(call.correlation, call);
    call.callee.incomingCalls++;
    call.callee.give(call.principal);
  }

  #forget(call: Call): void {
    if (call.caller.calls.get(call.correlation) !== call) return;
    call.caller.calls.delete(call.correlation);
    call.caller.recent.add(call.correlation);
    call.callee.incomingCalls--;
    call.callee.takeBack(call.principal);
    if (call.letter !== undefined) this.#post.withdraw(call.callee, call.letter);
  }
}

function isStale(frame: Frame, destination: Member): boolean {
  return frame.epoch !== 0 && frame.epoch !== destination.epoch;
}

function passageOf(source: Member, call: Call): Passage {
  return {
    source,
    subject: call.subject,
    endsAtMs: Number.POSITIVE_INFINITY,
    whenFull: "stop-sender",
  };
}

function expired(call: Call): WireError {
  return {
    code: BusCode.expired,
    message: `${call.subject.subject}: the deadline passed before it was answered`,
  };
}

function full(call: Call): WireError {
  return { code: BusCode.mailboxFull, message: `the mailbox of ${call.callee.name} is full` };
}

function whyAway(member: Member): string {
  if (member.state === "parked") return "parked: it failed too often";
  return member.state === "starting" ? "being restarted" : "not running";
}
