/** Methods this peer serves: acknowledge, decode, validate, handle, answer. */
import { type GenericSchema, safeParse } from "valibot";
import { decodeValue } from "../codec.ts";
import type { MethodContract } from "../contracts/define.ts";
import { BusCode, BusError, isBusError } from "../errors.ts";
import type { Frame } from "../frame.ts";
import { IdTable } from "../id-table.ts";
import type { CallContext } from "../peer.ts";
import { Kind, type WireError } from "../protocol.ts";
import type { ServedContext } from "./context.ts";
import type { ClientLink } from "./link.ts";

type Handler = (payload: Uint8Array, call: CallContext) => unknown;

export class Serving {
  readonly #link: ClientLink;
  readonly #handlers = new Map<string, Handler>();
  readonly #underWay = new Map<number, IdTable<ServedContext>>();
  #count = 0;

  constructor(link: ClientLink) {
    this.#link = link;
  }

  /** Requests received and not answered. */
  get count(): number {
    return this.#count;
  }

  /** @throws BusError `bus/invalid` when the subject is served already. */
  add<I, O>(
    method: MethodContract<I, O>,
    handler: (input: I, call: CallContext) => O | Promise<O>,
  ): () => void {
    const { subject, input } = method;
    if (this.#handlers.has(subject))
      throw new BusError(BusCode.invalid, `${subject} is served already`);
    const run: Handler = (payload, call) =>
      handler(
        validate(input, decodeValue(payload), () => `input of ${subject}`),
        call,
      );
    this.#handlers.set(subject, run);
    return () => {
      if (this.#handlers.get(subject) === run) this.#handlers.delete(subject);
    };
  }

  onRequest(frame: Frame): void {
    const call = this.#link.contextOf(frame);
    const handler = this.#handlers.get(call.subject);
    if (handler === undefined) {
      this.#fail(call, new BusError(BusCode.noResponder, `nothing here serves ${call.subject}`));
      return;
    }
    this.#run(call, handler, frame.payload());
  }

  onCancel(frame: Frame): void {
    const reason = { code: BusCode.cancelled, message: "cancelled by the caller" };
    this.#underWay.get(frame.source)?.get(frame.correlation)?.abort(reason);
  }

  /** Aborts all handlers. */
  end(reason: WireError): void {
    for (const calls of this.#underWay.values())
      for (const call of calls.values()) call.abort(reason);
    this.#underWay.clear();
    this.#count = 0;
  }

  #run(call: ServedContext, handler: Handler, payload: Uint8Array): void {
    try {
      const output = handler(payload, call);
      if (output instanceof Promise) {
        // Nothing leaves before this turn ends, so an answer within it says "received" as soon as an ack would.
        this.#answer(call, Kind.ack, undefined);
        this.#keep(call);
        output.then(
          (value: unknown) => this.#reply(call, value),
          (error: unknown) => this.#fail(call, error),
        );
      } else {
        this.#reply(call, output);
      }
    } catch (error) {
      this.#fail(call, error);
    }
  }

  #reply(call: ServedContext, output: unknown): void {
    this.#forget(call);
    try {
      this.#answer(call, Kind.reply, output);
    } catch (error) {
      this.#answer(call, Kind.error, wireErrorFrom(error, call.subject));
    }
  }

  #fail(call: ServedContext, error: unknown): void {
    this.#forget(call);
    this.#answer(call, Kind.error, wireErrorFrom(error, call.subject));
  }

  #answer(call: ServedContext, kind: Kind, value: unknown): void {
    const { sourceId: destination, correlation, epoch, lane: codecLane } = call;
    this.#link.sendValue({ kind, destination, correlation, epoch, codecLane }, value);
  }

  #keep(call: ServedContext): void {
    this.#count++;
    let calls = this.#underWay.get(call.sourceId);
    if (calls === undefined) {
      calls = new IdTable();
      this.#underWay.set(call.sourceId, calls);
    }
    calls.set(call.correlation, call);
  }

  #forget(call: ServedContext): void {
    call.finish();
    if (this.#underWay.get(call.sourceId)?.delete(call.correlation) === true) this.#count--;
  }
}

/** The parsed value. @throws BusError `bus/invalid` naming the first issue's path. */
export function validate<T>(
  schema: GenericSchema<unknown, T>,
  value: unknown,
  what: () => string,
): T {
  const result = safeParse(schema, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const path = issue.path?.map((item) => String(item.key)).join(".") ?? "";
  throw new BusError(
    BusCode.invalid,
    `${what()}: ${path === "" ? "" : `"${path}": `}${issue.message}`,
    { data: { path } },
  );
}

/** What the caller gets of a thrown value. */
export function wireErrorFrom(error: unknown, subject: string): WireError {
  if (isBusError(error))
    return {
      code: error.code,
      message: error.message,
      ...(error.data === undefined ? undefined : { data: error.data }),
    };
  return {
    code: BusCode.internal,
    message: `${subject}: ${error instanceof Error ? error.message : String(error)}`,
  };
}
