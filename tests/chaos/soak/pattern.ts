/** Output whose every byte follows from its place, so that a reader can check any part of it alone. */

const LINES = 1_000;
const LINE_BYTES = 97;
/** After this many bytes it begins again; no power of two divides it evenly. */
export const PATTERN_BYTES: number = LINES * LINE_BYTES;
/** Most bytes that can be checked at once. */
const CHECK_BYTES_MAX = 64 * 1024;

const once = Buffer.alloc(PATTERN_BYTES);
for (let line = 0; line < LINES; line++) {
  const words = `line ${line} `.padEnd(LINE_BYTES - 2, "0123456789 abcdefghijklmnopqrstuvwxyz ");
  once.write(`${words}\r\n`, line * LINE_BYTES, "latin1");
}
const twice = Buffer.concat([once, once]);

/** One whole turn of it. */
export function patternTurn(): Buffer {
  return once;
}

/** Whether a chunk of at most 64 KiB is what stands `at` bytes behind the beginning. */
export function isPattern(chunk: Uint8Array, at: number): boolean {
  if (chunk.length > CHECK_BYTES_MAX) throw new Error(`${chunk.length} bytes, at most 65,536`);
  const from = at % PATTERN_BYTES;
  return twice.subarray(from, from + chunk.length).equals(chunk);
}

/** The last whole line before `at`, without its end. */
export function lineBefore(at: number): string {
  const line = (Math.floor(at / LINE_BYTES) - 1 + LINES) % LINES;
  return once.toString("latin1", line * LINE_BYTES, (line + 1) * LINE_BYTES - 2);
}
