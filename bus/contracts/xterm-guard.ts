/**
 * Sequences that xterm.js 6.0.0 does not survive, and that any program may print. Registered on every terminal before
 * its first byte, this does what they ask for within bounds.
 *
 * - `CSI 1 J` with the cursor in the last cell while nothing has scrolled throws: xterm looks for the row below. The
 *   actor would end by it, and the page's terminal would take no byte any more.
 * - `CSI n L`, `M`, `S`, `T`, `I`, `Z` and `b` work n times one after the other, n up to 2^31: both would hang.
 */

type Method =
  | "eraseInDisplay"
  | "eraseInLine"
  | "insertLines"
  | "deleteLines"
  | "scrollUp"
  | "scrollDown"
  | "cursorForwardTab"
  | "cursorBackwardTab"
  | "repeatPrecedingCharacter";

/** xterm's own objects behind its API, as far as they are needed. */
interface TerminalInside {
  readonly _core?: {
    readonly buffers?: { readonly active?: { x: number; y: number } };
    readonly _inputHandler?: Readonly<
      Record<Method, (params: { readonly params: readonly number[] }) => boolean>
    >;
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

/** Counts beyond the size of the screen change nothing more. */
const COUNTED: readonly (readonly [
  final: string,
  method: Method,
  per: "row" | "column" | "cell",
])[] = [
  ["L", "insertLines", "row"],
  ["M", "deleteLines", "row"],
  ["S", "scrollUp", "row"],
  ["T", "scrollDown", "row"],
  ["I", "cursorForwardTab", "column"],
  ["Z", "cursorBackwardTab", "column"],
  ["b", "repeatPrecedingCharacter", "cell"],
];

const ABOVE = { params: [1] };

/** Lives as long as the terminal. */
export function guardTerminal(terminal: GuardedTerminal): void {
  const erase = (params: (number | number[])[]): boolean => params[0] === 1 && eraseAtEnd(terminal);
  terminal.parser.registerCsiHandler({ final: "J" }, erase);
  terminal.parser.registerCsiHandler({ prefix: "?", final: "J" }, erase);
  for (const [final, method, per] of COUNTED) {
    terminal.parser.registerCsiHandler({ final }, ([count]) => {
      const { cols, rows } = terminal;
      const most = { row: rows, column: cols, cell: cols * rows }[per];
      if (typeof count !== "number" || count <= most) return false;
      inputOf(terminal)?.[method]({ params: [most] });
      return true;
    });
  }
}

/** False where xterm itself is right. */
function eraseAtEnd(terminal: GuardedTerminal): boolean {
  const buffer = (terminal as unknown as TerminalInside)._core?.buffers?.active;
  const input = inputOf(terminal);
  if (buffer === undefined || input === undefined) return false;
  const { x, y } = buffer;
  if (y < terminal.rows - 1 || x < terminal.cols - 1) return false;
  if (y > 0) {
    buffer.y = y - 1;
    input.eraseInDisplay(ABOVE);
  }
  buffer.y = y;
  buffer.x = x;
  input.eraseInLine(ABOVE);
  return true;
}

type Input = NonNullable<NonNullable<TerminalInside["_core"]>["_inputHandler"]>;

function inputOf(terminal: GuardedTerminal): Input | undefined {
  return (terminal as unknown as TerminalInside)._core?._inputHandler;
}
