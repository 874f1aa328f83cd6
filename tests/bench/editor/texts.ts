/** Code that looks like code, and changes of it. */

/** Lines of some 40 characters, all different but the braces. */
export function code(lines: number): string[] {
  return Array.from({ length: lines }, (_, index) => {
    if (index % 12 === 11) return "}";
    return `  const value${index} = compute(${index * 7}, "${(index * 31) % 97}");`;
  });
}

/** The same with one line of `every` changed. */
export function edited(lines: readonly string[], every: number): string[] {
  return lines.map((line, index) => (index % every === 7 ? `${line} // changed` : line));
}

export function reindented(lines: readonly string[]): string[] {
  return lines.map((line) => `\t${line}`);
}

export const joined = (lines: readonly string[]): string => `${lines.join("\n")}\n`;
