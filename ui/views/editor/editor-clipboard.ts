/** Copy, cut and paste by command; the keys of the system work by themselves. */
import type { EditorView } from "@codemirror/view";
import type { Host } from "../../host.ts";

/** Nothing selected: the lines the cursors are in. */
export function copyText(host: Host, view: EditorView): void {
  void host.setClipboardText(selectedText(view));
}

export function cutText(host: Host, view: EditorView): void {
  if (view.state.readOnly) return;
  void host.setClipboardText(selectedText(view));
  view.dispatch({ ...view.state.replaceSelection(""), userEvent: "delete.cut" });
}

export async function pasteText(host: Host, view: EditorView): Promise<void> {
  if (view.state.readOnly) return;
  const text = await host.clipboardText();
  if (text !== "")
    view.dispatch({ ...view.state.replaceSelection(text), userEvent: "input.paste" });
}

function selectedText({ state }: EditorView): string {
  const isEmpty = state.selection.ranges.every((range) => range.empty);
  if (isEmpty) return `${state.doc.lineAt(state.selection.main.head).text}\n`;
  return state.selection.ranges.map(({ from, to }) => state.sliceDoc(from, to)).join("\n");
}
