/**
 * Delivery: straight to the link, or into the mailbox while it is congested or suspended, or held while an actor is
 * restarting. What cannot be delivered becomes a dead letter with a reason.
 *
 *   frame --> link up, nothing waits ------------------> link
 *         --> link congested, actor suspended ---------> mailbox --drained, resumed--> link
 *         --> actor absent or starting, rule hold -----> held ----ready-------------> link
 */
import type { Clock } from "../clock.ts";
import { Deadlines, Timeout } from "../deadlines.ts";
import { BusCode } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { type DeadLetter, type DeadReason, Kind, type WireError } from "../protocol.ts";
import type { PeerLink } from "./link.ts";
import type { Letter } from "./mailbox.ts";
import type { Member } from "./member.ts";
import type { SubjectEntry } from "./subjects.ts";

/** What happened to a frame. */
export type Delivery = "sent" | "queued" | "full" | "down";

/** What a frame carries with it into a queue. */
export interface Passage {
  readonly source: Member;
  readonly subject: SubjectEntry | undefined;
  /** Absolute, infinity for none. */
  readonly endsAtMs: number;
  /** Whether a full mailbox refuses it or stops somebody until there is room: see `#makeWay`. */
  readonly whenFull: "refuse" | "stop-sender";
  /** Called when its time is over before it was delivered. */
  readonly onExpired?: (letter: Letter) => void;
}

/** A refusal: what the caller gets, and why. */
export interface Refusal {
  readonly error: WireError;
  readonly reason: DeadReason;
  readonly destination: string;
  readonly subject: string;
}

/** What the post cannot do itself. */
export interface PostOwner {
  /** Every frame that was not delivered. */
  onDead(letter: DeadLetter, frame: Frame): void;
  /** A peer does not read what it asked for and its mailbox is full: its link is to be closed after this batch. */
  onCut(member: Member): void;
}

export class Post {
  readonly clock: Clock;
  /** About the frame that is being sent. */
  readonly note = { nowMs: 0, waitMs: 0 };
  readonly #deadlines: Deadlines;
  readonly #owner: PostOwner;
  readonly #expiry = new Map<Letter, Timeout>();

  constructor(clock: Clock, owner: PostOwner) {
    this.clock = clock;
    this.note.nowMs = clock.now();
    this.#deadlines = new Deadlines(clock);
    this.#owner = owner;
  }

  /** Time of the current batch of frames, milliseconds. */
  get nowMs(): number {
    return this.note.nowMs;
  }

  /** Starts another batch. */
  lookAtClock(): void {
    this.note.nowMs = this.clock.now();
  }

  /** Delivers a frame if nothing is in its way. The usual case, for which nothing is allocated. */
  trySend(to: Member, frame: Frame): boolean {
    const link = to.link;
    if (link === undefined || link.congested) return false;
    if (to.state === "suspended" && !frame.control && to.kind === "actor") return false;
    const { mailbox } = to;
    if (mailbox.messages > 0 && !mailbox.isEmpty(frame.control ? "control" : "data")) return false;
    link.send(frame);
    return true;
  }

  /** Delivers a frame whose header is rewritten already. @returns the letter too when it waits. */
  deliver(to: Member, frame: Frame, passage: Passage): Delivery | Letter {
    if (this.trySend(to, frame)) return "sent";
    if (to.link === undefined || to.cut) return "down";
    if (!to.mailbox.hasRoom(passage.source.id, frame.length)) {
      if (passage.whenFull === "refuse") return "full";
      if (!this.#makeWay(to, passage.source)) return "down";
    }
    const letter = this.#letterOf(frame, passage);
    to.mailbox.put(letter);
    this.#watch(to, letter, passage);
    return letter;
  }

  /** Keeps a frame for an actor that is away. @returns undefined when there is no room. */
  hold(to: Member, frame: Frame, passage: Passage): Letter | undefined {
    if (!to.held.hasAnyRoom(frame.length)) return undefined;
    const letter = this.#letterOf(frame, passage);
    to.held.put(letter);
    this.#watch(to, letter, passage);
    return letter;
  }

  /** Takes a waiting letter back: answered, cancelled, expired. */
  withdraw(to: Member, letter: Letter): void {
    this.#unwatch(letter);
    if (letter.gone) return;
    // Only one of the two has it; the other's counts must not change.
    if (isIn(to.held.letters(), letter)) to.held.remove(letter);
    else to.mailbox.remove(letter);
  }

  /** Sends what waits, as far as the link and the state allow. */
  drain(to: Member): void {
    const link = to.link;
    if (link === undefined) return;
    this.lookAtClock();
    let sinceFlush = 0;
    while (!link.congested && !link.over) {
      const letter = to.mailbox.take(to.state === "suspended" ? "control" : "all");
      if (letter === undefined) break;
      this.#sendLetter(link, letter);
      sinceFlush += letter.bytes;
      if (sinceFlush < FLUSH_BYTES) continue;
      link.flush();
      sinceFlush = 0;
    }
    this.releaseSenders(to);
  }

  /** Takes one letter after the other that waits or is held, in order of arrival within each. */
  takeAll(to: Member): Letter[] {
    const letters: Letter[] = [];
    for (const box of [to.held, to.mailbox]) {
      for (let letter = box.take("all"); letter !== undefined; letter = box.take("all")) {
        this.#unwatch(letter);
        letters.push(letter);
      }
    }
    return letters;
  }

  /** Takes what is held, in order. */
  takeHeld(to: Member): Letter[] {
    const letters: Letter[] = [];
    for (let letter = to.held.take("all"); letter !== undefined; letter = to.held.take("all")) {
      this.#unwatch(letter);
      letters.push(letter);
    }
    return letters;
  }

  /**
   * Between actors the sender is stopped. A client that does not read must stop nobody, and the hub is never stopped:
   * there the one that does not read is not read from either, and cut off when its whole mailbox is full.
   * @returns false when it is cut off.
   */
  #makeWay(to: Member, source: Member): boolean {
    if (to.kind !== "edge" && source.kind !== "hub") {
      this.#stopSender(to, source);
      return true;
    }
    if (to.mailbox.isFull) {
      to.cut = true;
      this.#owner.onCut(to);
      return false;
    }
    this.#stopSender(to, to);
    return true;
  }

  /** Stops reading from a sender until `to` has drained. */
  #stopSender(to: Member, source: Member): void {
    const { link } = source;
    if (link === undefined || to.blocked.has(link)) return;
    to.blocked.add(link);
    link.block();
  }

  /** Lets senders go on whose share has drained; all of them when the link is gone. */
  releaseSenders(to: Member): void {
    for (const link of to.blocked) {
      const source = link.member;
      if (to.link !== undefined && source !== undefined && !link.over && !hasDrained(to, source))
        continue;
      to.blocked.delete(link);
      if (!link.over) link.unblock();
    }
  }

  /** Tells of a frame that was not delivered; `tell` also sends the sender a `dead` frame. */
  dead(
    frame: Frame,
    reason: DeadReason,
    about: {
      source: Member;
      destination: string;
      subject: string;
      message: string;
      tell: "sender" | "nobody";
    },
  ): void {
    const letter: DeadLetter = {
      reason,
      kind: frame.kind,
      source: about.source.name,
      destination: about.destination,
      subject: about.subject,
      correlation: frame.correlation,
      message: about.message,
    };
    // Refused before it was stamped, it would have no source in the recorder.
    frame.source = about.source.id;
    this.#owner.onDead(letter, frame);
    if (about.tell === "sender")
      about.source.link?.sendValue({ kind: Kind.dead, correlation: frame.correlation }, letter);
  }

  /** Answers a request with `error`, an open with `reset`, and tells of it. */
  refuse(frame: Frame, source: Member, refusal: Refusal): void {
    const { error, reason, ...about } = refusal;
    if (frame.kind === Kind.request)
      source.link?.sendValue({ kind: Kind.error, correlation: frame.correlation }, error);
    else if (frame.kind === Kind.open)
      source.link?.sendValue({ kind: Kind.reset, correlation: frame.correlation }, error);
    const answered = frame.kind === Kind.request || frame.kind === Kind.open;
    this.dead(frame, reason, {
      ...about,
      source,
      message: error.message,
      tell: answered ? "nobody" : "sender",
    });
  }

  /** Forgets all timers. */
  close(): void {
    this.#deadlines.clear();
    this.#expiry.clear();
  }

  #sendLetter(link: PeerLink, letter: Letter): void {
    this.#unwatch(letter);
    if (letter.endsAtMs !== Number.POSITIVE_INFINITY) {
      letter.frame.stampDeadline(Math.max(1, Math.ceil(letter.endsAtMs - this.nowMs)));
    }
    this.note.waitMs = this.nowMs - letter.arrivedMs;
    link.send(letter.frame);
    this.note.waitMs = 0;
  }

  #letterOf(frame: Frame, passage: Passage): Letter {
    return {
      frame,
      bytes: frame.length,
      sourceId: passage.source.id,
      subjectId: passage.subject?.id ?? 0,
      arrivedMs: this.nowMs,
      endsAtMs: passage.endsAtMs,
      gone: false,
      onLeave: undefined,
    };
  }

  #watch(to: Member, letter: Letter, passage: Passage): void {
    const { onExpired } = passage;
    if (onExpired === undefined || letter.endsAtMs === Number.POSITIVE_INFINITY) return;
    const deadline = new Timeout(() => {
      this.lookAtClock();
      this.withdraw(to, letter);
      onExpired(letter);
    });
    this.#deadlines.add(letter.endsAtMs - this.nowMs, deadline);
    this.#expiry.set(letter, deadline);
  }

  #unwatch(letter: Letter): void {
    const deadline = this.#expiry.get(letter);
    if (deadline === undefined) return;
    this.#expiry.delete(letter);
    this.#deadlines.remove(deadline);
  }
}

/** How much is handed to a transport between two looks at whether it is congested. */
const FLUSH_BYTES = 64 * 1024;

function isIn(letters: Iterable<Letter>, wanted: Letter): boolean {
  for (const letter of letters) if (letter === wanted) return true;
  return false;
}

function hasDrained(to: Member, source: Member): boolean {
  return to === source ? to.mailbox.isNearlyEmpty : to.mailbox.hasDrained(source.id);
}

/** The error for an actor that is not there. */
export function downError(name: string, why: string): WireError {
  return { code: BusCode.down, message: `${name} is ${why}` };
}
