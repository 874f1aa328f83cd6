/**
 * What outlives a hub: restart windows and parked states, in `S/supervision.json`. Times are stored as ages
 * on the wall clock, because a monotonic clock means nothing to the next process.
 */
import * as v from "valibot";
import type { RestartHistory } from "./policy.ts";

const SavedChild = v.object({
  /** Wall clock of the counted ends, milliseconds. */
  endsMs: v.pipe(v.array(v.number()), v.maxLength(64)),
  attempt: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(1000)),
  restarts: v.pipe(v.number(), v.integer(), v.minValue(0)),
  /** Epochs go on, so that a reply to the last incarnation stays recognisable. */
  epoch: v.pipe(v.number(), v.integer(), v.minValue(0)),
  parked: v.nullable(v.object({ why: v.string(), reason: v.string() })),
});
export type SavedChild = v.InferOutput<typeof SavedChild>;

const Saved = v.object({
  version: v.literal(1),
  /** A new root is a person's own restart: it voids what an old one wrote. */
  rootPid: v.number(),
  children: v.record(v.string(), SavedChild),
});
export type SavedSupervision = v.InferOutput<typeof Saved>;

/** Reads the file's text. Anything but a valid file of this root gives undefined: then all begin fresh. */
export function parseSaved(text: string, rootPid: number): SavedSupervision | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = v.safeParse(Saved, json);
  return parsed.success && parsed.output.rootPid === rootPid ? parsed.output : undefined;
}

/** A history on this process's clock. Ends in the future (the wall clock was set back) count as now. */
export function loadHistory(saved: SavedChild, wallMs: number, nowMs: number): RestartHistory {
  return {
    attempt: saved.attempt,
    endsMs: saved.endsMs.map((endMs) => nowMs - Math.max(0, wallMs - endMs)),
  };
}

/** The same back on the wall clock. */
export function saveEnds(history: RestartHistory, wallMs: number, nowMs: number): number[] {
  return history.endsMs.map((endMs) => wallMs - (nowMs - endMs));
}
