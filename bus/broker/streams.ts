/** Streams through the hub: opened like a call, then data for open ones only, and a reset when one side dies. */

import { encodeValue } from "../codec.ts";
import { BusCode } from "../errors.ts";
import { type Frame, makeFrame, malformed, NO_BYTES } from "../frame.ts";
import { STREAMS_OPEN_MAX } from "../limits.ts";
import { type DeadReason, Flag, Kind, type WireError } from "../protocol.ts";
import type { Letter } from "./mailbox.ts";
import type { Member, StreamRow } from "./member.ts";
import { downError, type Passage, type Post } from "./post.ts";
import type { Routed } from "./route.ts";

/** Longer than this past its deadline the hub itself gives up an open that nobody accepted, milliseconds. */
const EXPIRY_GRACE_MS = 1_000;

export class StreamRouter {
  readonly #post: Post;

  constructor(post: Post) {
    this.#post = post;
  }

  /** Hands a checked open to the side that may accept it, or queues, holds or refuses it. */
  onOpen(frame: Frame, source: Member, routed: Routed): void {
    if (source.streams.has(frame.correlation))
      throw malformed(`correlation ${frame.correlation} is a stream already`, frame.correlation);
    const { callee: acceptor, subject } = routed;
    if (source.streams.size >= STREAMS_OPEN_MAX || acceptor.incomingStreams >= STREAMS_OPEN_MAX) {
      const message = `${STREAMS_OPEN_MAX} streams are open between ${source.name} and ${acceptor.name}`;
      this.#post.refuse(frame, source, {
        error: { code: BusCode.limit, message },
        reason: "mailbox-full",
        destination: acceptor.name,
        subject: subject.subject,
      });
      return;
    }
    const { nowMs } = this.#post;
    const row: StreamRow = {
      correlation: frame.correlation,
      opener: source,
      acceptor,
      subject,
      arrivedMs: nowMs,
      endsAtMs: frame.deadlineMs === 0 ? Number.POSITIVE_INFINITY : nowMs + frame.deadlineMs,
      principal: routed.principal,
      accepted: false,
      openerEnded: false,
      acceptorEnded: false,
      letter: undefined,
    };
    source.streams.set(row.correlation, row);
    acceptor.incomingStreams++;
    acceptor.give(row.principal);
    this.#send(row, frame);
  }

  /** Passes on data, credit, end and reset of either side. */
  onFrame(frame: Frame, source: Member, opener: Member | undefined): void {
    const row = opener?.streams.get(frame.correlation);
    const fromOpener = (frame.flags & Flag.opener) !== 0;
    if (
      opener === undefined ||
      row === undefined ||
      (fromOpener ? row.opener : row.acceptor) !== source
    ) {
      this.#deadFrame(frame, source, opener);
      return;
    }
    if (!fromOpener && frame.epoch !== 0 && frame.epoch !== opener.epoch) {
      const message = `stream of epoch ${frame.epoch}, ${opener.name} is in epoch ${opener.epoch}`;
      this.#post.dead(frame, "stale-epoch", {
        source,
        destination: opener.name,
        subject: row.subject.subject,
        message,
        tell: "sender",
      });
      return;
    }
    if (fromOpener && !row.accepted && frame.kind !== Kind.reset && frame.kind !== Kind.end) {
      this.#deadFrame(frame, source, opener);
      return;
    }
    this.#follow(row, frame, fromOpener ? "opener" : "acceptor");
  }

  /** An open that waits for its acceptor goes on: it is up again. */
  resume(letter: Letter, opener: Member | undefined): void {
    const row = opener?.streams.get(letter.frame.correlation);
    if (row === undefined) return;
    row.letter = undefined;
    if (row.endsAtMs !== Number.POSITIVE_INFINITY) {
      letter.frame.stampDeadline(Math.max(1, Math.ceil(row.endsAtMs - this.#post.nowMs)));
    }
    this.#send(row, letter.frame);
  }

  failWaiting(letter: Letter, opener: Member | undefined, error: WireError): void {
    const row = opener?.streams.get(letter.frame.correlation);
    if (row !== undefined) this.#refuse(row, error, "down");
  }

  /** Resets the other side of every stream `member` is part of. Waiting opens to it are left alone. */
  onDeath(member: Member, all: Iterable<Member>, why: string): void {
    for (const row of member.streams.values()) {
      this.#forget(row);
      this.#reset(row, "acceptor", downError(member.name, why));
    }
    for (const opener of all) {
      for (const row of opener.streams.values()) {
        if (row.acceptor !== member || row.letter !== undefined) continue;
        this.#forget(row);
        this.#reset(row, "opener", downError(member.name, why));
      }
    }
  }

  /** Ends opens that nobody answered in time. */
  sweep(opener: Member): void {
    for (const row of opener.streams.values()) {
      if (
        row.accepted ||
        row.letter !== undefined ||
        this.#post.nowMs < row.endsAtMs + EXPIRY_GRACE_MS
      )
        continue;
      const error = expired(row);
      this.#refuse(row, error, "expired");
      this.#reset(row, "acceptor", error);
    }
  }

  #follow(row: StreamRow, frame: Frame, side: "opener" | "acceptor"): void {
    const from = side === "opener" ? row.opener : row.acceptor;
    const to = side === "opener" ? row.acceptor : row.opener;
    const { kind } = frame;
    if (kind === Kind.reset && row.letter !== undefined) {
      this.#forget(row);
      return;
    }
    if (kind === Kind.credit && (frame.flags & Flag.accept) !== 0) row.accepted = true;
    frame.stamp(from.id, to.id, from.epoch);
    frame.stampName(row.subject.id);
    frame.stampFlags((frame.flags & (Flag.opener | Flag.accept)) | row.subject.captureFlags);
    if (kind === Kind.end && side === "opener") row.openerEnded = true;
    if (kind === Kind.end && side === "acceptor") row.acceptorEnded = true;
    if (kind === Kind.reset || (row.openerEnded && row.acceptorEnded)) this.#forget(row);
    if (row.letter !== undefined) this.#post.hold(to, frame, this.#passage(row, from));
    else if (!this.#post.trySend(to, frame)) {
      this.#post.deliver(to, frame, this.#passage(row, from));
    }
  }

  #send(row: StreamRow, frame: Frame): void {
    const { opener, acceptor, subject } = row;
    frame.stamp(opener.id, acceptor.id, opener.epoch);
    frame.stampName(subject.id);
    frame.stampFlags(Flag.opener | subject.captureFlags);
    const passage: Passage = {
      source: opener,
      subject,
      endsAtMs: row.endsAtMs,
      whenFull: "refuse",
      onExpired: () => this.#refuse(row, expired(row), "expired"),
    };
    if (!acceptor.isServing) {
      this.#hold(row, frame, passage);
      return;
    }
    const delivery = this.#post.deliver(acceptor, frame, passage);
    if (delivery === "full") this.#refuse(row, full(row), "mailbox-full");
    else if (typeof delivery === "object") this.#wait(row, delivery);
  }

  #hold(row: StreamRow, frame: Frame, passage: Passage): void {
    const { acceptor, subject } = row;
    const whenRestarting = acceptor.ruleFor(subject);
    if (acceptor.state === "parked" || acceptor.kind === "edge" || whenRestarting !== "hold") {
      const why = acceptor.state === "parked" ? "parked: it failed too often" : "not running";
      this.#refuse(
        row,
        downError(acceptor.name, why),
        whenRestarting === "drop" ? "dropped" : "down",
      );
      return;
    }
    const letter = this.#post.hold(acceptor, frame, passage);
    if (letter === undefined) this.#refuse(row, full(row), "mailbox-full");
    else this.#wait(row, letter);
  }

  #wait(row: StreamRow, letter: Letter): void {
    row.letter = letter;
    letter.onLeave = () => {
      row.letter = undefined;
    };
  }

  #refuse(row: StreamRow, error: WireError, reason: DeadReason): void {
    this.#forget(row);
    const { opener, acceptor, subject, correlation } = row;
    const fields = {
      kind: Kind.open,
      correlation,
      source: opener.id,
      destination: acceptor.id,
      name: subject.id,
    };
    const frame = makeFrame(fields, NO_BYTES, []);
    this.#post.refuse(frame, opener, {
      error,
      reason,
      destination: acceptor.name,
      subject: subject.subject,
    });
  }

  #reset(row: StreamRow, side: "opener" | "acceptor", error: WireError): void {
    const to = side === "opener" ? row.opener : row.acceptor;
    const from = side === "opener" ? row.acceptor : row.opener;
    if (to.link === undefined) return;
    const flags = side === "acceptor" ? Flag.opener : 0;
    const fields = {
      kind: Kind.reset,
      correlation: row.correlation,
      source: from.id,
      destination: to.id,
      name: row.subject.id,
      flags,
    };
    this.#post.deliver(
      to,
      makeFrame(fields, NO_BYTES, [encodeValue(error)]),
      this.#passage(row, from),
    );
  }

  #passage(row: StreamRow, source: Member): Passage {
    return {
      source,
      subject: row.subject,
      endsAtMs: Number.POSITIVE_INFINITY,
      whenFull: "stop-sender",
    };
  }

  #deadFrame(frame: Frame, source: Member, opener: Member | undefined): void {
    const destination = opener?.name ?? `#${frame.destination}`;
    const late = opener?.recent.has(frame.correlation) === true;
    // Credit for what was read last is on its way when both sides end: nothing is lost with it.
    if (late && frame.kind === Kind.credit) return;
    const message = `${destination} has no open stream ${frame.correlation} with ${source.name}`;
    this.#post.dead(frame, "no-such-stream", {
      source,
      destination,
      subject: "",
      message,
      tell: late ? "nobody" : "sender",
    });
  }

  #forget(row: StreamRow): void {
    if (row.opener.streams.get(row.correlation) !== row) return;
    row.opener.streams.delete(row.correlation);
    row.opener.recent.add(row.correlation);
    row.acceptor.incomingStreams--;
    row.acceptor.takeBack(row.principal);
    if (row.letter !== undefined) this.#post.withdraw(row.acceptor, row.letter);
  }
}

function expired(row: StreamRow): WireError {
  return {
    code: BusCode.expired,
    message: `${row.subject.subject}: not accepted before the deadline`,
  };
}

function full(row: StreamRow): WireError {
  return { code: BusCode.mailboxFull, message: `the mailbox of ${row.acceptor.name} is full` };
}
