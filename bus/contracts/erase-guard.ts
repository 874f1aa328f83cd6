/**
 * xterm.js 6.0.0 throws on `CSI 1 J` while the cursor is in the last column of the last row and nothing has scrolled:
 * it looks for the row below. A program that prints it would end the actor, and the page's terminal would take no byte
 * any more. Registered on every terminal before its first byte, this erases what xterm would have erased.
 */

/** xterm's own objects behind its API, as far as they are needed. */
interface TerminalInside {
  readonly _core?: {
    readonly buffers?: { readonly active?: { x: number; y: number } };
    readonly _inputHandler?: {
      eraseInDisplay(params: { readonly params: readonly number[] }): boolean;
      eraseInLine(params: { readonly params: readonly number[] }): boolean;
    };
  };
}

/** What of a terminal is needed; xterm and its headless twin both fit. */
export interface GuardedTerminal {
  readonly cols: number;
  readonly rows: number;
  readonly parser: {
    registerCsiHandler(
      id: { readonly prefix?: string; readonly final: string },
      handler: (params: (number | number[])[]) => boolean,
    ): { dispose(): void };
  };
}

const ABOVE = { params: [1] };

/** Lives as long as the terminal. */
export function guardErase(terminal: GuardedTerminal): void {
  const erase = (params: (number | number[])[]): boolean => params[0] === 1 && eraseAtEnd(terminal);
  terminal.parser.registerCsiHandler({ final: "J" }, erase);
  terminal.parser.registerCsiHandler({ prefix: "?", final: "J" }, erase);
}

/** False where xterm itself is right. */
function eraseAtEnd(terminal: GuardedTerminal): boolean {
  const core = (terminal as unknown as TerminalInside)._core;
  const buffer = core?.buffers?.active;
  const handler = core?._inputHandler;
  if (buffer === undefined || handler === undefined) return false;
  const { x, y } = buffer;
  if (y < terminal.rows - 1 || x < terminal.cols - 1) return false;
  if (y > 0) {
    buffer.y = y - 1;
    handler.eraseInDisplay(ABOVE);
  }
  buffer.y = y;
  buffer.x = x;
  handler.eraseInLine(ABOVE);
  return true;
}
