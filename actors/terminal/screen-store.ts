/**
 * What one session needs to show its screen to a view that comes late: the last written down screen, the
 * output since, and the modes. Renewed before the keeper's ring passes it, so that a restore after the death
 * of this process is the same.
 */

import type { Clock } from "../../bus/clock.ts";
import { joinSlices } from "../../bus/frame.ts";
import { History } from "./history.ts";
import { lastLines, pensOf } from "./line-run.ts";
import { ModeTracker } from "./modes.ts";
import { Scanner, type ScannerEvents } from "./scanner.ts";
import { SCROLLBACK_LINES_MAX, type Screen, ScreenBuilder, type ScreenStep } from "./screen.ts";

/** Output after which the screen is written down anew, bytes. */
export const RENEW_BYTES = 384 * 1024;
/** Output kept before the written down screen for views that go on from an offset, bytes. */
export const RESUME_BYTES = 256 * 1024;
/**
 * Output since the screen the keeper has at which the program is held until it has the next one, bytes: what its ring of
 * 1 MiB holds, less the window and the 256 KiB it reads ahead. So the ring never passes the screen.
 */
export const OVERLOAD_BYTES = 640 * 1024;

/** How long a terminal stands after a screen was written down, milliseconds: in a flood the next one goes on with it. */
const BUILDER_KEEP_MS = 1_000;

/** Where a session stands when it is created or adopted. */
export interface StoreSeed {
  /** Offset of the first byte that will be appended. */
  readonly offset: number;
  readonly cols: number;
  readonly rows: number;
  /** Screen that the keeper had, at or after `offset`; null: none or an empty one. */
  readonly screen: Screen | null;
  readonly clock: Clock;
}

/** One session's screen; a terminal stands only while output floods. Close it with `dispose`. */
export class ScreenStore {
  readonly history: History;
  readonly #scanner: Scanner;
  readonly #modes: ModeTracker;
  #base: Screen | null;
  readonly #first: { readonly cols: number; readonly rows: number };
  /** Offset up to which the scanner has read. */
  #scanned: number;
  /** Offset of the screen the keeper has. */
  #stored: number;
  #building: Promise<Screen> | undefined;
  #rows: number;
  readonly #clock: Clock;
  #builder: ScreenBuilder | undefined;
  #isDisposed = false;
  #cancelKeep: (() => void) | undefined;

  constructor(seed: StoreSeed, events: Pick<ScannerEvents, "bell" | "osc">) {
    this.#first = { cols: seed.cols, rows: seed.rows };
    this.#rows = seed.rows;
    this.#clock = seed.clock;
    this.#base = seed.screen;
    this.#scanned = seed.screen?.offset ?? seed.offset;
    this.#stored = this.#scanned;
    this.history = new History(seed.offset);
    this.#modes = new ModeTracker(seed.screen?.modes);
    this.#scanner = new Scanner(this.#listen(events), this.#scanned);
  }

  /** Whether a new screen should be written down. */
  get isDue(): boolean {
    return this.#building === undefined && this.#unwritten() > RENEW_BYTES;
  }

  /** Whether more output must wait until the keeper has a newer screen; not in a sequence that is longer than that. */
  get isOverloaded(): boolean {
    const isNewer = this.#scanner.boundary > this.#stored;
    return isNewer && this.history.end - this.#stored > OVERLOAD_BYTES;
  }

  /** The keeper has the screen of `offset`, or cannot have it: output goes on. */
  stored(offset: number): void {
    this.#stored = Math.max(this.#stored, offset);
  }

  /** Takes the next output. */
  append(chunk: Uint8Array): void {
    const offset = this.history.end;
    this.history.append(chunk);
    const skip = Math.max(0, this.#scanned - offset);
    if (skip >= chunk.length) return;
    this.#scanner.feed(skip === 0 ? chunk : chunk.subarray(skip), offset + skip);
    this.#scanned = offset + chunk.length;
  }

  /** Output from here on is made for this size. */
  resized(cols: number, rows: number): void {
    this.history.resized(cols, rows);
    this.#modes.resized();
    this.#rows = rows;
  }

  /** The screen at the latest offset where it may be cut; calls at the same time share one. */
  async write(): Promise<Screen> {
    if (this.#building !== undefined) await this.#building.catch(() => undefined);
    this.#building ??= this.#build().finally(() => {
      this.#building = undefined;
    });
    return this.#building;
  }

  #unwritten(): number {
    return this.history.end - (this.#base?.offset ?? this.history.start);
  }

  async #build(): Promise<Screen> {
    const from = this.#base?.offset ?? this.history.start;
    const offset = Math.max(this.#scanner.boundary, from);
    const sizes = this.history.sizeCount;
    if (this.#base !== null && offset === from && sizes === 0) return this.#base;
    const step = { ...this.#inputs(from, offset), offset, modes: this.#modes.snapshot() };
    const builder = this.#builder ?? new ScreenBuilder({ base: this.#base, ...this.#first });
    // Only a whole step leaves it at a known offset.
    this.#builder = undefined;
    this.#cancelKeep?.();
    try {
      this.#base = await builder.step(step);
    } catch (error) {
      builder.dispose();
      throw error;
    }
    this.#keep(builder);
    this.history.dropSizes(sizes);
    this.history.trim(offset - RESUME_BYTES);
    return this.#base;
  }

  /** Lets go of the standing terminal. */
  dispose(): void {
    this.#cancelKeep?.();
    this.#cancelKeep = undefined;
    this.#builder?.dispose();
    this.#builder = undefined;
    this.#isDisposed = true;
  }

  #keep(builder: ScreenBuilder): void {
    if (this.#isDisposed) return builder.dispose();
    this.#builder = builder;
    this.#cancelKeep = this.#clock.setTimer(BUILDER_KEEP_MS, () => {
      this.#builder = undefined;
      builder.dispose();
    });
  }

  /** Of a long run of lines only those that can still be seen or scrolled to, and the pen they begin with. */
  #inputs(from: number, to: number): Pick<ScreenStep, "inputs" | "run"> {
    const linear = Math.max(from, this.#scanner.linearSince);
    // Rows that were there before are not as those that scrolled in with a background: they must all have gone.
    const lines = SCROLLBACK_LINES_MAX + 2 * this.#rows;
    // Within margins old lines do not scroll away; a changed size moves them.
    const isCuttable = this.#modes.margins === null && this.history.sizeCount === 0;
    const whole = { inputs: this.history.inputs(from, to) };
    if (!isCuttable || linear >= to) return whole;
    const run = joinSlices(this.history.slices(linear, to), to - linear);
    const cut = lastLines(run, lines);
    if (cut === 0) return whole;
    const pens = { what: "bytes", bytes: pensOf(run.subarray(0, cut)) } as const;
    return { inputs: [...this.history.inputs(from, linear), pens], run: run.subarray(cut) };
  }

  #listen(events: Pick<ScannerEvents, "bell" | "osc">): ScannerEvents {
    return {
      bell: (offset) => events.bell(offset),
      osc: (text, offset) => events.osc(text, offset),
      csi: (body, final) => this.#modes.csi(body, final),
      escape: (text) => this.#modes.escape(text),
      shift: (set) => this.#modes.shift(set),
    };
  }
}
