/** Feeds a session's output into xterm, in order, and says how the stream stands. */
import type { Terminal } from "@xterm/xterm";
import { size } from "../state/words.ts";
import type { OutputSink } from "./output-link.ts";
import type { PaneState } from "./terminal-pane.ts";

export interface SinkHooks {
  setState(state: PaneState): void;
  setRestoring(isRestoring: boolean): void;
}

/** Full reset as a sequence, so that it takes its place behind bytes that are still queued. */
const RESET = "\u001bc";

export function outputSink(terminal: Terminal, hooks: SinkHooks): OutputSink {
  return {
    beginRestore(cols, rows) {
      hooks.setRestoring(true);
      terminal.resize(cols, rows);
      terminal.write(RESET);
    },
    endRestore: () => hooks.setRestoring(false),
    write: (bytes, done) => terminal.write(bytes, done),
    gap: (bytes) =>
      terminal.write(`\r\n\u001b[0;2m${size(bytes)} of output were not kept\u001b[0m\r\n`),
    live: () => hooks.setState({ kind: "live" }),
    away: () => hooks.setState({ kind: "away" }),
    ended: (exit) => hooks.setState({ kind: "ended", exit }),
    gone: () => hooks.setState({ kind: "gone" }),
  };
}
