/** What a handler knows of the call or open it serves. The AbortSignal is made only when somebody looks at it. */
import { Timeout } from "../deadlines.ts";
import { BusCode, BusError } from "../errors.ts";
import type { ExtensionFields } from "../extension.ts";
import type { Frame } from "../frame.ts";
import type { CallContext, Trace } from "../peer.ts";
import { CONTROL_LANE, type Principal, type WireError } from "../protocol.ts";
import type { ClientLink } from "./link.ts";
import { traceOf } from "./trace.ts";

export class ServedContext implements CallContext {
  readonly subject: string;
  readonly correlation: number;
  readonly sourceId: number;
  readonly epoch: number;
  /** Bit of the lane it came in; answers go back in the same one. */
  readonly lane: number;
  readonly #link: ClientLink;
  /** Kept for its extension, which most handlers never ask for. */
  readonly #frame: Frame;
  #extension: ExtensionFields | undefined;
  /** Monotonic, or infinity for none. */
  readonly #endsAtMs: number;
  #controller: AbortController | undefined;
  #deadline: Timeout | undefined;
  #aborted: WireError | undefined;
  #over = false;

  /** @param extension when it had to be read already. */
  constructor(link: ClientLink, frame: Frame, subject: string, extension?: ExtensionFields) {
    this.#link = link;
    this.#frame = frame;
    this.#extension = extension;
    this.subject = subject;
    this.lane = frame.codecLane & CONTROL_LANE;
    this.correlation = frame.correlation;
    this.sourceId = frame.source;
    this.epoch = frame.epoch;
    this.#endsAtMs =
      frame.deadlineMs === 0 ? Number.POSITIVE_INFINITY : link.clock.now() + frame.deadlineMs;
  }

  get principal(): Principal | undefined {
    return this.#fields.principal as Principal | undefined;
  }

  /** Calls above this one in its trace. */
  get hops(): number {
    return this.#fields.hops ?? 0;
  }

  get source(): string {
    return this.#link.names.peerOf(this.sourceId);
  }

  get trace(): Trace | undefined {
    return traceOf(this.#fields.trace);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(BusError.fromWire(this.#aborted));
      else if (!this.#over && this.#endsAtMs !== Number.POSITIVE_INFINITY) this.#armDeadline();
    }
    return this.#controller.signal;
  }

  remainingMs(): number {
    return Math.max(0, this.#endsAtMs - this.#link.clock.now());
  }

  /** Fires the signal, now or when somebody asks for it. */
  abort(reason: WireError): void {
    if (this.#aborted !== undefined || this.#over) return;
    this.#aborted = reason;
    this.finish();
    this.#controller?.abort(BusError.fromWire(reason));
  }

  /** The deadline does not count any more: answered, or accepted. */
  finish(): void {
    this.#over = true;
    if (this.#deadline !== undefined) this.#link.deadlines.remove(this.#deadline);
    this.#deadline = undefined;
  }

  get #fields(): ExtensionFields {
    this.#extension ??= this.#link.extensionOf(this.#frame);
    return this.#extension;
  }

  #armDeadline(): void {
    this.#deadline = new Timeout(() => {
      this.abort({ code: BusCode.expired, message: `${this.subject}: the deadline passed` });
    });
    this.#link.deadlines.add(this.remainingMs(), this.#deadline);
  }
}

/** What an outgoing call takes over from the one that caused it. */
export interface Cause {
  readonly trace: Trace | undefined;
  readonly principal: Principal | undefined;
  readonly hops: number;
}

/** A call that nothing caused. */
export const NO_CAUSE: Cause = { trace: undefined, principal: undefined, hops: 0 };

export function causeOf(within: CallContext | undefined): Cause {
  if (within === undefined) return NO_CAUSE;
  const hops = within instanceof ServedContext ? within.hops + 1 : 1;
  return { trace: within.trace, principal: within.principal, hops };
}
