/** Vim's keys, loaded when the setting is on. Undo goes to the document, `:w` and `:q` to the page. */
import { type Extension, Prec } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import { CodeMirror, Vim, vim } from "@replit/codemirror-vim";
import { type EditorPane, paneOf } from "./editor-pane.ts";

/** What ex commands reach. */
export interface VimHost {
  save(pane: EditorPane): void;
  close(pane: EditorPane): void;
}

/** What codemirror-vim hands to a command. */
interface VimEditor {
  readonly cm6: Parameters<typeof paneOf>[0];
}

/** The block of normal mode in the colours of the theme. */
const CURSOR = EditorView.theme({
  "&.cm-focused .cm-fat-cursor": { background: "var(--accent)", color: "var(--onaccent)" },
  "&:not(.cm-focused) .cm-fat-cursor": { outline: "1px solid var(--accent)" },
});

let isDefined = false;

/** The mode with its status line. */
export function vimMode(host: VimHost): Extension {
  if (!isDefined) define(host);
  isDefined = true;
  return [vim({ status: true }), Prec.highest(CURSOR)];
}

function define(host: VimHost): void {
  const withPane = (act: (pane: EditorPane) => void) => (editor: VimEditor) => {
    const pane = paneOf(editor.cm6);
    if (pane !== undefined) act(pane);
  };
  // The package's own ask a history that views of a shared document do not have.
  Object.assign(CodeMirror.commands, {
    undo: withPane((pane) => pane.undo()),
    redo: withPane((pane) => pane.redo()),
    save: withPane((pane) => host.save(pane)),
  });
  Vim.defineEx(
    "write",
    "w",
    withPane((pane) => host.save(pane)),
  );
  Vim.defineEx(
    "quit",
    "q",
    withPane((pane) => host.close(pane)),
  );
  Vim.defineEx(
    "wq",
    "wq",
    withPane((pane) => {
      host.save(pane);
      host.close(pane);
    }),
  );
  Vim.defineEx(
    "xit",
    "x",
    withPane((pane) => {
      host.save(pane);
      host.close(pane);
    }),
  );
}
