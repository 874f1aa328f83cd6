/** Where a command block lies on the screen, and its command and output as text. */
import type { IBuffer, IMarker, Terminal } from "@xterm/xterm";
import type { CommandBlock } from "../../bus/contracts/command-blocks.ts";

/** Characters of output that are copied; of a longer one the last of them. */
export const OUTPUT_CHARACTERS_MAX = 1024 * 1024;

export type Block = CommandBlock<IMarker>;

/** The block whose prompt or command line lies on this line of the normal buffer. */
export function blockAt(blocks: readonly Block[], line: number): Block | undefined {
  const index = blocks.findLastIndex(({ prompt }) => prompt.line <= line);
  const block = blocks[index];
  if (block === undefined || block.output === undefined) return undefined;
  return line < Math.max(block.output.line, block.prompt.line + 1) ? block : undefined;
}

/** The block a person looks at: the first one in view when scrolled up, else the last command. */
export function blockInView(terminal: Terminal, blocks: readonly Block[]): Block | undefined {
  const { viewportY, baseY } = terminal.buffer.active;
  const commands = blocks.filter(({ output }) => output !== undefined);
  if (viewportY >= baseY) return commands.at(-1);
  return commands.find(({ prompt }) => prompt.line >= viewportY) ?? commands.at(-1);
}

/** What was run: as the shell told it, else as it stands on the screen; empty when neither is known. */
export function commandText(terminal: Terminal, { command, typed, output }: Block): string {
  if (command !== undefined) return command;
  if (typed === undefined || output === undefined) return "";
  const { normal } = terminal.buffer;
  const end = { line: output.line, column: 0 };
  return textBetween(normal, { line: typed.mark.line, column: typed.column }, end).trim();
}

/** What it printed, up to now while it runs; at most the last OUTPUT_CHARACTERS_MAX. */
export function outputText(terminal: Terminal, { output, end }: Block): string {
  const { normal } = terminal.buffer;
  if (output === undefined || output.line < 0) return "";
  const isEnded = end !== undefined && end.mark.line >= 0;
  const stop = isEnded
    ? { line: end.mark.line, column: end.column }
    : { line: normal.baseY + normal.cursorY, column: normal.cursorX };
  return textBetween(normal, { line: output.line, column: 0 }, stop).slice(-OUTPUT_CHARACTERS_MAX);
}

/** Whether a shell stands at an empty prompt, where a command can be typed for the person. */
export function isAtPrompt(terminal: Terminal, blocks: readonly Block[]): boolean {
  const last = blocks.at(-1);
  if (terminal.buffer.active.type !== "normal" || last?.typed === undefined) return false;
  const { baseY, cursorX, cursorY } = terminal.buffer.normal;
  const { mark, column } = last.typed;
  return last.output === undefined && mark.line === baseY + cursorY && column === cursorX;
}

interface Spot {
  readonly line: number;
  readonly column: number;
}

/** Lines from one spot up to another; a line that goes on in the next row is one line. */
function textBetween(buffer: IBuffer, from: Spot, to: Spot): string {
  let text = "";
  for (let y = from.line; y <= to.line; y += 1) {
    const row = buffer.getLine(y);
    if (row === undefined || (y === to.line && to.column === 0)) break;
    const goesOn = buffer.getLine(y + 1)?.isWrapped === true;
    const start = y === from.line ? from.column : 0;
    const stop = y === to.line ? to.column : undefined;
    text += row.translateToString(!goesOn, start, stop);
    if (!goesOn && y < to.line) text += "\n";
  }
  return text;
}
