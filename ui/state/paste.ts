/** What of a clipboard's text may reach a terminal. */

const BRACKET_START = "\u001b[200~";
const BRACKET_END = "\u001b[201~";

/** Characters of one paste; more is refused with the size. */
export const PASTE_CHARACTERS_MAX = 1024 * 1024;

/**
 * Removes control characters, and with ESC also the end mark of bracketed paste; keeps tab. Line ends become CR,
 * which is what the Enter key sends.
 */
export function cleanPaste(text: string): string {
  const lines = text.replaceAll("\r\n", "\r").replaceAll("\n", "\r");
  const withoutMarks = lines.replaceAll(BRACKET_END, "").replaceAll(BRACKET_START, "");
  return [...withoutMarks]
    .filter((sign) => sign === "\r" || sign === "\t" || !isControl(sign))
    .join("");
}

/** Whether a person must see it first: several lines into a program that cannot tell a paste from typing. */
export function needsPreview(clean: string, bracketed: boolean): boolean {
  return !bracketed && clean.replace(/\r$/, "").includes("\r");
}

/** The lines a person sees; an end of line at the very end begins none. */
export function pastedLines(clean: string): string[] {
  return clean.replace(/\r$/, "").split("\r");
}

/** Bytes for the terminal. */
export function wrapPaste(clean: string, bracketed: boolean): string {
  return bracketed ? `${BRACKET_START}${clean}${BRACKET_END}` : clean;
}

/** A path as a shell takes it: as it is when harmless, else in single quotes. */
export function quotePath(path: string): string {
  if (/^[\w@%+=:,./-]+$/.test(path)) return path;
  return `'${path.replaceAll("'", "'\\''")}'`;
}

/** The text of an OSC 52 write, undefined for a read request, another selection or broken base64. */
export function clipboardWrite(data: string): string | undefined {
  const at = data.indexOf(";");
  const target = data.slice(0, at);
  const encoded = data.slice(at + 1);
  if (at === -1 || encoded === "?" || encoded.length > PASTE_CHARACTERS_MAX) return undefined;
  if (target !== "" && !/[cps]/.test(target)) return undefined;
  try {
    const bytes = Uint8Array.from(atob(encoded), (sign) => sign.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return undefined;
  }
}

function isControl(sign: string): boolean {
  const code = sign.codePointAt(0) ?? 0;
  return code < 0x20 || (code >= 0x7f && code < 0xa0);
}
