/** Requests under way from this peer: sent, waiting for reply or error, given up by cancel or deadline. */
import { decodeValue } from "../codec.ts";
import type { Deadline } from "../deadlines.ts";
import { BusCode, BusError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { CALLS_IN_FLIGHT_MAX } from "../limits.ts";
import type { CallOptions } from "../peer.ts";
import { CONTROL_LANE, Kind, type WireError } from "../protocol.ts";
import { type ClientLink, wireErrorOf } from "./link.ts";
import { cancelled, outgoing } from "./outgoing.ts";

interface PendingCall {
  readonly subject: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: BusError) => void;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: (() => void) | undefined;
  deadline: Deadline | undefined;
}

export class Calls {
  readonly #link: ClientLink;
  readonly #pending = new Map<number, PendingCall>();

  constructor(link: ClientLink) {
    this.#link = link;
  }

  has(correlation: number): boolean {
    return this.#pending.has(correlation);
  }

  /** Sends a request and settles with its unvalidated output. */
  send(
    subject: string,
    input: unknown,
    options: CallOptions | undefined,
    correlation: number,
  ): Promise<unknown> {
    const { name, timeoutMs, extension } = outgoing(this.#link, subject, options);
    if (this.#pending.size >= CALLS_IN_FLIGHT_MAX) {
      throw new BusError(
        BusCode.limit,
        `${subject}: ${CALLS_IN_FLIGHT_MAX} calls are under way already`,
      );
    }
    this.#link.sendValue(
      { kind: Kind.request, correlation, name, deadlineMs: timeoutMs },
      input,
      extension,
    );
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const signal = options?.signal;
    const onAbort =
      signal === undefined ? undefined : () => this.#giveUp(correlation, cancelled(subject));
    const call: PendingCall = { subject, resolve, reject, signal, onAbort, deadline: undefined };
    call.deadline = this.#link.deadlines.add(timeoutMs, () => {
      const message = `${subject}: no answer within ${timeoutMs} ms`;
      this.#giveUp(
        correlation,
        new BusError(BusCode.expired, message, { data: { subject, timeoutMs } }),
      );
    });
    if (signal !== undefined && onAbort !== undefined)
      signal.addEventListener("abort", onAbort, { once: true });
    this.#pending.set(correlation, call);
    return promise;
  }

  onReply(frame: Frame): void {
    const call = this.#take(frame.correlation);
    if (call === undefined) return;
    try {
      call.resolve(decodeValue(frame.payload()));
    } catch (error) {
      call.reject(
        BusError.fromWire({
          code: BusCode.invalid,
          message: `${call.subject}: ${(error as Error).message}`,
        }),
      );
    }
  }

  /** @returns false when no call has this correlation. */
  onError(frame: Frame): boolean {
    const call = this.#take(frame.correlation);
    call?.reject(BusError.fromWire(wireErrorOf(frame)));
    return call !== undefined;
  }

  /** Rejects all with `bus/closed`. */
  end(reason: WireError): void {
    for (const correlation of [...this.#pending.keys()]) {
      const call = this.#take(correlation);
      call?.reject(
        new BusError(BusCode.closed, `${call.subject}: ${reason.message}`, { data: reason }),
      );
    }
  }

  #giveUp(correlation: number, error: BusError): void {
    const call = this.#take(correlation);
    if (call === undefined) return;
    this.#link.sendValue({ kind: Kind.cancel, codecLane: CONTROL_LANE, correlation }, undefined);
    call.reject(error);
  }

  #take(correlation: number): PendingCall | undefined {
    const call = this.#pending.get(correlation);
    if (call === undefined) return undefined;
    this.#pending.delete(correlation);
    if (call.deadline !== undefined) this.#link.deadlines.remove(call.deadline);
    if (call.onAbort !== undefined) call.signal?.removeEventListener("abort", call.onAbort);
    return call;
  }
}
