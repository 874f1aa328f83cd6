/**
 * One terminal: its holder's output is read once here, kept for late views, watched for titles, marks and
 * bells, and handed to the views that show it.
 *
 *   backend --OutputPipe--> store (history, screen) --> views --> pages
 *                             `--> titles, folder, marks, bells
 */
import type { Clock } from "../../bus/clock.ts";
import { type Exit, type Session, TerminalCode } from "../../bus/contracts/terminal.ts";
import { BusCode, BusError, isBusError } from "../../bus/errors.ts";
import type { Logger } from "../runtime/index.ts";
import type { Backend, OutputPipe } from "./backend.ts";
import { readScreen, storeScreen } from "./checkpoint.ts";
import { type CommandState, foldMark, NO_COMMAND } from "./command-marks.ts";
import { encodeMeta, type Meta } from "./meta.ts";
import { type OscMeaning, readOsc } from "./osc.ts";
import { foregroundJob } from "./process-table.ts";
import type { Screen } from "./screen.ts";
import { RESUME_BYTES, ScreenStore } from "./screen-store.ts";
import { isShell } from "./shells.ts";
import { type ViewStream, Views } from "./views.ts";

/** What all sessions share. */
export interface SessionWorld {
  readonly backend: Backend;
  readonly clock: Clock;
  /** Wall clock, milliseconds since 1970. */
  readonly wallMs: () => number;
  readonly log: Logger;
  readonly hostName: string;
  /** Something that `describe` shows has changed. */
  onChange(): void;
  onAttention(attention: Attention): void;
  /** A session that was to end has ended and may be dropped. */
  onGone(session: TerminalSession): void;
  /** The holder gave the session to someone else or dropped it: it is no longer ours. */
  onLost(session: TerminalSession): void;
}

/** A bell or notice. */
export interface Attention {
  readonly session: string;
  readonly kind: "bell" | "notice";
  readonly title: string;
  readonly text: string;
}

/** Where a session stands when this process meets it. */
export interface SessionSeed {
  readonly key: string;
  readonly pid: number;
  /** Folder of the shell as far as its holder knows, else empty. */
  readonly cwd: string;
  readonly cols: number;
  readonly rows: number;
  readonly meta: Meta;
  /** Oldest byte that can be had, newest, and how far an earlier reader got. */
  readonly tail: number;
  readonly head: number;
  readonly read: number | undefined;
  /** As in BackendRow. */
  readonly heldBy: string;
}

interface SessionStart {
  readonly screen: Screen | null;
  readonly pipe: OutputPipe;
}

/** Meta is stored this long after a change, milliseconds. */
const META_DELAY_MS = 200;
/** The foreground job is looked up this long after the shell stirred, milliseconds. */
const JOB_DELAY_MS = 300;
/** Bells within this time are one event, milliseconds. All are counted. */
const ATTENTION_PAUSE_MS = 200;

/** How far a returning view may be ahead of what this process has read, bytes, and how long it waits, ms. */
const REACH_BYTES_MAX = 1024 * 1024;
const REACH_MS = 2_000;
const REACH_PAUSE_MS = 5;

/** One terminal. Made by `open`; lives until `drop`. */
export class TerminalSession {
  readonly key: string;
  readonly views: Views;
  readonly store: ScreenStore;
  /** Output lost before this process could read it, bytes. */
  lostBytes = 0;
  readonly #world: SessionWorld;
  readonly #seed: SessionSeed;
  #meta: Meta;
  #folder: string;
  #commands: CommandState;
  #exit: Exit | null = null;
  #cols: number;
  #rows: number;
  #job: Session["job"] = null;
  readonly #pipe: OutputPipe;
  /** Output up to here has been shown, as far as it is known; counts while there is no view. */
  #seenTo: number;
  /** Offset up to which views have consumed, and up to which the holder was told. */
  #consumed: number;
  #granted: number;
  #cancelMeta: (() => void) | undefined;
  #cancelJob: (() => void) | undefined;
  #attentionMs = Number.NEGATIVE_INFINITY;
  #removeWhenEnded = false;

  /** Reads what the holder stored of a session and attaches to its output. */
  static async open(world: SessionWorld, seed: SessionSeed): Promise<TerminalSession> {
    const stored = seed.head > 0 ? await world.backend.getScreen(seed.key) : null;
    const screen = stored === null ? null : (readScreen(stored) ?? null);
    // A screen may be ahead of what the views have consumed: they go on from there.
    const unread = seed.read ?? Number.POSITIVE_INFINITY;
    const wanted = Math.min(screen?.offset ?? 0, seed.head - RESUME_BYTES, unread);
    const pipe = await world.backend.attach(seed.key, Math.max(seed.tail, wanted));
    return new TerminalSession(world, seed, { screen, pipe });
  }

  private constructor(world: SessionWorld, seed: SessionSeed, start: SessionStart) {
    const { screen, pipe } = start;
    this.#world = world;
    this.#seed = seed;
    this.key = seed.key;
    this.#meta = seed.meta;
    this.#folder = seed.cwd;
    this.#commands = { ...NO_COMMAND, last: seed.meta.command };
    this.#cols = seed.cols;
    this.#rows = seed.rows;
    this.lostBytes = Math.max(0, pipe.offset - (seed.read ?? screen?.offset ?? pipe.offset));
    // What an earlier process had granted for need not be granted by a view again.
    this.#consumed = Math.max(pipe.offset, seed.read ?? pipe.offset);
    this.#granted = pipe.offset;
    this.#seenTo = seed.meta.seenTo ?? seed.read ?? seed.head;
    const { cols, rows } = seed;
    this.store = new ScreenStore(
      { offset: pipe.offset, cols, rows, screen, clock: world.clock },
      { bell: (offset) => this.#bell(offset), osc: (text, offset) => this.#osc(text, offset) },
    );
    if (screen !== null && (screen.cols !== cols || screen.rows !== rows))
      this.store.resized(cols, rows);
    this.views = new Views(world.clock, {
      consumed: (offset) => this.#grant(offset),
      watched: (seenTo) => this.#watched(seenTo),
    });
    this.#pipe = pipe;
    this.#listen(pipe);
  }

  get id(): string {
    return this.#meta.id;
  }

  get pid(): number {
    return this.#seed.pid;
  }

  get exit(): Exit | null {
    return this.#exit;
  }

  get meta(): Meta {
    return this.#meta;
  }

  get size(): { readonly cols: number; readonly rows: number } {
    return { cols: this.#cols, rows: this.#rows };
  }

  /** Where it stands, as the shell said; before that, as its holder knew last. */
  get folder(): string {
    return this.#meta.cwd === "" ? this.#folder : this.#meta.cwd;
  }

  /** The holder's newest word on the folder, for shells that do not tell it themselves. */
  async askFolder(): Promise<string> {
    if (this.#meta.cwd !== "") return this.#meta.cwd;
    const rows = await this.#world.backend.list();
    this.#folder = rows.find((row) => row.key === this.key)?.cwd || this.#folder;
    return this.#folder;
  }

  /** The session as everyone else sees it. */
  describe(): Session {
    const { id, name, title, shell, integration, bells, notice, createdMs } = this.#meta;
    const isClosing = this.#meta.closingUntilMs !== null;
    return {
      id,
      name,
      title,
      cwd: this.folder,
      shell,
      pid: this.pid,
      state: isClosing ? "closing" : this.#exit === null ? "running" : "ended",
      exit: this.#exit,
      cols: this.#cols,
      rows: this.#rows,
      backend: this.#world.backend.name,
      heldBy: this.#seed.heldBy,
      createdMs,
      command: this.#commands.last,
      job: this.#job,
      attention: { bells, notice },
      outputBytes: this.store.history.end,
      unseenBytes: this.views.count > 0 ? 0 : Math.max(0, this.store.history.end - this.#seenTo),
      integration,
    };
  }

  /** Changes what is stored with the session; told to everyone and to the holder. */
  update(change: Partial<Meta>): void {
    this.#meta = { ...this.#meta, ...change };
    this.#world.onChange();
    this.#cancelMeta ??= this.#world.clock.setTimer(META_DELAY_MS, () => void this.#saveMeta());
  }

  /** Sets the size of the terminal; what was written before keeps its place in the replay. */
  async resize(cols: number, rows: number): Promise<void> {
    if (this.#exit === null) await this.#world.backend.resize(this.key, cols, rows);
    if (cols === this.#cols && rows === this.#rows) return;
    this.#cols = cols;
    this.#rows = rows;
    this.store.resized(cols, rows);
    this.#world.onChange();
  }

  /**
   * Waits for output up to `offset`, which a view has seen before this process was there.
   * @throws `bus/invalid` when it does not come: the view knows another session.
   */
  async reach(offset: number): Promise<void> {
    const { history } = this.store;
    if (offset <= history.end) return;
    if (offset - history.end > REACH_BYTES_MAX) throw beyond(this.id, offset, history.end);
    this.#grant(offset);
    const { clock } = this.#world;
    const endMs = clock.now() + REACH_MS;
    while (history.end < offset) {
      if (clock.now() >= endMs) throw beyond(this.id, offset, history.end);
      await new Promise<void>((resolve) => void clock.setTimer(REACH_PAUSE_MS, resolve));
    }
  }

  /** Adds a view that has everything up to `from` and shows it from there. */
  addView(
    stream: ViewStream,
    plan: { source: string; visible: boolean; from: number; restore: Uint8Array },
  ): void {
    const { source, visible, from, restore } = plan;
    const backlog = this.store.history.slices(from);
    this.views.add({ stream, source, visible, restore, offset: from, backlog });
    if (this.#exit !== null) this.views.finish(this.#exit);
  }

  /** Looks up what runs in the foreground. */
  refreshJob(): void {
    const job = this.#exit === null ? this.#currentJob() : null;
    if (job?.pid === this.#job?.pid && job?.command === this.#job?.command) return;
    this.#job = job;
    this.#world.onChange();
  }

  /** Something was typed or shown: the foreground may change, and the session is in use. */
  stirred(): void {
    this.#cancelJob ??= this.#world.clock.setTimer(JOB_DELAY_MS, () => {
      this.#cancelJob = undefined;
      this.refreshJob();
    });
  }

  /** Ends the program; the session goes when it has ended. */
  async end(graceMs: number): Promise<void> {
    this.#removeWhenEnded = true;
    this.views.runOn();
    if (this.#exit !== null) this.#world.onGone(this);
    else await this.#world.backend.end(this.key, graceMs);
  }

  /** Writes the screen down and stores it with the holder. */
  async checkpoint(): Promise<Screen> {
    const screen = await this.store.write();
    const stored = storeScreen(screen);
    if (stored === undefined) {
      this.#world.log.warn("screen too large to be stored", { session: this.id });
    } else if (this.#exit === null) {
      await this.#world.backend.putScreen(this.key, stored);
    }
    this.store.stored(screen.offset);
    this.#flushGrant();
    return screen;
  }

  /** Lets go of timers and views; the holder is not touched. */
  drop(): void {
    this.#cancelMeta?.();
    this.#cancelJob?.();
    this.store.dispose();
    this.views.resetAll(TerminalCode.noSuchSession, `Session ${this.id} is gone.`);
  }

  /** Stores what waits to be stored. */
  async flush(): Promise<void> {
    if (this.#cancelMeta !== undefined) await this.#saveMeta();
  }

  #listen(pipe: OutputPipe): void {
    pipe.onChunk((chunk) => this.#output(chunk));
    pipe.done.then(
      (exit) => this.#ended(exit),
      (error: unknown) => {
        this.#world.log.error(`output of ${this.id} broke: ${String(error)}`);
        // Without the keeper this process ends; until then nobody shall be told that the shells are gone.
        if (!isBusError(error, TerminalCode.keeperAway)) this.#world.onLost(this);
      },
    );
  }

  #output(chunk: Uint8Array): void {
    this.store.append(chunk);
    this.#flushGrant();
    this.views.deliver(chunk, this.store.history.end);
    this.stirred();
    if (this.store.isDue) {
      this.checkpoint().catch((error: unknown) => {
        this.#world.log.warn(`screen of ${this.id} was not stored: ${String(error)}`);
        // No further output would come to try it again.
        this.store.stored(this.store.history.end);
        this.#flushGrant();
      });
    }
  }

  #watched(seenTo: number | null): void {
    this.#seenTo = seenTo ?? this.#seenTo;
    if (seenTo !== this.#meta.seenTo) this.update({ seenTo });
  }

  #grant(offset: number): void {
    this.#consumed = Math.max(this.#consumed, offset);
    this.#flushGrant();
  }

  #flushGrant(): void {
    // Only what has come can be granted for.
    const target = Math.min(this.#consumed, this.store.history.end);
    if (this.store.isOverloaded || target <= this.#granted) return;
    this.#pipe.consumed(target - this.#granted);
    this.#granted = target;
  }

  #ended(exit: Exit): void {
    this.#exit = exit;
    this.#job = null;
    const { last } = this.#commands;
    if (last?.state === "running") {
      this.#mark({ what: "command-end", exitCode: exit.code });
    }
    this.views.finish(exit);
    this.#world.onChange();
    if (this.#removeWhenEnded) this.#world.onGone(this);
  }

  #currentJob(): Session["job"] {
    const inside = foregroundJob(this.pid);
    if (inside !== undefined) return inside;
    if (isShell(this.#meta.shell)) return null;
    return { pid: this.pid, command: this.#meta.argv.join(" ").slice(0, 4096) };
  }

  #bell(offset: number): void {
    if (offset <= this.#meta.parsedTo) return;
    this.update({ bells: this.#meta.bells + 1, parsedTo: offset });
    this.#announce("bell", "", "");
  }

  #osc(text: string, offset: number): void {
    if (offset <= this.#meta.parsedTo) return;
    const meaning = readOsc(text, this.#world.hostName);
    if (meaning === undefined) return;
    switch (meaning.what) {
      case "title":
        return this.update({ title: meaning.title, parsedTo: offset });
      case "folder":
        return this.update({ cwd: meaning.folder, parsedTo: offset });
      case "notice": {
        const notice = meaning.text === "" ? meaning.title : meaning.text;
        this.update({ notice, parsedTo: offset });
        return this.#announce("notice", meaning.title, meaning.text);
      }
      default:
        this.#mark(meaning);
        this.update({ parsedTo: offset });
    }
  }

  #mark(meaning: OscMeaning): void {
    this.#commands = foldMark(this.#commands, meaning, this.#world.wallMs());
    if (this.#commands.last !== this.#meta.command) this.update({ command: this.#commands.last });
    this.stirred();
  }

  #announce(kind: Attention["kind"], title: string, text: string): void {
    const nowMs = this.#world.clock.now();
    if (kind === "bell" && nowMs - this.#attentionMs < ATTENTION_PAUSE_MS) return;
    this.#attentionMs = nowMs;
    this.#world.onAttention({ session: this.id, kind, title, text });
  }

  async #saveMeta(): Promise<void> {
    this.#cancelMeta?.();
    this.#cancelMeta = undefined;
    try {
      await this.#world.backend.setMeta(this.key, encodeMeta(this.#meta));
    } catch (error) {
      this.#world.log.warn(`what is known of ${this.id} was not stored: ${String(error)}`);
    }
  }
}

function beyond(id: string, offset: number, end: number): BusError {
  const reason = `Output of ${id} ends at ${end}; ${offset} was asked for.`;
  return new BusError(BusCode.invalid, reason, { data: { from: offset, end } });
}
