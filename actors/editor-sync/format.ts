/** Bytes of a file to a text and back, so that an unchanged text gives the same bytes for every mix of breaks and marks. */
import { type ChangeSet, Text } from "@codemirror/state";
import type { Format } from "../../bus/contracts/editor-document.ts";
import { Eol, EolCounter, type Eols, eolsAfter } from "./line-ends.ts";

/** A file as it was read. */
export interface Loaded {
  readonly text: Text;
  readonly format: Format;
  /** One for each break, only where they differ. */
  readonly eols: Eols | undefined;
  readonly longestLine: number;
}

/** Git's rule: a NUL in the first bytes makes a file binary. */
export const BINARY_LOOK_BYTES = 8_000;
const NUL = 0;
const MARK = "\ufeff";
const SIGNS = { [Eol.lf]: "\n", [Eol.crlf]: "\r\n", [Eol.cr]: "\r" } as const;

/** Reads a whole file. What is no UTF-8 is decoded to be looked at; only `utf-8` may be saved. */
export function load(bytes: Uint8Array): Loaded {
  const { encoding, whole } = decode(bytes);
  if (encoding === "binary") return emptyBinary();
  const bom = whole.startsWith(MARK);
  const { lines, counter } = cut(bom ? whole.slice(1) : whole);
  const dominant = counter.dominant();
  const format: Format = {
    encoding,
    bom,
    eol: SIGNS[dominant],
    mixedEol: counter.isMixed(),
  };
  let longestLine = 0;
  for (const line of lines) longestLine = Math.max(longestLine, line.length);
  return { text: Text.of(lines), format, eols: counter.eols(), longestLine };
}

/** What is written down of a loaded text, to save it and what came of it. */
export interface Layout {
  readonly format: Format;
  readonly eols: Eols | undefined;
}

/** Bytes of a text that came of `base`, and the layout they have. `null` for the line where no UTF-8 can hold it. */
export function save(
  base: { readonly text: Text; readonly layout: Layout },
  changes: ChangeSet,
  text: Text,
): { bytes: Uint8Array<ArrayBuffer>; layout: Layout } | { line: number } {
  const { format, eols: before } = base.layout;
  const usual = codeOf(format.eol);
  const eols = before && eolsAfter({ eols: before, text: base.text, usual }, changes);
  const pieces: string[] = format.bom ? [MARK] : [];
  let number = 0;
  let above = "";
  for (const line of text.iterLines()) {
    if (!line.isWellFormed()) return { line: number + 1 };
    if (number > 0) pieces.push(breakAfter(above, number - 1, eols) ?? format.eol);
    pieces.push(line);
    above = line;
    number++;
  }
  const bytes = new TextEncoder().encode(pieces.join(""));
  return { bytes, layout: layoutOf(format, eols) };
}

/** The sign of a break in a mixed text. A lone `\r` and a `\n` must not meet: they would be one break. */
function breakAfter(line: string, index: number, eols: Eols | undefined): string | undefined {
  if (eols === undefined) return undefined;
  if (line === "" && index > 0 && eols[index - 1] === Eol.cr && eols[index] === Eol.lf) {
    eols[index] = Eol.crlf;
  }
  return SIGNS[(eols[index] ?? Eol.lf) as Eol];
}

function layoutOf(format: Format, eols: Eols | undefined): Layout {
  if (eols === undefined) return { format, eols };
  const counter = EolCounter.of(eols);
  const mixedEol = counter.isMixed();
  const eol = eols.length === 0 ? format.eol : SIGNS[counter.dominant()];
  return { format: { ...format, eol, mixedEol }, eols: mixedEol ? eols : undefined };
}

function decode(bytes: Uint8Array): { encoding: Format["encoding"]; whole: string } {
  const marked = wideEncodingOf(bytes);
  if (marked !== undefined) return { encoding: marked, whole: decoded(bytes, marked) };
  if (bytes.subarray(0, BINARY_LOOK_BYTES).includes(NUL)) return { encoding: "binary", whole: "" };
  try {
    const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return { encoding: "utf-8", whole: strict.decode(bytes) };
  } catch {
    return { encoding: "windows-1252", whole: decoded(bytes, "windows-1252") };
  }
}

function wideEncodingOf(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes.length % 2 !== 0) return undefined;
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  return bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : undefined;
}

function decoded(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
}

function emptyBinary(): Loaded {
  const format: Format = { encoding: "binary", bom: false, eol: "\n", mixedEol: false };
  return { text: Text.empty, format, eols: undefined, longestLine: 0 };
}

/** Lines as CodeMirror cuts them: after `\r\n`, `\n` and a lone `\r`. */
function cut(text: string): { lines: string[]; counter: EolCounter } {
  const counter = new EolCounter();
  if (!text.includes("\r")) {
    const lines = text.split("\n");
    counter.add(Eol.lf, lines.length - 1);
    return { lines, counter };
  }
  const lines: string[] = [];
  let from = 0;
  for (const match of text.matchAll(/\r\n|\n|\r/g)) {
    lines.push(text.slice(from, match.index));
    counter.add(codeOf(match[0]), 1);
    from = match.index + match[0].length;
  }
  lines.push(text.slice(from));
  return { lines, counter };
}

function codeOf(sign: string): Eol {
  return sign === "\n" ? Eol.lf : sign === "\r" ? Eol.cr : Eol.crlf;
}
