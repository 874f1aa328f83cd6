/** What becomes of frames that wait when their destination comes, goes or is parked. */
import type { WireError } from "../protocol.ts";
import { Kind } from "../protocol.ts";
import type { Tables } from "./dispatch.ts";
import type { Letter } from "./mailbox.ts";
import type { Member } from "./member.ts";
import { downError, type Post } from "./post.ts";

export class Waiting {
  readonly #tables: Tables;
  readonly #post: Post;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#post = tables.post;
  }

  /** Ends calls and opens of a peer whose deadline both sides have slept through. */
  sweep(member: Member): void {
    this.#tables.calls.sweep(member);
    this.#tables.streams.sweep(member);
  }

  /** A link ended: calls fail, streams are reset, subscriptions end, waiting calls follow their rule. */
  onDeath(member: Member, reason: WireError): void {
    const why = member.kind === "edge" ? "gone" : `gone (${reason.message})`;
    member.link = undefined;
    member.waking = false;
    if (member.state !== "parked") member.state = "absent";
    member.failed = this.#tables.calls.onDeath(member, this.#tables.directory.all(), why);
    this.#tables.streams.onDeath(member, this.#tables.directory.all(), why);
    this.#tables.topics.onDeath(member);
    this.#requeue(member);
    this.#post.releaseSenders(member);
    if (member.kind === "edge") this.#tables.directory.remove(member);
  }

  /** What waited for a dead peer: calls follow their rule, the rest is dead. */
  #requeue(member: Member): void {
    for (const letter of this.#post.takeAll(member)) this.#again(letter, member);
  }

  /** An actor is up: what was held goes first, then what waits. */
  resume(member: Member): void {
    for (const letter of this.#post.takeHeld(member)) this.#again(letter, member);
    this.#post.drain(member);
  }

  /** An actor is parked: what waits for it fails. */
  fail(member: Member): void {
    const error = downError(member.name, "parked: it failed too often");
    for (const letter of this.#post.takeAll(member)) {
      const source = this.#tables.directory.byId(letter.frame.source);
      if (letter.frame.kind === Kind.request) this.#tables.calls.failWaiting(letter, source, error);
      else if (letter.frame.kind === Kind.open)
        this.#tables.streams.failWaiting(letter, source, error);
      else this.#bury(letter, member);
    }
  }

  #again(letter: Letter, member: Member): void {
    const source = this.#tables.directory.byId(letter.frame.source);
    if (letter.frame.kind === Kind.request) this.#tables.calls.resume(letter, source);
    else if (letter.frame.kind === Kind.open) this.#tables.streams.resume(letter, source);
    else if (member.isServing && source !== undefined) {
      this.#post.deliver(member, letter.frame, {
        source,
        subject: undefined,
        endsAtMs: letter.endsAtMs,
        whenFull: "stop-sender",
      });
    } else this.#bury(letter, member);
  }

  #bury(letter: Letter, member: Member): void {
    const source = this.#tables.directory.byId(letter.sourceId);
    if (source === undefined) return;
    const subject = this.#tables.subjects.nameOf(letter.subjectId);
    const message = `${member.name} ended before this was delivered`;
    this.#post.dead(letter.frame, "down", {
      source,
      destination: member.name,
      subject,
      message,
      tell: "nobody",
    });
  }
}
