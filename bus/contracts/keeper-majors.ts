/**
 * Which keepers this build can attach to. A keeper outlives the Bulkhead that started it, so after an update (or after
 * going back to an older version) there may be one of another major beside our own.
 *
 * What is needed to see a keeper and to end it is served by every major, for ever and in this shape: the two methods
 * below, `keeper.shutdown` and `session.end`. Attaching needs the rest of keeper.ts, and is possible when either side
 * knows the other: we speak the majors from `OLDEST_KEEPER_MAJOR` on, and a newer keeper says since which it serves.
 */
import * as v from "valibot";
import { method } from "./define.ts";

/** Major of the keeper that comes with this build, in the names of its files. */
export const KEEPER_MAJOR = 1;
/** Oldest major whose keepers this build still speaks with. 0: the same methods, before they had a number. */
export const OLDEST_KEEPER_MAJOR = 0;

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** `keeper.info`, of any major. */
export const anyInfo = method("keeper.info", {
  input: v.object({}),
  output: v.object({
    pid: v.number(),
    version: v.string(),
    protocol: Count,
    servesSince: v.optional(Count),
    startedMs: v.number(),
  }),
});

/** A shell of a keeper of any major. */
export const AnySessionRow = v.object({
  session: v.string(),
  pid: v.number(),
  argv: v.array(v.string()),
  cwd: v.optional(v.string(), ""),
  createdMs: v.number(),
  /** Null while it runs. */
  exit: v.nullable(v.unknown()),
  /** Foreground process group, 0 if unknown. */
  foreground: v.optional(Count, 0),
});
export type AnySessionRow = v.InferOutput<typeof AnySessionRow>;

/** `session.list`, of any major. */
export const anyList = method("session.list", {
  input: v.object({}),
  output: v.object({ sessions: v.array(AnySessionRow) }),
});

/** What a keeper says of itself in `keeper.info`. */
export interface KeeperSpeaks {
  /** Its major. */
  readonly protocol: number;
  /** Oldest major whose clients it serves; absent: only its own. */
  readonly servesSince?: number | undefined;
}

/** Whether this build's terminals can be held by that keeper. */
export function canAttach({ protocol, servesSince = protocol }: KeeperSpeaks): boolean {
  if (protocol <= KEEPER_MAJOR) return protocol >= OLDEST_KEEPER_MAJOR;
  return servesSince <= KEEPER_MAJOR;
}
