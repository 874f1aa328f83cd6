/** Which table a frame is for. */
import { decodeValue } from "../codec.ts";
import { BusCode } from "../errors.ts";
import { type Frame, malformed } from "../frame.ts";
import { SUBJECTS_NAMED_MAX } from "../limits.ts";
import type { SubscriberPolicy } from "../peer.ts";
import { Flag, Kind } from "../protocol.ts";
import { quote } from "../subject.ts";
import type { CallRouter } from "./calls.ts";
import type { Directory } from "./directory.ts";
import type { Member } from "./member.ts";
import type { FrameObserver } from "./observer.ts";
import type { Post, Refusal } from "./post.ts";
import { extensionOf, type Routed, route, subjectOf, withPrincipal } from "./route.ts";
import type { StreamRouter } from "./streams.ts";
import type { SubjectEntry, Subjects } from "./subjects.ts";
import type { TopicRouter } from "./topics.ts";

/** All that routing needs, made once by the broker. */
export interface Tables {
  readonly post: Post;
  readonly calls: CallRouter;
  readonly streams: StreamRouter;
  readonly topics: TopicRouter;
  readonly directory: Directory;
  readonly subjects: Subjects;
  readonly observer: FrameObserver | undefined;
  readonly onActorNeeded: ((name: string) => void) | undefined;
}

export class Dispatch {
  readonly #tables: Tables;
  readonly #post: Post;

  constructor(tables: Tables) {
    this.#tables = tables;
    this.#post = tables.post;
  }

  /**
   * Routes a frame of a greeted peer. @returns false for kinds that are the link's own business.
   * @throws BusError `bus/protocol`: the link is closed with it.
   */
  handle(frame: Frame, source: Member): boolean {
    const { calls, streams, directory } = this.#tables;
    switch (frame.kind) {
      case Kind.request:
      case Kind.open:
        this.#onCall(frame, source);
        return true;
      case Kind.ack:
      case Kind.reply:
      case Kind.error:
        calls.onAnswer(frame, source, directory.byId(frame.destination));
        return true;
      case Kind.cancel:
        calls.onCancel(frame, source);
        return true;
      case Kind.data:
      case Kind.credit:
      case Kind.end:
      case Kind.reset:
        streams.onFrame(
          frame,
          source,
          (frame.flags & Flag.opener) !== 0 ? source : directory.byId(frame.destination),
        );
        return true;
      default:
        return this.#handleTopic(frame, source);
    }
  }

  #handleTopic(frame: Frame, source: Member): boolean {
    switch (frame.kind) {
      case Kind.publish:
        this.#onPublish(frame, source);
        return true;
      case Kind.subscribe:
        this.#onSubscribe(frame, source);
        return true;
      case Kind.unsubscribe:
        this.#tables.observer?.onTaken(frame, source.id, this.#post.nowMs);
        this.#tables.topics.onUnsubscribe(frame.correlation, source);
        return true;
      default:
        return false;
    }
  }

  #onCall(frame: Frame, source: Member): void {
    if (frame.correlation === 0) throw malformed("correlation 0", 0);
    const extension = extensionOf(frame);
    const named = subjectOf(frame, extension, this.#tables.subjects);
    const { directory } = this.#tables;
    const checked = route(frame, source, { subject: named, extension, directory });
    const routed = "error" in checked ? checked : this.#admitted(checked, source);
    if ("error" in routed) {
      this.#post.refuse(frame, source, routed);
      return;
    }
    frame.stampName(routed.subject.id);
    if (routed.callee.state === "absent" && routed.callee.kind === "actor")
      this.#tables.onActorNeeded?.(routed.callee.name);
    const isSigned = extension.principal === routed.principal && source.principal === undefined;
    const signed =
      isSigned || routed.principal === undefined ? frame : withPrincipal(frame, routed.principal);
    if (signed.kind === Kind.request) this.#tables.calls.onRequest(signed, source, routed);
    else this.#tables.streams.onOpen(signed, source, routed);
  }

  /** A checked call whose subject has an id. */
  #admitted(routed: Routed, source: Member): Routed | Refusal {
    const subject = this.#named(routed.subject, source);
    if (subject === routed.subject) return routed;
    if (subject !== undefined) return { ...routed, subject };
    return {
      error: { code: BusCode.limit, message: tooManyNames(source) },
      reason: "mailbox-full",
      destination: routed.callee.name,
      subject: routed.subject.subject,
    };
  }

  #onPublish(frame: Frame, source: Member): void {
    const extension = extensionOf(frame);
    const named = subjectOf(frame, extension, this.#tables.subjects);
    const about = { source, destination: "", subject: named.subject, tell: "sender" } as const;
    if (!source.access.mayPublish(named)) {
      const message = `${source.name} may not publish ${named.subject}`;
      this.#post.dead(frame, "denied", { ...about, message });
      return;
    }
    const subject = this.#named(named, source);
    if (subject === undefined) {
      this.#post.dead(frame, "mailbox-full", { ...about, message: tooManyNames(source) });
      return;
    }
    frame.stampName(subject.id);
    if (this.#tables.topics.listenerCount(subject) === 0)
      this.#tables.observer?.onTaken(frame, source.id, this.#post.nowMs);
    this.#tables.topics.onPublish(frame, source, subject);
  }

  #onSubscribe(frame: Frame, source: Member): void {
    const extension = extensionOf(frame);
    const known =
      frame.name === 0 ? extension.subject : this.#tables.subjects.byId(frame.name)?.subject;
    if (known === undefined || frame.correlation === 0)
      throw malformed("subscribe without a pattern or correlation", frame.name);
    const asked = policyOf(decodeValue(frame.payload()));
    // A client that does not read must not stop an actor.
    const policy = asked === "block" && source.kind === "edge" ? "drop-oldest" : asked;
    this.#tables.observer?.onTaken(frame, source.id, this.#post.nowMs);
    this.#tables.topics.onSubscribe(frame, source, {
      pattern: known,
      policy,
    });
  }

  /** Gives a subject an id, the first time that somebody may use it. */
  #named(named: SubjectEntry, source: Member): SubjectEntry | undefined {
    const subject = named.id === 0 ? this.#tables.subjects.nameFor(source, named) : named;
    if (subject !== undefined) source.link?.tellSubject(subject.id);
    return subject;
  }
}

/** @throws BusError `bus/protocol` for a payload that is no subscription's. */
function policyOf(value: unknown): SubscriberPolicy {
  if (value === undefined || value === null) return "drop-oldest";
  const plain = typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
  if (!plain) throw malformed("the payload of subscribe is no map", typeof value);
  const { policy = "drop-oldest" } = value as { policy?: unknown };
  if (policy === "block" || policy === "drop-oldest" || policy === "conflate") return policy;
  const shown = typeof policy === "string" ? policy.slice(0, 80) : typeof policy;
  throw malformed(`policy ${quote(shown)}, expected block, drop-oldest or conflate`, shown);
}

/** What a peer is told that named too much. */
function tooManyNames(source: Member): string {
  return `${source.name} names more subjects than it may: ${SUBJECTS_NAMED_MAX} outside the contracts`;
}
