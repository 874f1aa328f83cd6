/** Finds files by parts of their paths, best first: 100,000 names within one key press. Pure. */

export interface Found {
  readonly path: string;
  /** Higher is better. */
  readonly score: number;
}

/** Characters of a query that are looked at. */
export const QUERY_MAX = 200;

/** The names of a workspace. */
export interface FileFinder {
  /** Names so far. */
  readonly count: number;
  add(paths: readonly string[]): void;
  /** At most `max`, best first; ties by length, then by name. An empty query finds nothing. */
  find(query: string, max: number): Found[];
}

export function createFileFinder(): FileFinder {
  const names: Name[] = [];
  let last: { query: string; seen: number; hits: Name[] } = { query: "", seen: 0, hits: [] };
  /** A longer query finds only what a shorter one found, and what came since. */
  const candidates = (query: string): Name[] =>
    last.query !== "" && query.startsWith(last.query)
      ? [...last.hits, ...names.slice(last.seen)]
      : names;
  return {
    get count() {
      return names.length;
    },
    add(paths) {
      for (const path of paths) names.push(nameOf(path));
    },
    find(text, max) {
      const query = text.toLowerCase().replaceAll(/\s+/g, "").slice(0, QUERY_MAX);
      if (query === "") return [];
      const hits: Name[] = [];
      const best: Found[] = [];
      for (const name of candidates(query)) {
        const score = scoreOf(query, name);
        if (score === undefined) continue;
        hits.push(name);
        keepBest(best, { path: name.path, score }, max);
      }
      last = { query, seen: names.length, hits };
      return best;
    },
  };
}

interface Name {
  readonly path: string;
  readonly lower: string;
  /** Where its last part begins. */
  readonly base: number;
}

function nameOf(path: string): Name {
  return { path, lower: path.toLowerCase(), base: path.lastIndexOf("/") + 1 };
}

/** Undefined when a character is missing. A hit within the last part beats one spread over folders. */
function scoreOf(query: string, { lower, base }: Name): number | undefined {
  const inBase = walk(query, lower, base);
  if (inBase !== undefined) {
    const whole = lower.startsWith(query, base) ? 100 : lower.indexOf(query, base) > 0 ? 50 : 0;
    return 1_000 + whole + inBase - (lower.length - base) / 10 - lower.length / 1_000;
  }
  const anywhere = walk(query, lower, 0);
  if (anywhere === undefined) return undefined;
  return anywhere + (lower.includes(query) ? 50 : 0) - lower.length / 100;
}

/** All characters in order from `from` on; runs and starts of words count more. */
function walk(query: string, text: string, from: number): number | undefined {
  let score = 0;
  let at = from - 1;
  for (let sign = 0; sign < query.length; sign += 1) {
    const hit = text.indexOf(query.charAt(sign), at + 1);
    if (hit === -1) return undefined;
    if (hit === at + 1 && sign > 0) score += 4;
    else score += startsWord(text, hit) ? 3 : 1;
    at = hit;
  }
  return score;
}

function startsWord(text: string, at: number): boolean {
  if (at === 0) return true;
  const before = text.charCodeAt(at - 1);
  const isLetter = before >= 97 && before <= 122;
  const isDigit = before >= 48 && before <= 57;
  return !isLetter && !isDigit;
}

/** Inserts into a short list that stays sorted. */
function keepBest(best: Found[], found: Found, max: number): void {
  const worst = best.at(-1);
  if (best.length >= max && worst !== undefined && compare(found, worst) >= 0) return;
  let low = 0;
  let high = best.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const there = best[middle];
    if (there !== undefined && compare(there, found) <= 0) low = middle + 1;
    else high = middle;
  }
  best.splice(low, 0, found);
  if (best.length > max) best.pop();
}

function compare(a: Found, b: Found): number {
  return b.score - a.score || a.path.length - b.path.length || (a.path < b.path ? -1 : 1);
}
