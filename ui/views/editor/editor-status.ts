/** The status bar's words for an editor. */
import type { EditorState } from "@codemirror/state";
import type { Format } from "../../../bus/contracts/editor-document.ts";
import type { EditorStatus } from "../../app/dock.ts";
import type { Indentation } from "../../state/indentation.ts";

export type CursorStatus = Pick<EditorStatus, "line" | "column" | "selected" | "selections">;

/** Columns count characters, a tab as one; lines and columns from 1. */
export function cursorStatus(state: EditorState): CursorStatus {
  const { ranges, main } = state.selection;
  const line = state.doc.lineAt(main.head);
  const before = state.doc.sliceString(line.from, Math.min(main.head, line.from + 20_000));
  return {
    line: line.number,
    column: [...before].length + 1 + Math.max(0, main.head - line.from - 20_000),
    selected: ranges.reduce((sum, { from, to }) => sum + to - from, 0),
    selections: ranges.length,
  };
}

export function indentationWords({ unit, size }: Indentation): string {
  return unit === "tab" ? `Tabs: ${size}` : `Spaces: ${size}`;
}

const EOLS = { "\n": "LF", "\r\n": "CRLF", "\r": "CR" } as const;

/** "UTF-8 LF", "UTF-8 BOM mixed". */
export function formatWords({ encoding, bom, eol, mixedEol }: Format): string {
  const name = encoding === "binary" ? "binary" : encoding.toUpperCase();
  return [name, bom ? "BOM" : "", mixedEol ? "mixed breaks" : EOLS[eol]]
    .filter((part) => part !== "")
    .join(" ");
}
