/** How many matches there are, and which one the cursor is at. */
import type { SearchQuery } from "@codemirror/search";
import type { EditorState } from "@codemirror/state";

/** Matches that are counted; what is beyond is "more". */
const MATCHES_MAX = 1_000;
/** Longest time that is spent on counting, milliseconds. */
const COUNT_MS_MAX = 40;

export interface MatchCount {
  readonly count: number;
  /** Place of the selected match, from 1; 0: none is selected. */
  readonly at: number;
  readonly isWhole: boolean;
}

export function countMatches(query: SearchQuery, state: EditorState): MatchCount {
  const untilMs = performance.now() + COUNT_MS_MAX;
  const { from, to } = state.selection.main;
  const cursor = query.getCursor(state);
  let count = 0;
  let at = 0;
  for (let next = cursor.next(); next.done !== true; next = cursor.next()) {
    count += 1;
    if (next.value.from === from && next.value.to === to) at = count;
    if (count >= MATCHES_MAX || performance.now() > untilMs) return { count, at, isWhole: false };
  }
  return { count, at, isWhole: true };
}

export function matchWords(text: string, found: MatchCount | undefined): string {
  if (text === "" || found === undefined) return "";
  if (found.count === 0) return "No match";
  const count = found.isWhole ? String(found.count) : `${found.count}+`;
  if (found.at > 0) return `${found.at} of ${count}`;
  return found.count === 1 ? "1 match" : `${count} matches`;
}
