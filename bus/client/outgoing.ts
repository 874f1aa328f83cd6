/** What calls and opens have in common when they leave: time, cause, subject. */
import { BusCode, BusError } from "../errors.ts";
import { writeExtension } from "../extension.ts";
import { REQUEST_TIMEOUT_MS, REQUEST_TIMEOUT_MS_MAX, TRACE_HOPS_MAX } from "../limits.ts";
import type { CallOptions } from "../peer.ts";
import { causeOf, NO_CAUSE } from "./context.ts";
import type { ClientLink } from "./link.ts";

/** Header and extension values of an outgoing call. */
export interface Outgoing {
  readonly name: number;
  readonly timeoutMs: number;
  /** Copied into the frame that is sent next. */
  readonly extension: Uint8Array;
}

/**
 * Prepares a call of `subject`.
 * @throws BusError `bus/closed`, `bus/cancelled`, `bus/expired`, `bus/invalid` (timeout out of range), `bus/limit` (hops).
 */
export function outgoing(
  link: ClientLink,
  subject: string,
  options: CallOptions | undefined,
): Outgoing {
  if (link.over !== undefined)
    throw new BusError(BusCode.closed, `${subject}: ${link.over.message}`, { data: link.over });
  if (options?.signal?.aborted === true) throw cancelled(subject);
  const timeoutMs = timeoutOf(subject, options);
  const cause = causeOf(options?.within);
  if (cause.hops > TRACE_HOPS_MAX) {
    throw new BusError(
      BusCode.limit,
      `${subject}: ${cause.hops} calls nested in each other, at most ${TRACE_HOPS_MAX}`,
    );
  }
  const name = link.names.idOf(subject);
  if (cause === NO_CAUSE && name !== 0)
    return { name, timeoutMs, extension: link.traces.nextEntry() };
  const extension = writeExtension({
    trace: link.traces.next(cause.trace),
    hops: cause.hops,
    ...(name === 0 ? { subject } : undefined),
    ...(cause.principal === undefined ? undefined : { principal: cause.principal }),
  });
  return { name, timeoutMs, extension };
}

/** The error of a call its caller gave up. */
export function cancelled(subject: string): BusError {
  return new BusError(BusCode.cancelled, `${subject}: cancelled by the caller`);
}

function timeoutOf(subject: string, options: CallOptions | undefined): number {
  const askedMs = options?.timeoutMs ?? REQUEST_TIMEOUT_MS;
  if (!(askedMs > 0 && askedMs <= REQUEST_TIMEOUT_MS_MAX)) {
    throw new BusError(
      BusCode.invalid,
      `${subject}: timeout of ${askedMs} ms is not within 1 to ${REQUEST_TIMEOUT_MS_MAX}`,
    );
  }
  const within = options?.within;
  const leftMs = within === undefined ? askedMs : Math.min(askedMs, within.remainingMs());
  if (leftMs <= 0)
    throw new BusError(BusCode.expired, `${subject}: the call it belongs to has no time left`);
  return Math.max(1, Math.ceil(leftMs));
}
