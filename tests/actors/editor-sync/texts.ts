/** Texts for property tests: few different lines, so that they repeat, and every kind of break. */
import fc from "fast-check";

/** A line without a break; repeats often. */
export const line: fc.Arbitrary<string> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom("", "}", "  return x;", "a b c", "let y = 1;") },
  { weight: 2, arbitrary: fc.stringMatching(/^[a-c ]{0,6}$/) },
  { weight: 1, arbitrary: fc.constantFrom("naïve ✓", "𝕏𝕐 pairs", "日本語 の 行") },
);

/** A text with `\n`, which may or may not end with one. */
export const text: fc.Arbitrary<string> = fc
  .array(line, { maxLength: 14 })
  .map((lines) => lines.join("\n"));

/** A text and another made of it by a few changes of lines. */
export const textAndEdited: fc.Arbitrary<[string, string]> = text.chain((old) =>
  edited(old).map((fresh): [string, string] => [old, fresh]),
);

/** What a few changes of lines make of a text. */
export function edited(old: string): fc.Arbitrary<string> {
  const change = fc.record({
    at: fc.nat({ max: 14 }),
    remove: fc.nat({ max: 3 }),
    insert: fc.array(line, { maxLength: 3 }),
  });
  return fc.array(change, { maxLength: 3 }).map((changes) => {
    const lines = old.split("\n");
    for (const { at, remove, insert } of changes) lines.splice(at, remove, ...insert);
    return lines.join("\n");
  });
}

/** The text that edits in rising order make. */
export function applyEdits(
  text: string,
  edits: readonly { from: number; to: number; insert: string }[],
): string {
  let out = "";
  let at = 0;
  for (const { from, to, insert } of edits) {
    if (from < at) throw new Error(`edit at ${from} starts before ${at}`);
    out += text.slice(at, from) + insert;
    at = to;
  }
  return out + text.slice(at);
}
