/** Follows calls through their frames so that `work` and `total` are known when the answer comes by. */
import type { Filterable } from "./fields.ts";
import { CALLS_FOLLOWED_MAX } from "./limits.ts";

/** Times of one answered call, milliseconds. */
export interface Times {
  /** From received to answered; undefined when the callee sent no ack. */
  readonly workMs: number | undefined;
  /** From asked to answered. */
  readonly totalMs: number;
}

/** Follows at most CALLS_FOLLOWED_MAX calls; the oldest is forgotten first. */
export interface CallTimes {
  /** Takes the next frame in order; the times when it answers a call that was followed. */
  observe(item: Filterable): Times | undefined;
}

interface Following {
  readonly startMs: number;
  receivedMs: number | undefined;
}

/** A follower with nothing in it. */
export function createCallTimes(): CallTimes {
  const calls = new Map<string, Following>();
  return {
    observe: (item) => {
      switch (item.kind) {
        case "request":
          follow(calls, `${item.source} ${item.correlation}`, item.atMs);
          return undefined;
        case "ack":
          return received(calls.get(`${item.destination} ${item.correlation}`), item.atMs);
        case "reply":
        case "error":
          return answered(calls, `${item.destination} ${item.correlation}`, item.atMs);
        case "cancel":
          calls.delete(`${item.source} ${item.correlation}`);
          return undefined;
        default:
          return undefined;
      }
    },
  };
}

function follow(calls: Map<string, Following>, key: string, startMs: number): void {
  if (calls.size >= CALLS_FOLLOWED_MAX) {
    const [oldest] = calls.keys();
    if (oldest !== undefined) calls.delete(oldest);
  }
  calls.set(key, { startMs, receivedMs: undefined });
}

function received(call: Following | undefined, atMs: number): undefined {
  if (call !== undefined) call.receivedMs = atMs;
}

function answered(calls: Map<string, Following>, key: string, atMs: number): Times | undefined {
  const call = calls.get(key);
  if (call === undefined) return undefined;
  calls.delete(key);
  const workMs = call.receivedMs === undefined ? undefined : atMs - call.receivedMs;
  return { workMs, totalMs: atMs - call.startMs };
}
