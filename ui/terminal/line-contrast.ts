/**
 * Box lines and the text after them keep the minimum contrast. xterm leaves box glyphs out of it, and decides by the
 * first glyph of a run, so that in mc a frame's title went with the frame. A glyph that is joined, even alone, is a
 * run of its own and counts as text. Blocks (U+2580 on) stay as programs colour them: they are pixels of pictures.
 */
import type { IDisposable, Terminal } from "@xterm/xterm";

const LINES = /[\u2500-\u257f]/g;

/** Lives until disposed. @throws Error for a terminal that is not opened yet. */
export function lineContrast(terminal: Terminal): IDisposable {
  const id = terminal.registerCharacterJoiner(lineRanges);
  return { dispose: () => terminal.deregisterCharacterJoiner(id) };
}

/** Start and end of every box line in a text, each alone. */
export function lineRanges(text: string): [number, number][] {
  return Array.from(text.matchAll(LINES), ({ index }) => [index, index + 1]);
}
