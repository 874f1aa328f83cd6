/**
 * Turns what the supervisor tells into notices. A restarted terminal is told once its actor has counted its
 * shells, so that the figures in the message are measured.
 */
import { recovered } from "../../contracts/terminal.ts";
import type { Peer } from "../../peer.ts";
import type { Tale } from "../../supervision/ports.ts";
import type { CrashStore } from "./crash-store.ts";
import { type NoticeBoard, noticeOf, type Recovered, shellWords, spanWords } from "./notices.ts";

/** How long a notice waits for the terminal's count, milliseconds. */
const COUNT_WAIT_MS = 3000;
const REPEAT_SPAN_MS = 60_000;
const REPEATS_MAX = 64;

/** What the teller needs beside the tale. */
export interface TellerParts {
  readonly peer: Peer;
  readonly board: NoticeBoard;
  readonly crashes: CrashStore;
  /** How long a hung process was silent before it was killed, milliseconds. */
  readonly unansweredMs: number;
  now(): number;
}

/** Starts to listen for counts; the returned function tells. */
export function createTeller(parts: TellerParts): (tale: Tale) => void {
  const waiting = new Map<number, (count: Recovered) => void>();
  const endsMs = new Map<string, number[]>();
  let last: Recovered | undefined;
  parts.peer.subscribe(recovered, (count) => {
    last = count;
    waiting.get(count.epoch)?.(count);
  });
  const tell = (tale: Tale, count: Recovered | undefined): void => {
    const { repeats, spanMs } = repeatsOf(endsMs, tale.name, parts.now());
    const report = tale.crash === null ? undefined : parts.crashes.get(tale.crash);
    parts.board.add(
      noticeOf(tale, {
        repeats,
        repeatsSpanMs: spanMs,
        recovered: count,
        stack: report?.stack ?? "",
        unansweredMs: parts.unansweredMs,
      }),
    );
  };
  return (tale) => {
    if (tale.type === "parked" || tale.name !== "terminal") return tell(tale, undefined);
    if (last?.epoch === tale.epoch) return tell(tale, last);
    const done = (count: Recovered | undefined): void => {
      waiting.delete(tale.epoch);
      clearTimeout(late);
      tell(tale, count);
    };
    const late = setTimeout(() => done(undefined), COUNT_WAIT_MS);
    waiting.set(tale.epoch, done);
  };
}

/**
 * Tells that a new hub took over, once the terminals are counted or nobody counted them in time. The duration
 * is measured from the start of this process.
 */
export function tellReturn(parts: {
  readonly peer: Peer;
  readonly board: NoticeBoard;
  /** Hubs of this root before this one. */
  readonly restarts: number;
}): void {
  const tell = (count: Recovered | undefined): void => {
    clearTimeout(late);
    listening.unsubscribe();
    const durationMs = Math.round(process.uptime() * 1000);
    const kept = count === undefined ? "Shells keep running" : shellWords(count);
    parts.board.add({
      kind: "hub-restarted",
      level: "ok",
      process: "hub",
      title: `hub restarted in ${spanWords(durationMs)}`,
      text: `${kept}; the traffic recorded before is gone.`,
      crash: null,
      durationMs,
      repeats: parts.restarts,
    });
  };
  const listening = parts.peer.subscribe(recovered, tell);
  const late = setTimeout(() => tell(undefined), COUNT_WAIT_MS);
}

function repeatsOf(
  endsMs: Map<string, number[]>,
  name: string,
  nowMs: number,
): { readonly repeats: number; readonly spanMs: number } {
  const recent = (endsMs.get(name) ?? []).filter((endMs) => nowMs - endMs < REPEAT_SPAN_MS);
  recent.push(nowMs);
  endsMs.set(name, recent.slice(-REPEATS_MAX));
  return { repeats: recent.length, spanMs: Math.max(1000, nowMs - (recent[0] ?? nowMs)) };
}
