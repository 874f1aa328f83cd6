/** Feeds a session's output into xterm, in order, and says how the stream stands. */
import type { Terminal } from "@xterm/xterm";
import { size } from "../state/words.ts";
import { floodGate, taskQueue } from "./flood-gate.ts";
import type { OutputSink } from "./output-link.ts";
import type { PaneState } from "./terminal-pane.ts";

export interface SinkHooks {
  /** Before it is parsed. */
  onOutput(bytes: Uint8Array): void;
  setState(state: PaneState): void;
  setRestoring(isRestoring: boolean): void;
}

/** Full reset as a sequence, so that it takes its place behind bytes that are still queued. */
const RESET = "\u001bc";
const encoder = new TextEncoder();
/** One for all terminals of the page: its ports live as long as the page does. */
const later = taskQueue();

export function outputSink(terminal: Terminal, hooks: SinkHooks): OutputSink {
  const write = floodGate((bytes, done) => {
    hooks.onOutput(bytes);
    terminal.write(bytes, done);
  }, later);
  // Through the gate as well: nothing may overtake what is held there.
  const say = (text: string) => write(encoder.encode(text), () => undefined);
  return {
    beginRestore(cols, rows) {
      hooks.setRestoring(true);
      terminal.resize(cols, rows);
      say(RESET);
    },
    endRestore: () => hooks.setRestoring(false),
    write,
    gap: (bytes) => say(`\r\n\u001b[0;2m${size(bytes)} of output were not kept\u001b[0m\r\n`),
    live: () => hooks.setState({ kind: "live" }),
    away: () => hooks.setState({ kind: "away" }),
    ended: (exit) => hooks.setState({ kind: "ended", exit }),
    gone: () => hooks.setState({ kind: "gone" }),
  };
}
