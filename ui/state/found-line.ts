/** Which of the lines found is looked at, and how that is said. */

/** Lines that were found, from 0, in order. */
export type FoundLines = readonly number[];

/** Place in `lines` of the first at or after `from`; the first when there is none; -1 when nothing was found. */
export function firstFrom(lines: FoundLines, from: number): number {
  const at = lines.findIndex((line) => line >= from);
  return at >= 0 || lines.length === 0 ? at : 0;
}

/** The one before or after, over the ends; -1 when nothing was found. */
export function stepped(lines: FoundLines, at: number, direction: -1 | 1): number {
  if (lines.length === 0) return -1;
  return (at + direction + lines.length) % lines.length;
}

/** How far a search has come. */
export interface Progress {
  readonly count: number;
  /** Of the line that is looked at; -1: none. */
  readonly at: number;
  readonly phase: "running" | "whole" | "cut";
}

/** `3 of 120 lines`, `12 lines so far`, `No match`. */
export function foundWords({ count, at, phase }: Progress): string {
  const grouped = (value: number): string => value.toLocaleString("en-US");
  const place = at < 0 ? "" : `${grouped(at + 1)} of `;
  const lines = `${place}${grouped(count)} ${count === 1 ? "line" : "lines"}`;
  if (phase === "running") return `${lines} so far`;
  if (phase === "cut") return `${lines}, cut there`;
  return count === 0 ? "No match" : lines;
}
