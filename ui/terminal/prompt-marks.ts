/** Prompts by shell integration (OSC 133): jumping between them, and a mark left of one whose command failed. */
import type { IDisposable, IMarker, Terminal } from "@xterm/xterm";

/** Prompts remembered; older ones are forgotten. */
const MARKS_MAX = 2_000;

export interface PromptMarks extends IDisposable {
  /** Scrolls to the prompt before or after the one in view. */
  jump(direction: -1 | 1): void;
}

/** Lives as long as the terminal. */
export function promptMarks(terminal: Terminal): PromptMarks {
  let prompts: IMarker[] = [];
  let isPromptKnown = false;
  const mark = (linesUp: number): void => {
    const marker = terminal.registerMarker(-linesUp);
    if (marker !== undefined) prompts = [...prompts.filter(isAlive), marker].slice(-MARKS_MAX);
  };
  const handler = terminal.parser.registerOscHandler(133, (data) => {
    const [letter = "", code = ""] = data.split(";");
    if (letter === "A") mark(0);
    // A prompt that came with a restored screen had no mark: its command line is the line above its output.
    if (letter === "C" && !isPromptKnown) mark(1);
    if (letter === "A" || letter === "C") isPromptKnown = letter === "A";
    if (letter === "D" && code !== "" && code !== "0") markFailed(terminal, prompts.at(-1), code);
    return false;
  });
  return {
    jump(direction) {
      const top = terminal.buffer.active.viewportY;
      const lines = prompts.filter(isAlive).map(({ line }) => line);
      const before = lines.filter((line) => line < top).at(-1);
      const after = lines.find((line) => line > top);
      const target = direction < 0 ? before : after;
      if (target !== undefined) terminal.scrollToLine(target);
      else if (direction > 0) terminal.scrollToBottom();
    },
    dispose: () => handler.dispose(),
  };
}

function markFailed(terminal: Terminal, prompt: IMarker | undefined, code: string): void {
  if (prompt === undefined || !isAlive(prompt)) return;
  const decoration = terminal.registerDecoration({ marker: prompt, x: 0, width: 1 });
  decoration?.onRender((element) => {
    element.classList.add("failed-prompt");
    element.title = `ended with code ${code}`;
  });
}

function isAlive(marker: IMarker): boolean {
  return !marker.isDisposed && marker.line >= 0;
}
