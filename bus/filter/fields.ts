/** The fields of the filter language: names, types, and how each is read from a frame or a row. */
import { DEAD_REASONS as WIRE_REASONS } from "../protocol.ts";

/** What a filter looks at. A `FrameRecord` is one; rows of the panel are too. */
export interface Filterable {
  readonly record: number;
  /** Milliseconds on the hub's monotonic clock. */
  readonly atMs: number;
  readonly source: string;
  readonly destination: string;
  /** A frame kind, or `call`, `event`, `stream` for a row. */
  readonly kind: string;
  readonly subject: string;
  readonly correlation: number;
  readonly epoch: number;
  readonly bytes: number;
  readonly lane: string;
  readonly waitMs: number;
  /** `ok`, `open`, a dead-letter reason or an error code. */
  readonly status: string;
  /** Hexadecimal, empty if there is none. */
  readonly trace: string;
  /** Handling time of the whole call, where it is known. */
  readonly workMs?: number | undefined;
  /** Time of the whole call, where it is known. */
  readonly totalMs?: number | undefined;
}

/** What a filter needs besides the frame. */
export interface FilterContext {
  /** Now, on the clock of `atMs`. */
  readonly nowMs: number;
  /** `atMs` plus this is wall clock; the `epochMs` of a tap's accept. */
  readonly epochMs: number;
  /** Whether this frame is among those a crash report names. Absent: `crash = 3` takes nothing. */
  readonly inCrash?: ((item: Filterable, crash: string) => boolean) | undefined;
  /** The decoded payload, undefined where it is not known. Absent: `payload.x` takes nothing. */
  readonly payload?: ((item: Filterable) => unknown) | undefined;
}

export type FieldType =
  | "time"
  | "duration"
  | "size"
  | "count"
  | "name"
  | "code"
  | "kind"
  | "lane"
  | "trace"
  | "crash";

export interface Field {
  readonly type: FieldType;
  /** Shown beside the name while completing. */
  readonly says: string;
  /** Undefined where this frame has no such value. */
  readonly read: (item: Filterable, context: FilterContext) => string | number | undefined;
}

/** Frame kinds by what they are part of; `kind = call` takes all of its group. */
export const KIND_GROUPS: Readonly<Record<string, readonly string[]>> = {
  call: ["request", "ack", "reply", "error", "cancel"],
  event: ["publish"],
  stream: ["open", "data", "credit", "end", "reset"],
  control: [
    "hello",
    "ready",
    "subscribe",
    "unsubscribe",
    "ping",
    "pong",
    "dead",
    "control",
    "go-away",
  ],
};

/** Everything that may stand after `kind =`. */
export const KINDS: readonly string[] = [
  ...Object.keys(KIND_GROUPS),
  ...Object.values(KIND_GROUPS).flat(),
].filter((kind, index, all) => all.indexOf(kind) === index);

/** Reasons a frame could not be delivered, as `status` has them. */
export const DEAD_REASONS: readonly string[] = WIRE_REASONS;

const STREAM_KINDS = new Set(["stream", ...(KIND_GROUPS["stream"] ?? [])]);

/** All fields by name. `process` and `payload.x` have rules of their own in the compiler. */
export const FIELDS: ReadonlyMap<string, Field> = new Map<string, Field>([
  [
    "time",
    {
      type: "time",
      says: "when: > -10s, > 14:02:07",
      read: (item, context) => item.atMs + context.epochMs,
    },
  ],
  ["src", { type: "name", says: "process that sent it", read: (item) => item.source }],
  ["dst", { type: "name", says: "process it went to", read: (item) => item.destination }],
  ["process", { type: "name", says: "either of the two", read: (item) => item.source }],
  [
    "kind",
    { type: "kind", says: "call, event, stream or a frame kind", read: (item) => item.kind },
  ],
  ["subject", { type: "name", says: "method or topic", read: (item) => item.subject || undefined }],
  ["size", { type: "size", says: "bytes: >= 64KiB", read: (item) => item.bytes }],
  ["wait", { type: "duration", says: "time in queues", read: (item) => known(item.waitMs) }],
  ["work", { type: "duration", says: "time in the handler", read: (item) => known(item.workMs) }],
  [
    "total",
    { type: "duration", says: "time of the whole call", read: (item) => known(item.totalMs) },
  ],
  ["status", { type: "code", says: "ok, open, error code", read: (item) => item.status }],
  ["reason", { type: "code", says: "why it failed", read: readReason }],
  [
    "trace",
    { type: "trace", says: "first digits of the trace", read: (item) => item.trace || undefined },
  ],
  ["stream", { type: "count", says: "number of the stream", read: readStream }],
  ["epoch", { type: "count", says: "incarnation", read: (item) => item.epoch }],
  ["lane", { type: "lane", says: "data or control", read: (item) => item.lane }],
  ["crash", { type: "crash", says: "frames of a crash report", read: () => undefined }],
]);

/** Whether a status tells of a failure. */
export function isFailure(status: string): boolean {
  return status !== "ok" && status !== "open" && status !== "held" && status !== "";
}

/** Whether this frame is, or became, a dead letter. */
export function isDead(item: Filterable): boolean {
  return item.kind === "dead" || DEAD_REASONS.includes(item.status);
}

/** Tables of numbers say NaN for what is not known. */
function known(ms: number | undefined): number | undefined {
  return ms === undefined || Number.isNaN(ms) ? undefined : ms;
}

function readReason(item: Filterable): string | undefined {
  return isFailure(item.status) ? item.status : undefined;
}

function readStream(item: Filterable): number | undefined {
  return STREAM_KINDS.has(item.kind) ? item.correlation : undefined;
}
