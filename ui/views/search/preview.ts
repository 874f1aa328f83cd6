/** The part of a found line that a narrow list shows. Pure. */
import type { Hit } from "../../../bus/contracts/file-guard.ts";

/** A line with the places in it, UTF-16 units. */
export interface Preview {
  readonly text: string;
  readonly ranges: ReadonlyArray<readonly [number, number]>;
}

/** A piece of a line. */
export interface Mark {
  readonly text: string;
  readonly isHit: boolean;
}

/** Characters kept before the first place, so that it is in view. */
const BEFORE = 24;
/** Characters of a line that are drawn. */
const SHOWN_MAX = 300;

/** Without the indentation, and from a little before the first place on. */
export function previewOf({ text, ranges }: Pick<Hit, "text" | "ranges">): Preview {
  const indentation = text.length - text.trimStart().length;
  const firstAt = ranges[0]?.[0] ?? 0;
  const cut = firstAt - BEFORE > indentation ? firstAt - BEFORE : Math.min(indentation, firstAt);
  const mark = cut > indentation ? "…" : "";
  const shift = cut - mark.length;
  return {
    text: `${mark}${text.slice(cut, cut + SHOWN_MAX)}`,
    ranges: ranges.map(([start, end]) => [start - shift, end - shift] as const),
  };
}

/** Cuts a line at its places. */
export function marksOf({ text, ranges }: Preview): Mark[] {
  const marks: Mark[] = [];
  let at = 0;
  for (const [start, end] of ranges) {
    const from = Math.min(Math.max(start, at), text.length);
    const to = Math.min(Math.max(end, from), text.length);
    if (from > at) marks.push({ text: text.slice(at, from), isHit: false });
    if (to > from) marks.push({ text: text.slice(from, to), isHit: true });
    at = to;
  }
  if (at < text.length) marks.push({ text: text.slice(at), isHit: false });
  return marks;
}
