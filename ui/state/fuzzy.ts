/** Fuzzy match for the palette: all typed characters in order; starts of words and runs score higher. */

export interface FuzzyMatch {
  /** Higher is better. */
  readonly score: number;
  /** Indexes in the text that were hit. */
  readonly at: readonly number[];
}

/** Characters of a query that are looked at. */
export const QUERY_MAX = 100;

/** @returns undefined when a character is missing; an empty query matches everything with score 0. */
export function fuzzyMatch(query: string, text: string): FuzzyMatch | undefined {
  const wanted = query.toLowerCase().replaceAll(/\s+/g, "").slice(0, QUERY_MAX);
  const lower = text.toLowerCase();
  return (
    walk(wanted, lower, bestHit) ?? walk(wanted, lower, (at, sign, from) => at.indexOf(sign, from))
  );
}

/** Matching items, best first; ties keep their order. */
export function fuzzyFilter<T>(
  query: string,
  items: readonly T[],
  textOf: (item: T) => string,
): Array<{ item: T; at: readonly number[] }> {
  return items
    .flatMap((item, order) => {
      const match = fuzzyMatch(query, textOf(item));
      return match === undefined ? [] : [{ item, at: match.at, score: match.score, order }];
    })
    .sort((a, b) => (query === "" ? a.order - b.order : b.score - a.score || a.order - b.order));
}

type Pick = (text: string, sign: string, from: number, last: number | undefined) => number;

/** One pass with one way to pick among several hits. Picking word starts may run past a needed character. */
function walk(wanted: string, text: string, pick: Pick): FuzzyMatch | undefined {
  const at: number[] = [];
  let score = 0;
  for (const sign of wanted) {
    const last = at.at(-1);
    const hit = pick(text, sign, last === undefined ? 0 : last + 1, last);
    if (hit === -1) return undefined;
    score += hitScore(text, hit, last);
    at.push(hit);
  }
  return { score: score - text.length / 100, at };
}

/** The next character directly, else at the start of a word, else anywhere. */
function bestHit(text: string, sign: string, from: number, last: number | undefined): number {
  const first = text.indexOf(sign, from);
  if (first === -1 || first === (last ?? -2) + 1) return first;
  for (let at = first; at !== -1; at = text.indexOf(sign, at + 1)) {
    if (startsWord(text, at)) return at;
  }
  return first;
}

function hitScore(text: string, at: number, last: number | undefined): number {
  if (last !== undefined && at === last + 1) return 4;
  return startsWord(text, at) ? 3 : 1;
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || /[^a-z0-9]/.test(text.charAt(at - 1));
}
