/** What has to change to make one text of another. */
import { type Change, diff } from "@codemirror/merge";
import { ChangeSet, type Text } from "@codemirror/state";

/** Longest time a difference is looked for before it gets coarse, milliseconds. */
const DIFF_MS_MAX = 200;
/** Length of texts beyond which only head and tail are compared, UTF-16 units. */
const EXACT_MAX = 4_000_000;

/** Small where the texts are alike; always right, however coarse. */
export function changesBetween(before: Text, after: Text): ChangeSet {
  if (before.eq(after)) return ChangeSet.empty(before.length);
  const { head, tail } = sameEnds(before, after);
  const from = before.sliceString(head, before.length - tail);
  const to = after.sliceString(head, after.length - tail);
  const changes =
    from.length + to.length > EXACT_MAX
      ? [whole(from, to)]
      : diff(from, to, { timeout: DIFF_MS_MAX });
  return ChangeSet.of(
    changes.map(({ fromA, toA, fromB, toB }) => ({
      from: head + fromA,
      to: head + toA,
      insert: after.slice(head + fromB, head + toB),
    })),
    before.length,
  );
}

function whole(from: string, to: string): Pick<Change, "fromA" | "toA" | "fromB" | "toB"> {
  return { fromA: 0, toA: from.length, fromB: 0, toB: to.length };
}

/** Whole lines that are the same at both ends. */
function sameEnds(before: Text, after: Text): { head: number; tail: number } {
  const lines = Math.min(before.lines, after.lines);
  let first = 1;
  while (first < lines && before.line(first).text === after.line(first).text) first += 1;
  let last = 0;
  while (
    last < lines - first &&
    before.line(before.lines - last).text === after.line(after.lines - last).text
  ) {
    last += 1;
  }
  return {
    head: before.line(first).from,
    tail: last === 0 ? 0 : before.length - before.line(before.lines - last + 1).from,
  };
}
