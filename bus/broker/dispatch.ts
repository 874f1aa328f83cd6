/** Which table a frame is for. */
import { decodeValue } from "../codec.ts";
import { BusCode } from "../errors.ts";
import { type Frame, malformed } from "../frame.ts";
import { Flag, Kind } from "../protocol.ts";
import type { CallRouter } from "./calls.ts";
import type { Directory } from "./directory.ts";
import type { Member } from "./member.ts";
import type { FrameObserver } from "./observer.ts";
import type { Post } from "./post.ts";
import { extensionOf, route, subjectOf, withPrincipal } from "./route.ts";
import type { StreamRouter } from "./streams.ts";
import type { Subjects } from "./subjects.ts";
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
    const subject = subjectOf(frame, extension, source, this.#tables.subjects);
    if (subject === undefined) {
      const error = { code: BusCode.limit, message: "no more subjects can be named in this hub" };
      this.#post.refuse(frame, source, {
        error,
        reason: "mailbox-full",
        destination: "",
        subject: extension.subject ?? "",
      });
      return;
    }
    frame.stampName(subject.id);
    const routed = route(frame, source, { subject, extension, directory: this.#tables.directory });
    if ("error" in routed) {
      this.#post.refuse(frame, source, routed);
      return;
    }
    if (routed.callee.state === "absent" && routed.callee.kind === "actor")
      this.#tables.onActorNeeded?.(routed.callee.name);
    const named = source.principal === undefined ? frame : withPrincipal(frame, source.principal);
    if (named.kind === Kind.request) this.#tables.calls.onRequest(named, source, routed);
    else this.#tables.streams.onOpen(named, source, routed);
  }

  #onPublish(frame: Frame, source: Member): void {
    const extension = extensionOf(frame);
    const subject = subjectOf(frame, extension, source, this.#tables.subjects);
    const destination = "";
    frame.stampName(subject?.id ?? 0);
    if (subject === undefined) {
      const message = "no more subjects can be named in this hub";
      this.#post.dead(frame, "mailbox-full", {
        source,
        destination,
        subject: extension.subject ?? "",
        message,
        tell: "sender",
      });
    } else if (source.access.mayPublish(subject)) {
      if (this.#tables.topics.listenerCount(subject) === 0) {
        this.#tables.observer?.onTaken(frame, source.id, this.#post.nowMs);
      }
      this.#tables.topics.onPublish(frame, source, subject);
    } else {
      const message = `${source.name} may not publish ${subject.subject}`;
      this.#post.dead(frame, "denied", {
        source,
        destination,
        subject: subject.subject,
        message,
        tell: "sender",
      });
    }
  }

  #onSubscribe(frame: Frame, source: Member): void {
    const extension = extensionOf(frame);
    const known =
      frame.name === 0 ? extension.subject : this.#tables.subjects.byId(frame.name)?.subject;
    if (known === undefined || frame.correlation === 0)
      throw malformed("subscribe without a pattern or correlation", frame.name);
    const asked = decodeValue(frame.payload()) as { policy?: unknown } | undefined | null;
    const policy = asked?.policy ?? "drop-oldest";
    if (policy !== "block" && policy !== "drop-oldest" && policy !== "conflate")
      throw malformed(`policy ${String(policy)}`, policy);
    this.#tables.observer?.onTaken(frame, source.id, this.#post.nowMs);
    this.#tables.topics.onSubscribe(frame, source, {
      pattern: known,
      policy: policy,
    });
  }
}
