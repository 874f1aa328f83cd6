/** Every error the bus raises. Across the wire only `code`, `message` and `data` travel. */
import type { WireError } from "./protocol.ts";

/** Stable codes of the bus itself. Actors add their own as `<actor>/<what>`. */
export const BusCode = {
  /** The target ended while the call was under way, or is parked. */
  down: "bus/down",
  /** The target lives but serves no such subject. */
  noResponder: "bus/no-responder",
  /** No actor of this name exists. */
  noSuchActor: "bus/no-such-actor",
  /** The deadline passed. */
  expired: "bus/expired",
  /** The caller gave up. */
  cancelled: "bus/cancelled",
  /** The caller's manifest does not allow it. */
  denied: "bus/denied",
  /** The destination's mailbox is full. */
  mailboxFull: "bus/mailbox-full",
  /** A limit of limits.ts was reached. */
  limit: "bus/limit",
  /** Input or output does not fit the contract. */
  invalid: "bus/invalid",
  /** A malformed frame; the link is closed. */
  protocol: "bus/protocol",
  /** The peer speaks another protocol version. */
  version: "bus/version",
  /** Wrong or missing token. */
  unauthorized: "bus/unauthorized",
  /** The link to the hub is gone. */
  closed: "bus/closed",
  /** The handler threw something that is no BusError. */
  internal: "bus/internal",
  /** The subject exists in a contract but is not built yet. */
  notImplemented: "bus/not-implemented",
} as const;
export type BusCode = (typeof BusCode)[keyof typeof BusCode];

/** A failure that crosses the bus. Throw it in a handler to choose what the caller gets. */
export class BusError extends Error {
  override readonly name = "BusError";
  /** Stable, machine-readable: `bus/expired`, `terminal/no-such-session`. */
  readonly code: string;
  /** Plain MessagePack values that describe the case; shown in the panel. */
  readonly data: unknown;

  constructor(code: string, message: string, options: { data?: unknown; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data;
  }

  /** What travels: code, message and data, no stack. */
  toWire(): WireError {
    const { code, message, data } = this;
    return data === undefined ? { code, message } : { code, message, data };
  }

  /** The error as the other side sent it. */
  static fromWire(wire: WireError): BusError {
    return new BusError(wire.code, wire.message, { data: wire.data });
  }
}

/** Whether `error` is a bus error, with this code when one is given. Works across realms. */
export function isBusError(error: unknown, code?: string): error is BusError {
  if (!(error instanceof Error) || error.name !== "BusError" || !("code" in error)) return false;
  return code === undefined || error.code === code;
}
