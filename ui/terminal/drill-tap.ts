/**
 * Only in drills: notes what each terminal's parser took, so that a driver outside of the page can compare it with what
 * the program wrote. Without `startDrill` nothing is noted and no sink is wrapped.
 */
import type { Terminal } from "@xterm/xterm";
import type { OutputSink } from "./output-link.ts";

/** What one view has seen, in order. Times are wall clock milliseconds. */
export type DrillNote =
  /** The screen of absolute `offset` was rebuilt. */
  | { readonly kind: "restored"; readonly atMs: number; readonly offset: number }
  | { readonly kind: "live"; readonly atMs: number }
  | { readonly kind: "away"; readonly atMs: number }
  | { readonly kind: "gap"; readonly atMs: number; readonly bytes: number }
  /** The view takes another size before it parses the byte at `offset`. */
  | {
      readonly kind: "size";
      readonly atMs: number;
      readonly offset: number;
      readonly cols: number;
      readonly rows: number;
    }
  /** Output the parser is through with; `offset` is absolute, `digest` that of `digestOf`. */
  | {
      readonly kind: "bytes";
      readonly atMs: number;
      readonly offset: number;
      readonly bytes: number;
      readonly digest: string;
    };

/** One view of one session. `notes` is emptied by the driver. */
export interface DrillTap {
  readonly session: string;
  readonly terminal: Terminal;
  notes: DrillNote[];
  /** Absolute offset the parser has come to; undefined before the first screen. */
  parsedTo: number | undefined;
  /** Notes that found no room. */
  dropped: number;
  /** The view has left the session; a view behind another tab has not. */
  isOver: boolean;
}

declare global {
  var bulkheadDrill: DrillTap[] | undefined;
}

/** Notes of one view that wait for the driver. */
const NOTES_MAX = 20_000;
/** Views remembered; those that are over go first, then the oldest. */
const TAPS_MAX = 64;

/** From now on every view is noted. */
export function startDrill(): void {
  globalThis.bulkheadDrill ??= [];
}

interface Tapped {
  readonly session: string;
  readonly terminal: Terminal;
  /** Aborted when the view leaves the session. */
  readonly signal: AbortSignal;
}

/** The sink itself, or in a drill one that notes what passes. */
export function tapped(sink: OutputSink, { session, terminal, signal }: Tapped): OutputSink {
  const taps = globalThis.bulkheadDrill;
  if (taps === undefined) return sink;
  const nothing = { notes: [], parsedTo: undefined, dropped: 0, isOver: false };
  const tap: DrillTap = { session, terminal, ...nothing };
  const over = (): void => {
    tap.isOver = true;
  };
  signal.addEventListener("abort", over, { once: true });
  taps.push(tap);
  if (taps.length > TAPS_MAX) forgetOne(taps);
  terminal.onResize(({ cols, rows }) => {
    const offset = tap.parsedTo;
    if (offset !== undefined) note(tap, { kind: "size", atMs: Date.now(), offset, cols, rows });
  });
  return notingSink(sink, tap);
}

function forgetOne(taps: DrillTap[]): void {
  const over = taps.findIndex(({ isOver }) => isOver);
  taps.splice(Math.max(0, over), 1);
}

/** Two 32-bit sums over the bytes, as 16 hex digits. Not against attackers. */
export function digestOf(bytes: Uint8Array): string {
  let first = 0x811c9dc5;
  let second = 7;
  for (const byte of bytes) {
    first = Math.imul(first ^ byte, 0x01000193);
    second = (Math.imul(second, 31) + byte) | 0;
  }
  return [first, second].map((sum) => (sum >>> 0).toString(16).padStart(8, "0")).join("");
}

function notingSink(sink: OutputSink, tap: DrillTap): OutputSink {
  let restoring = 0;
  return {
    ...sink,
    beginRestore(cols, rows, offset) {
      restoring = offset;
      sink.beginRestore(cols, rows, offset);
    },
    endRestore() {
      tap.parsedTo = restoring;
      const { cols, rows } = tap.terminal;
      note(tap, { kind: "restored", atMs: Date.now(), offset: restoring });
      note(tap, { kind: "size", atMs: Date.now(), offset: restoring, cols, rows });
      sink.endRestore();
    },
    write(bytes, done, offset) {
      if (offset === undefined) return sink.write(bytes, done);
      const digest = digestOf(bytes);
      const length = bytes.byteLength;
      sink.write(bytes, () => {
        tap.parsedTo = offset + length;
        note(tap, { kind: "bytes", atMs: Date.now(), offset, bytes: length, digest });
        done();
      });
    },
    gap(bytes) {
      note(tap, { kind: "gap", atMs: Date.now(), bytes });
      sink.gap(bytes);
    },
    live() {
      note(tap, { kind: "live", atMs: Date.now() });
      sink.live();
    },
    away(error) {
      note(tap, { kind: "away", atMs: Date.now() });
      sink.away(error);
    },
  };
}

function note(tap: DrillTap, what: DrillNote): void {
  if (tap.notes.length < NOTES_MAX) tap.notes.push(what);
  else tap.dropped += 1;
}
