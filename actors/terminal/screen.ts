/**
 * Rebuilds what a terminal shows. A headless terminal is fed with an earlier screen and the output since,
 * written down again as control sequences, and thrown away: none stands while nobody needs it.
 */
import { Unicode11Addon } from "@xterm/addon-unicode11";
// Node finds no named export in this CommonJS bundle.
import headless from "@xterm/headless";
import { CommandBlocks } from "../../bus/contracts/command-blocks.ts";
import { guardTerminal } from "../../bus/contracts/xterm-guard.ts";
import { replayed } from "./line-run.ts";
import { type Margins, type ModeState, writeModes } from "./modes.ts";
import { placeCursor } from "./paint.ts";
import { writeRows } from "./rows.ts";
import { hasMovedTabStops, writeCharset, writeHidden, writePen } from "./screen-inside.ts";

/** Lines above the screen that a restore brings back. */
export const SCROLLBACK_LINES_MAX = 1000;
/** Bytes of a written down screen; the scrollback is cut until it fits. */
export const SCREEN_BYTES_MAX = 480 * 1024;

/** A screen at one offset of a session's output. */
export interface Screen {
  /** Absolute offset of the first output byte that is not in it. */
  readonly offset: number;
  readonly cols: number;
  readonly rows: number;
  /** Sequences that bring a fresh terminal of that size to this screen, modes included. */
  readonly text: string;
  /** Modes at `offset`: what a tracker that goes on from here starts with. */
  readonly modes: ModeState;
}

/** Output or a change of size, in the order they happened. */
export type ScreenInput =
  | { readonly what: "bytes"; readonly bytes: Uint8Array }
  | { readonly what: "size"; readonly cols: number; readonly rows: number };

/** What a screen starts from. */
export interface ScreenStart {
  /** Earlier screen, null for an empty one. */
  readonly base: Screen | null;
  /** Size when there is no base. */
  readonly cols: number;
  readonly rows: number;
}

/** What a screen is brought to. */
export interface ScreenStep {
  readonly inputs: readonly ScreenInput[];
  /** Comes after the inputs: lines that make all rows of screen and scrollback. */
  readonly run?: Uint8Array;
  /** Offset and modes after the last input. */
  readonly offset: number;
  readonly modes: ModeState;
}

type Terminal = InstanceType<typeof headless.Terminal>;
type Marker = NonNullable<ReturnType<Terminal["registerMarker"]>>;

/** A terminal without a window. Close it with `dispose`; it holds about 1.5 MB. */
export class ScreenBuilder {
  readonly #terminal: Terminal;
  readonly #blocks: CommandBlocks<Marker>;

  constructor(start: ScreenStart) {
    this.#terminal = new headless.Terminal({
      cols: start.base?.cols ?? start.cols,
      rows: start.base?.rows ?? start.rows,
      scrollback: SCROLLBACK_LINES_MAX,
      allowProposedApi: true,
    });
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = "11";
    guardTerminal(this.#terminal);
    this.#blocks = new CommandBlocks<Marker>(this.#terminal);
    if (start.base !== null) this.#terminal.write(start.base.text);
  }

  /**
   * The screen after the inputs, which go on from where the last step ended. Takes about 20 ms per MiB and, without a
   * run, 15 ms per 1,000 lines; one step at a time.
   */
  async step(step: ScreenStep): Promise<Screen> {
    for (const input of step.inputs) await feed(this.#terminal, input);
    await parsed(this.#terminal);
    const raw = step.run === undefined ? undefined : await this.#run(step.run, step.modes);
    const { cols, rows } = this.#terminal;
    const write = { blocks: this.#blocks.write(), modes: step.modes, raw };
    const text = writeScreen(this.#terminal, write);
    return { offset: step.offset, cols, rows, text, modes: step.modes };
  }

  dispose(): void {
    this.#terminal.dispose();
  }

  /** Feeds lines; the text that does the same to a fresh terminal, if there is one. */
  async #run(run: Uint8Array, modes: ModeState): Promise<string | undefined> {
    const pen = writePen(this.#terminal);
    const tabStops = hasMovedTabStops(this.#terminal) ? "moved" : "default";
    const text = replayed(run, { modes, tabStops });
    this.#terminal.write(run);
    await parsed(this.#terminal);
    return text === undefined ? undefined : pen + text;
  }
}

async function feed(terminal: Terminal, input: ScreenInput): Promise<void> {
  if (input.what === "bytes") {
    terminal.write(input.bytes);
    return;
  }
  // A size holds for what comes after it, so all before must have been parsed.
  await parsed(terminal);
  terminal.resize(input.cols, input.rows);
}

function parsed(terminal: Terminal): Promise<void> {
  return new Promise((resolve) => {
    terminal.write("", resolve);
  });
}

interface Write {
  /** The sequence of the command blocks, which counts lines from the normal screen's cursor. */
  readonly blocks: string;
  readonly modes: ModeState;
  /** What has made the rows, in place of the rows. */
  readonly raw: string | undefined;
}

function writeScreen(terminal: Terminal, write: Write): string {
  const content = writeWithinBound(terminal, write);
  const { modes } = write;
  const states = writeModes(modes) + writeCharset(terminal, modes) + writePen(terminal);
  return content + placeLast(terminal, modes) + states;
}

/** The run that made it, or rows: halves the scrollback until the bytes fit; the screen itself is always whole. */
function writeWithinBound(terminal: Terminal, write: Write): string {
  const { raw } = write;
  if (raw !== undefined && Buffer.byteLength(raw) <= SCREEN_BYTES_MAX) {
    const { normal } = terminal.buffer;
    return `${raw}${writeHidden(terminal, "normal")}${placeCursor(normal)}${write.blocks}`;
  }
  for (let lines = SCROLLBACK_LINES_MAX; ; lines = Math.floor(lines / 2)) {
    const content = writeBuffers(terminal, write, lines);
    if (lines === 0 || Buffer.byteLength(content) <= SCREEN_BYTES_MAX) return content;
  }
}

/** The normal screen, then the alternate one on its own page: nothing of one reaches into the other. */
function writeBuffers(terminal: Terminal, write: Write, scrollback: number): string {
  const { blocks, modes } = write;
  const { normal, active, alternate } = terminal.buffer;
  const from = Math.max(0, normal.length - terminal.rows - scrollback);
  const below = writeRows(normal, from) + writeHidden(terminal, "normal");
  if (active.type === "normal") return `${below}${placeCursor(normal)}${blocks}`;
  const region = writeMargins(modes.margins.normal, terminal.rows);
  const above = writeRows(alternate, 0) + writeHidden(terminal, "alt");
  // Unlike 1049 this one saves no cursor over the one that was saved.
  return `${below}${region}${placeCursor(normal)}${blocks}\x1b[0m\x1b[?1047h\x1b[H${above}`;
}

/** Margins and origin mode come behind the content, as they would bend it; they move the cursor, which is put last. */
function placeLast(terminal: Terminal, modes: ModeState): string {
  const margins = modes.margins[modes.alternate ? "alternate" : "normal"];
  const isOrigin = modes.privateModes.some(([mode]) => mode === 6);
  const region = writeMargins(margins, terminal.rows);
  const top = isOrigin ? (margins?.[0] ?? 1) - 1 : 0;
  return `${region}${isOrigin ? "\x1b[?6h" : ""}${placeCursor(terminal.buffer.active, top)}`;
}

function writeMargins(margins: Margins, rows: number): string {
  if (margins === null) return "";
  const [top, bottom] = margins;
  return `\x1b[${top};${bottom === 0 ? rows : Math.min(bottom, rows)}r`;
}
