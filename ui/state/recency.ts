/** Order of use, for Ctrl+Tab and "last terminal and back". */

/** Ids remembered. */
export const RECENT_MAX = 100;

/** `id` becomes the most recent. */
export function touch(recent: readonly string[], id: string): string[] {
  return [id, ...recent.filter((other) => other !== id)].slice(0, RECENT_MAX);
}

/** The id `steps` back from the most recent, wrapping; undefined when there is none. */
export function stepBack(recent: readonly string[], steps: number): string | undefined {
  if (recent.length === 0) return undefined;
  const at = ((steps % recent.length) + recent.length) % recent.length;
  return recent[at];
}
