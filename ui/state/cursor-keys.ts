/** Cursor keys are sent in one of two ways, as the program has set its terminal (DECCKM). */

const ESCAPE = 0x1b;
/** The second byte: `ESC [ A` or `ESC O A`. */
const SECOND = { normal: 0x5b, application: 0x4f } as const;
/** Up, down, right, left, end, home. With a modifier they look the same in both. */
const LAST = new Set([..."ABCDFH"].map((sign) => sign.charCodeAt(0)));

export type CursorMode = keyof typeof SECOND;

/** The same key press as `mode` has it; what is no lone cursor key stays as it is. The length never changes. */
export function cursorKeyIn(mode: CursorMode, bytes: Uint8Array): Uint8Array {
  const [first, second, last = 0] = bytes;
  const isKey = second === SECOND.normal || second === SECOND.application;
  if (bytes.byteLength !== 3 || first !== ESCAPE || !isKey || !LAST.has(last)) return bytes;
  return Uint8Array.of(ESCAPE, SECOND[mode], last);
}
