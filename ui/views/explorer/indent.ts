/** Room left of a line: 4, and 16 for each folder around it (deeper than 20 it stops growing). */
export function indentOf(depth: number): string {
  return `${4 + 16 * Math.min(depth, 20)}px`;
}
