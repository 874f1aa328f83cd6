/**
 * Command blocks of a terminal: prompt, command line, output, exit code, found by the marks of shell integration
 * (OSC 133 and 633 E). A screen that is written down says them in one private sequence, OSC 7133, so that a restored
 * view has what a view that saw everything has. The terminal is passed in; nothing here draws.
 *
 *   133;A --prompt--> 133;B --typed--> 633;E;line 133;C --output--> 133;D;code
 */

/** Blocks remembered; older ones are forgotten. */
export const BLOCKS_MAX = 1_000;
/** Characters of the sequence that writes blocks down; the oldest blocks are left out. */
export const BLOCKS_CHARACTERS_MAX = 16 * 1024;
/** Characters of a command line that are kept; a longer one is not known. */
export const BLOCK_COMMAND_MAX = 1_024;
/** The private sequence. */
export const BLOCKS_OSC = 7133;

/** A line that moves with its text; `line` is -1 when that is gone. */
export interface LineMark {
  readonly line: number;
  readonly isDisposed: boolean;
  dispose(): void;
}

/** What of a terminal's normal screen is needed; xterm and its headless twin both fit. */
export interface BlockTerminal<M extends LineMark> {
  readonly buffer: {
    readonly active: { readonly type: "normal" | "alternate" };
    readonly normal: { readonly baseY: number; readonly cursorX: number; readonly cursorY: number };
  };
  readonly parser: {
    registerOscHandler(code: number, handler: (data: string) => boolean): { dispose(): void };
    registerEscHandler(id: { final: string }, handler: () => boolean): { dispose(): void };
  };
  /** Marks the line that many below the cursor's. */
  registerMarker(offset?: number): M | undefined;
}

/** One command of a shell. */
export interface CommandBlock<M extends LineMark = LineMark> {
  /** First line of the prompt. */
  readonly prompt: M;
  /** Where the typed text begins, if the shell told. */
  readonly typed: { readonly mark: M; readonly column: number } | undefined;
  /** First line of the output; undefined until the command runs. */
  readonly output: M | undefined;
  /** The output ends before this column of this line; undefined until the command has ended. */
  readonly end: { readonly mark: M; readonly column: number } | undefined;
  /** Undefined while it runs and where the shell did not say. */
  readonly exitCode: number | undefined;
  /** Undefined where the shell did not say, or it was longer than BLOCK_COMMAND_MAX. */
  readonly command: string | undefined;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Reads the blocks of one terminal. Made before its first byte; lives until disposed. */
export class CommandBlocks<M extends LineMark> {
  /** A command has ended with a code other than 0; also for every such block of a restored screen. */
  onFailed: (block: CommandBlock<M>) => void = () => undefined;
  readonly #terminal: BlockTerminal<M>;
  readonly #handlers: ReadonlyArray<{ dispose(): void }>;
  #blocks: Array<Mutable<CommandBlock<M>>> = [];
  #announced: string | undefined;

  constructor(terminal: BlockTerminal<M>) {
    this.#terminal = terminal;
    const on = (code: number, read: (data: string) => void) =>
      terminal.parser.registerOscHandler(code, (data) => {
        if (terminal.buffer.active.type === "normal") read(data);
        return false;
      });
    this.#handlers = [
      on(133, (data) => this.#mark(data)),
      on(633, (data) => this.#announce(data)),
      on(BLOCKS_OSC, (data) => this.#restore(data)),
      terminal.parser.registerEscHandler({ final: "c" }, () => this.#reset()),
    ];
  }

  /** Oldest first, without those that have scrolled away. */
  get all(): ReadonlyArray<CommandBlock<M>> {
    return this.#alive();
  }

  /** The sequence that brings the blocks back once the normal screen and its cursor stand; empty when there are none. */
  write(): string {
    const { baseY, cursorY } = this.#terminal.buffer.normal;
    const entries: string[] = [];
    let characters = 0;
    for (const block of this.all.toReversed()) {
      const entry = writeBlock(block, baseY + cursorY);
      characters += entry.length + 1;
      if (characters > BLOCKS_CHARACTERS_MAX) break;
      entries.unshift(entry);
    }
    return entries.length === 0 ? "" : `\u001b]${BLOCKS_OSC};${entries.join(";")}\u0007`;
  }

  dispose(): void {
    for (const handler of this.#handlers) handler.dispose();
  }

  #alive(): Array<Mutable<CommandBlock<M>>> {
    this.#blocks = this.#blocks.filter(({ prompt }) => isAlive(prompt));
    return this.#blocks;
  }

  #mark(data: string): void {
    const [letter = "", code = ""] = data.split(";");
    if (letter === "A") this.#begin(0);
    if (letter === "B") this.#type();
    if (letter === "C") this.#run();
    if (letter === "D") this.#end(code);
  }

  #begin(linesUp: number): Mutable<CommandBlock<M>> | undefined {
    const prompt = this.#terminal.registerMarker(-linesUp);
    if (prompt === undefined) return undefined;
    const last = this.#alive().at(-1);
    // The shell has drawn its prompt once more.
    if (last?.output === undefined && last?.prompt.line === prompt.line) this.#blocks.pop();
    const block = { ...EMPTY, prompt };
    this.#add(block);
    return block;
  }

  /** A terminal moves every mark with every line that scrolls away, so an end is marked by the prompt after it. */
  #add(block: CommandBlock<M>): void {
    const last = this.#blocks.at(-1);
    if (last?.end?.mark.line === block.prompt.line) {
      last.end.mark.dispose();
      last.end = { ...last.end, mark: block.prompt };
    }
    this.#blocks.push(block);
    if (this.#blocks.length <= BLOCKS_MAX) return;
    const oldest = this.#blocks.shift();
    oldest?.output?.dispose();
    oldest?.prompt.dispose();
  }

  /** A full reset makes new lines and leaves the marks of the old ones as they were. */
  #reset(): boolean {
    this.#blocks = [];
    this.#announced = undefined;
    return false;
  }

  #type(): void {
    const block = this.#blocks.at(-1);
    if (block === undefined || block.output !== undefined) return;
    const { baseY, cursorX, cursorY } = this.#terminal.buffer.normal;
    const isBeside = block.prompt.line === baseY + cursorY;
    const mark = isBeside ? block.prompt : this.#terminal.registerMarker(0);
    if (mark !== undefined) block.typed = { mark, column: cursorX };
  }

  #run(): void {
    const last = this.#alive().at(-1);
    // A prompt that nobody marked: the command line is the line above its output.
    const block = last === undefined || last.output !== undefined ? this.#begin(1) : last;
    if (block === undefined) return;
    block.output = this.#terminal.registerMarker(0);
    block.command = this.#announced;
    this.#announced = undefined;
  }

  #end(code: string): void {
    const block = this.#blocks.at(-1);
    if (block?.output === undefined || block.end !== undefined) return;
    const mark = this.#terminal.registerMarker(0);
    if (mark === undefined) return;
    block.end = { mark, column: this.#terminal.buffer.normal.cursorX };
    block.exitCode = readCode(code);
    this.#tell(block);
  }

  #tell(block: CommandBlock<M>): void {
    const { exitCode, prompt } = block;
    if (exitCode !== undefined && exitCode !== 0 && isAlive(prompt)) this.onFailed(block);
  }

  #announce(data: string): void {
    if (!data.startsWith("E;")) return;
    const command = readCommandLine(data.slice(2)).toWellFormed();
    this.#announced = command.length > BLOCK_COMMAND_MAX ? undefined : command;
  }

  #restore(data: string): void {
    if (data.length > BLOCKS_CHARACTERS_MAX + 16) return;
    const { baseY, cursorY } = this.#terminal.buffer.normal;
    for (const entry of data.split(";").slice(0, BLOCKS_MAX)) {
      const block = this.#readBlock(entry, baseY + cursorY);
      if (block === undefined) continue;
      this.#add(block);
      this.#tell(block);
    }
  }

  #readBlock(entry: string, cursor: number): CommandBlock<M> | undefined {
    const match = ENTRY.exec(entry);
    if (match === null) return undefined;
    const at = (text: string | undefined): M | undefined => {
      const offset = text === undefined || text === "" ? Number.NaN : Number(text);
      const isThere = offset <= 0 && cursor + offset >= 0;
      return isThere ? this.#terminal.registerMarker(offset) : undefined;
    };
    const prompt = at(match[1]);
    if (prompt === undefined) return undefined;
    const spot = (line: string | undefined, column: string | undefined) => {
      const mark = line === match[1] ? prompt : at(line);
      return mark === undefined ? undefined : { mark, column: Number(column) };
    };
    return {
      prompt,
      typed: spot(match[2], match[3]),
      output: at(match[4]),
      end: spot(match[5], match[6]),
      exitCode: match[7] === "" ? undefined : Number(match[7]),
      command: match[8] === undefined ? undefined : decode(match[8]),
    };
  }
}

const EMPTY = {
  typed: undefined,
  output: undefined,
  end: undefined,
  exitCode: undefined,
  command: undefined,
} as const;

/** prompt, typed line and column, output, end line and column, exit code, command; lines count from the cursor's. */
const ENTRY =
  /^(-?\d{1,5}),(-?\d{0,5}),(\d{0,4}),(-?\d{0,5}),(-?\d{0,5}),(\d{0,4}),(-?\d{0,10}),(?:=(.*))?$/s;

function writeBlock<M extends LineMark>(block: CommandBlock<M>, cursor: number): string {
  const { prompt, typed, output, end, exitCode, command } = block;
  const line = (mark: M | undefined) =>
    mark === undefined || !isAlive(mark) ? "" : `${mark.line - cursor}`;
  const spot = (place: CommandBlock<M>["end"]) => `${line(place?.mark)},${place?.column ?? ""}`;
  const told = command === undefined ? "" : `=${encodeURIComponent(command)}`;
  return `${line(prompt)},${spot(typed)},${line(output)},${spot(end)},${exitCode ?? ""},${told}`;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text).slice(0, BLOCK_COMMAND_MAX);
  } catch {
    return undefined;
  }
}

function readCode(text: string): number | undefined {
  return /^-?\d{1,10}$/.test(text) ? Number(text) : undefined;
}

/** `line;nonce`: `\xAB` is a character, `\\` a backslash; a bare semicolon ends it. */
export function readCommandLine(text: string): string {
  const end = text.indexOf(";");
  const raw = end < 0 ? text : text.slice(0, end);
  return raw.replace(/\\(?:\\|x([0-9a-fA-F]{2}))/gu, (_all, hex: string | undefined) =>
    hex === undefined ? "\\" : String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

function isAlive(mark: LineMark): boolean {
  return !mark.isDisposed && mark.line >= 0;
}
