/**
 * Box lines and the text after them keep the minimum contrast. xterm leaves box glyphs out of it, and decides by the
 * first glyph of a run, so that in mc a frame's title went with the frame. A glyph that is joined, even alone, is a
 * run of its own and counts as text. Blocks (U+2580 on) stay as programs colour them: they are pixels of pictures.
 *
 * Looking for them is a third of drawing a row, so it begins with the first output that may hold one.
 */
import type { IDisposable, Terminal } from "@xterm/xterm";

const LINES = /[\u2500-\u257f]/g;
/** First byte of U+2000 to U+2FFF in UTF-8, which no chunk border can cut. */
const LEAD_BYTE = 0xe2;
/** G0 to G3 become line drawing characters. */
const DESIGNATIONS = ["(", ")", "*", "+"];

export interface LineContrast extends IDisposable {
  /** Output that is about to be parsed. */
  saw(bytes: Uint8Array): void;
  /** The terminal has been put into the page. */
  opened(): void;
}

/** Lives until disposed; the terminal may be opened later. */
export function lineContrast(
  terminal: Pick<
    Terminal,
    "element" | "parser" | "registerCharacterJoiner" | "deregisterCharacterJoiner"
  >,
): LineContrast {
  let hasLines = false;
  let joiner: number | undefined;
  const join = (): void => {
    if (hasLines && terminal.element !== undefined)
      joiner ??= terminal.registerCharacterJoiner(lineRanges);
  };
  const found = (): false => {
    hasLines = true;
    join();
    return false;
  };
  const handlers = DESIGNATIONS.map((intermediates) =>
    terminal.parser.registerEscHandler({ intermediates, final: "0" }, found),
  );
  return {
    saw(bytes) {
      if (!hasLines && bytes.includes(LEAD_BYTE)) found();
    },
    opened: join,
    dispose() {
      for (const handler of handlers) handler.dispose();
      if (joiner !== undefined) terminal.deregisterCharacterJoiner(joiner);
    },
  };
}

/** Start and end of every box line in a text, each alone. */
export function lineRanges(text: string): [number, number][] {
  return Array.from(text.matchAll(LINES), ({ index }) => [index, index + 1]);
}
