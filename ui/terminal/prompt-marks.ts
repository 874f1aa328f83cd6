/** Prompts by shell integration: jumping between them, and a mark left of one whose command failed. */
import type { IDisposable, IMarker, Terminal } from "@xterm/xterm";
import { type CommandBlock, CommandBlocks } from "../../bus/contracts/command-blocks.ts";

export interface PromptMarks extends IDisposable {
  readonly blocks: CommandBlocks<IMarker>;
  /** Scrolls to the prompt before or after the one in view. */
  jump(direction: -1 | 1): void;
}

/** Lives as long as the terminal. */
export function promptMarks(terminal: Terminal): PromptMarks {
  const blocks = new CommandBlocks<IMarker>(terminal);
  blocks.onFailed = (block) => markFailed(terminal, block);
  return {
    blocks,
    jump(direction) {
      const top = terminal.buffer.active.viewportY;
      const lines = blocks.all.map(({ prompt }) => prompt.line);
      const before = lines.filter((line) => line < top).at(-1);
      const after = lines.find((line) => line > top);
      const target = direction < 0 ? before : after;
      if (target !== undefined) terminal.scrollToLine(target);
      else if (direction > 0) terminal.scrollToBottom();
    },
    dispose: () => blocks.dispose(),
  };
}

function markFailed(terminal: Terminal, { prompt, exitCode }: CommandBlock<IMarker>): void {
  const decoration = terminal.registerDecoration({ marker: prompt, x: 0, width: 1 });
  decoration?.onRender((element) => {
    element.classList.add("failed-prompt");
    element.title = `ended with code ${exitCode}`;
  });
}
