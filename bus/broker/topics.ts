/** Events: who listens to what, what is kept for late joiners, what a slow listener misses. */
import { BusCode } from "../errors.ts";
import { Frame, makeFrame, malformed, viewOf } from "../frame.ts";
import { RETAINED_BYTES_MAX, RETAINED_TOPICS_MAX, SUBSCRIPTIONS_MAX } from "../limits.ts";
import type { SubscriberPolicy } from "../peer.ts";
import { Flag, HEADER_BYTES, Kind } from "../protocol.ts";
import { isPattern, matchesPattern, quote } from "../subject.ts";
import type { Letter } from "./mailbox.ts";
import type { Member, Sub } from "./member.ts";
import type { Passage, Post } from "./post.ts";
import type { SubjectEntry } from "./subjects.ts";

interface Retained {
  readonly subject: SubjectEntry;
  readonly sourceId: number;
  readonly epoch: number;
  readonly codecLane: number;
  readonly payload: Uint8Array;
}

export class TopicRouter {
  readonly #post: Post;
  readonly #subs = new Set<Sub>();
  /** Subscriptions by subject id, until one comes or goes. */
  readonly #matching = new Map<number, readonly Sub[]>();
  readonly #retained = new Map<number, Retained>();

  constructor(post: Post) {
    this.#post = post;
  }

  /** Subscriptions of all peers. */
  get count(): number {
    return this.#subs.size;
  }

  /** Subscriptions that fit a subject. */
  listenerCount(subject: SubjectEntry): number {
    return this.#listeners(subject).length;
  }

  /** @throws BusError `bus/protocol` for a pattern that is none or a correlation in use. */
  onSubscribe(
    frame: Frame,
    source: Member,
    asked: { pattern: string; policy: SubscriberPolicy },
  ): void {
    const { pattern, policy } = asked;
    if (!isPattern(pattern)) throw malformed(`not a pattern: ${quote(pattern)}`, pattern);
    if (source.subscriptions.has(frame.correlation))
      throw malformed(
        `correlation ${frame.correlation} is a subscription already`,
        frame.correlation,
      );
    const about = { source, destination: "hub", subject: pattern, tell: "sender" } as const;
    if (!source.access.maySubscribe(pattern)) {
      this.#post.dead(frame, "denied", {
        ...about,
        message: `${source.name} may not subscribe to ${pattern}`,
      });
      return;
    }
    if (source.subscriptions.size >= SUBSCRIPTIONS_MAX) {
      this.#post.dead(frame, "mailbox-full", {
        ...about,
        message: `${SUBSCRIPTIONS_MAX} subscriptions are open already (${BusCode.limit})`,
      });
      return;
    }
    const sub: Sub = {
      correlation: frame.correlation,
      member: source,
      pattern,
      policy,
      missed: 0,
      waiting: [],
    };
    source.subscriptions.set(sub.correlation, sub);
    this.#subs.add(sub);
    this.#matching.clear();
    for (const kept of this.#retained.values())
      if (matchesPattern(pattern, kept.subject.subject)) this.#sendRetained(sub, kept);
  }

  onUnsubscribe(correlation: number, source: Member): void {
    const sub = source.subscriptions.get(correlation);
    if (sub === undefined) return;
    source.subscriptions.delete(correlation);
    this.#remove(sub);
  }

  /** Sends an event to everybody who listens, and keeps it if it is to be kept. */
  onPublish(frame: Frame, source: Member, subject: SubjectEntry): void {
    frame.stamp(source.id, 0, source.epoch);
    frame.stampName(subject.id);
    if ((frame.flags & Flag.retained) !== 0) this.#retain(frame, source, subject);
    frame.stampFlags(subject.captureFlags);
    const listeners = this.#listeners(subject);
    for (const sub of listeners) this.#send(sub, copyHead(frame, sub), { source, subject });
  }

  /** All subscriptions of a peer are over; what it published stays kept. */
  onDeath(member: Member): void {
    for (const sub of member.subscriptions.values()) this.#remove(sub);
    member.subscriptions.clear();
  }

  #listeners(subject: SubjectEntry): readonly Sub[] {
    const known = this.#matching.get(subject.id);
    if (known !== undefined) return known;
    const matching = [...this.#subs].filter((sub) => matchesPattern(sub.pattern, subject.subject));
    this.#matching.set(subject.id, matching);
    return matching;
  }

  #remove(sub: Sub): void {
    this.#subs.delete(sub);
    this.#matching.clear();
    for (const letter of sub.waiting) if (!letter.gone) this.#post.withdraw(sub.member, letter);
    sub.waiting = [];
  }

  #retain(frame: Frame, source: Member, subject: SubjectEntry): void {
    const about = { source, destination: "hub", subject: subject.subject, tell: "sender" } as const;
    if (frame.payloadBytes > RETAINED_BYTES_MAX) {
      this.#post.dead(frame, "mailbox-full", {
        ...about,
        message: `a value of ${frame.payloadBytes} bytes is not kept, at most ${RETAINED_BYTES_MAX}`,
      });
      return;
    }
    if (!this.#retained.has(subject.id) && this.#retained.size >= RETAINED_TOPICS_MAX) {
      this.#post.dead(frame, "mailbox-full", {
        ...about,
        message: `${RETAINED_TOPICS_MAX} topics are kept already`,
      });
      return;
    }
    // A copy: a view would keep the whole chunk it arrived in.
    const payload = frame.payload().slice();
    this.#retained.set(subject.id, {
      subject,
      sourceId: source.id,
      epoch: source.epoch,
      codecLane: frame.codecLane,
      payload,
    });
  }

  #sendRetained(sub: Sub, kept: Retained): void {
    const fields = {
      kind: Kind.publish,
      flags: Flag.retained | kept.subject.captureFlags,
      codecLane: kept.codecLane,
      source: kept.sourceId,
      destination: sub.member.id,
      correlation: sub.correlation,
      name: kept.subject.id,
      epoch: kept.epoch,
      position: sub.missed >>> 0,
    };
    this.#send(sub, makeFrame(fields, new Uint8Array(0), [kept.payload]), {
      source: sub.member,
      subject: kept.subject,
    });
  }

  #send(sub: Sub, frame: Frame, from: { source: Member; subject: SubjectEntry }): void {
    const { member } = sub;
    if (sub.policy === "conflate" && this.#replaceWaiting(sub, frame)) return;
    const passage: Passage = {
      ...from,
      endsAtMs: Number.POSITIVE_INFINITY,
      whenFull: sub.policy === "block" && from.source.kind !== "hub" ? "stop-sender" : "refuse",
    };
    let delivery = this.#post.deliver(member, frame, passage);
    while (delivery === "full") {
      sub.missed++;
      if (!this.#dropOldest(sub)) return;
      delivery = this.#post.deliver(member, frame, passage);
    }
    if (typeof delivery !== "object") return;
    const letter = delivery;
    letter.onLeave = () => letter.frame.stampPosition(sub.missed >>> 0);
    sub.waiting.push(letter);
    if (sub.waiting.length > 64 && sub.waiting[0]?.gone === true)
      sub.waiting = sub.waiting.filter((waiting) => !waiting.gone);
  }

  #replaceWaiting(sub: Sub, frame: Frame): boolean {
    const waiting = sub.waiting.findLast(
      (letter) => !letter.gone && letter.subjectId === frame.name,
    );
    if (waiting === undefined) return false;
    sub.missed++;
    sub.member.mailbox.replace(waiting, frame);
    return true;
  }

  #dropOldest(sub: Sub): boolean {
    for (
      let letter: Letter | undefined = sub.waiting.shift();
      letter !== undefined;
      letter = sub.waiting.shift()
    ) {
      if (letter.gone) continue;
      this.#post.withdraw(sub.member, letter);
      return true;
    }
    return false;
  }
}

/** The event for one subscriber: a header of its own, the same payload. */
function copyHead(frame: Frame, sub: Sub): Frame {
  const start = frame.at;
  const head = frame.head.slice(start, start + HEADER_BYTES + frame.extensionBytes);
  const copy = new Frame(viewOf(head), head, 0, frame.payloadSlices());
  copy.stamp(frame.source, sub.member.id, frame.epoch);
  copy.stampCorrelation(sub.correlation);
  copy.stampPosition(sub.missed >>> 0);
  return copy;
}
