/** Requests under way from this peer: sent, waiting for reply or error, given up by cancel or deadline. */
import type { GenericSchema } from "valibot";
import { decodeValue } from "../codec.ts";
import { Deadline } from "../deadlines.ts";
import { BusCode, BusError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { IdTable } from "../id-table.ts";
import { CALLS_IN_FLIGHT_MAX, REQUEST_TIMEOUT_MS } from "../limits.ts";
import type { CallOptions } from "../peer.ts";
import { CONTROL_LANE, Kind, type WireError } from "../protocol.ts";
import { type ClientLink, wireErrorOf } from "./link.ts";
import { cancelled, outgoing } from "./outgoing.ts";
import { validate, wireErrorFrom } from "./serving.ts";

/** One request as `send` takes it. */
export interface Request<O> {
  readonly subject: string;
  readonly input: unknown;
  readonly options: CallOptions | undefined;
  readonly output: GenericSchema<unknown, O>;
}

export class Calls {
  readonly #link: ClientLink;
  readonly #pending = new IdTable<PendingCall<unknown>>();

  constructor(link: ClientLink) {
    this.#link = link;
  }

  has(correlation: number): boolean {
    return this.#pending.has(correlation);
  }

  /** Sends a request and settles with its validated output. */
  send<O>(request: Request<O>, correlation: number): Promise<O> {
    return new Promise((resolve, reject: (error: BusError) => void) => {
      const { subject, input, options } = request;
      const { name, timeoutMs, extension } = outgoing(this.#link, subject, options);
      if (this.#pending.size >= CALLS_IN_FLIGHT_MAX) {
        throw new BusError(
          BusCode.limit,
          `${subject}: ${CALLS_IN_FLIGHT_MAX} calls are under way already`,
        );
      }
      const fields = { kind: Kind.request, correlation, name, deadlineMs: timeoutMs };
      this.#link.sendValue(fields, input, extension);
      const call = new PendingCall(this, correlation, request, { resolve, reject });
      this.#link.deadlines.add(timeoutMs, call);
      // What is taken out again is settled by the call itself, which knows its type.
      this.#pending.set(correlation, call as unknown as PendingCall<unknown>);
    });
  }

  onReply(frame: Frame): void {
    this.#take(frame.correlation)?.reply(frame.payload());
  }

  /** @returns false when no call has this correlation. */
  onError(frame: Frame): boolean {
    const call = this.#take(frame.correlation);
    call?.reject(BusError.fromWire(wireErrorOf(frame)));
    return call !== undefined;
  }

  /** Rejects all with `bus/closed`. */
  end(reason: WireError): void {
    for (const correlation of this.#pending.keys()) {
      const call = this.#take(correlation);
      call?.reject(
        new BusError(BusCode.closed, `${call.subject}: ${reason.message}`, { data: reason }),
      );
    }
  }

  /** Sends `cancel` and rejects. Harmless when it is answered already. */
  giveUp(correlation: number, error: BusError): void {
    const call = this.#take(correlation);
    if (call === undefined) return;
    this.#link.sendValue({ kind: Kind.cancel, codecLane: CONTROL_LANE, correlation }, undefined);
    call.reject(error);
  }

  #take(correlation: number): PendingCall<unknown> | undefined {
    const call = this.#pending.get(correlation);
    if (call === undefined) return undefined;
    this.#pending.delete(correlation);
    this.#link.deadlines.remove(call);
    call.release();
    return call;
  }
}

interface Settle<O> {
  readonly resolve: (value: O) => void;
  readonly reject: (error: BusError) => void;
}

class PendingCall<O> extends Deadline {
  readonly #calls: Calls;
  readonly #correlation: number;
  readonly #request: Request<O>;
  readonly #settle: Settle<O>;
  readonly #onAbort: (() => void) | undefined;

  constructor(calls: Calls, correlation: number, request: Request<O>, settle: Settle<O>) {
    super();
    this.#calls = calls;
    this.#correlation = correlation;
    this.#request = request;
    this.#settle = settle;
    const signal = request.options?.signal;
    if (signal === undefined) return;
    this.#onAbort = () => calls.giveUp(correlation, cancelled(request.subject));
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  get subject(): string {
    return this.#request.subject;
  }

  reject(error: BusError): void {
    this.#settle.reject(error);
  }

  override expire(): void {
    const timeoutMs = this.#request.options?.timeoutMs ?? REQUEST_TIMEOUT_MS;
    const message = `${this.subject}: no answer within ${timeoutMs} ms`;
    const data = { subject: this.subject, timeoutMs };
    this.#calls.giveUp(this.#correlation, new BusError(BusCode.expired, message, { data }));
  }

  reply(payload: Uint8Array): void {
    try {
      const value = decodeValue(payload);
      this.#settle.resolve(
        validate(this.#request.output, value, () => `output of ${this.subject}`),
      );
    } catch (error) {
      const wire = wireErrorFrom(error, this.subject);
      this.reject(new BusError(wire.code, wire.message, { data: wire.data, cause: error }));
    }
  }

  release(): void {
    if (this.#onAbort !== undefined) {
      this.#request.options?.signal?.removeEventListener("abort", this.#onAbort);
    }
  }
}
