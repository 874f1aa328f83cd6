/** What commands may do with a tab that shows a file but no text to edit. */
import type { Accessor } from "solid-js";
import type { App } from "../../app/app.ts";
import type { EditorHandle } from "../../app/dock.ts";

export interface PlainOptions {
  readonly app: App;
  readonly path: string;
  focus(): void;
  reveal(line: number, column: number): void;
  /** Find here; absent: there is no text to find. */
  readonly find?: () => void;
  /** What the status bar says of its bytes. */
  readonly format: Accessor<string>;
}

export function plainHandle(options: PlainOptions): EditorHandle {
  const { app, path, focus, reveal, format } = options;
  return {
    path,
    focus() {
      if (app.overlay() === "none" && app.dialog.current() === undefined) focus();
    },
    reveal,
    run(act) {
      if (act === "go-to-line") app.setOverlay("go-to-line");
      if (act === "find") options.find?.();
    },
    viewState: () => undefined,
    status: () => ({
      line: 0,
      column: 0,
      selected: 0,
      selections: 0,
      indentation: "",
      format: format(),
      language: "",
      bytesPerEdit: 0,
    }),
  };
}
