/** Where a regular expression is wrong, from what the file guard's parser says of it. Pure. */

/** A place in a pattern and what is wrong there. */
export interface BadPattern {
  /** The pattern as it was typed. */
  readonly pattern: string;
  /** Index of the sign, UTF-16 units. */
  readonly at: number;
  readonly reason: string;
}

/** What the parser is given around the pattern. */
const OPENING = "(?:";

/**
 * The message shows the pattern with a caret below it:
 *
 *   pattern: regex parse error:
 *       (?:par(se)
 *             ^
 *   error: unclosed group
 *
 * Undefined for any other message.
 */
export function badPattern(message: string, pattern: string): BadPattern | undefined {
  const lines = message.split("\n");
  const caret = lines.findIndex((line) => /^\s*\^+\s*$/.test(line));
  const shown = lines[caret - 1];
  const reason = lines.find((line) => line.startsWith("error: "))?.slice("error: ".length);
  if (caret < 1 || shown === undefined || reason === undefined) return undefined;
  const indent = shown.length - shown.trimStart().length;
  const opening = shown.trimStart().startsWith(OPENING + pattern) ? OPENING.length : 0;
  const at = (lines[caret] ?? "").indexOf("^") - indent - opening;
  return { pattern, at: Math.min(Math.max(at, 0), pattern.length), reason };
}
