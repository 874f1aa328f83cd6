/** Opens a file of the person's in their own editor, in a terminal of its own: for when files are closed to ours. */
import type { App } from "./app.ts";
import { newSessionId } from "./session-store.ts";
import { messageOf } from "./settings-store.ts";

/** `$1` is the line, `$2` the file: vi, vim, nano, emacs, micro and others take the line this way. */
const EDIT = [
  "editor=$VISUAL",
  '[ -n "$editor" ] || editor=$EDITOR',
  '[ -n "$editor" ] || editor=$(command -v editor || command -v nano || echo vi)',
  'exec $editor "+$1" "$2"',
].join("; ");

/** `path` is absolute, `line` counts from 1. A failure is told. */
export async function editInTerminal(app: App, path: string, line: number): Promise<void> {
  const argv = ["/bin/sh", "-c", EDIT, "edit", String(line), path];
  try {
    const { id } = await app.sessions.create({ id: newSessionId(), cols: 80, rows: 24, argv });
    app.dock()?.openTerminal("within", { session: id });
  } catch (error) {
    app.toasts.show({
      tag: "edit",
      level: "error",
      title: `${path} was not opened.`,
      text: messageOf(error),
    });
  }
}
