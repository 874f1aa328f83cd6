/** Copy, cut and paste by command; the keys of the system work by themselves. */
import { deleteLine } from "@codemirror/commands";
import type { EditorState } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import type { Host } from "../../host.ts";

/** Nothing selected: the lines the cursors are in. */
export function copyText(host: Host, view: EditorView): void {
  void host.setClipboardText(selectedText(view.state));
}

/** Nothing selected: the lines the cursors are in, as the key of the system does. */
export function cutText(host: Host, view: EditorView): void {
  if (view.state.readOnly) return;
  void host.setClipboardText(selectedText(view.state));
  if (isNothingSelected(view.state)) deleteLine(view);
  else view.dispatch({ ...view.state.replaceSelection(""), userEvent: "delete.cut" });
}

export async function pasteText(host: Host, view: EditorView): Promise<void> {
  if (view.state.readOnly) return;
  const text = await host.clipboardText();
  if (text !== "")
    view.dispatch({ ...view.state.replaceSelection(text), userEvent: "input.paste" });
}

/** What is copied: the selections, a line each; with nothing selected the lines the cursors are in, whole. */
export function selectedText(state: EditorState): string {
  const { ranges } = state.selection;
  if (!isNothingSelected(state))
    return ranges.map(({ from, to }) => state.sliceDoc(from, to)).join("\n");
  const lines = new Set(ranges.map(({ head }) => state.doc.lineAt(head).number));
  return [...lines].map((line) => `${state.doc.line(line).text}\n`).join("");
}

function isNothingSelected(state: EditorState): boolean {
  return state.selection.ranges.every((range) => range.empty);
}
