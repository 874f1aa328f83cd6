/** One terminal of a stage, watched from both ends: what its programs write and what the page parses. */
import type { DrillNote } from "../../../ui/terminal/drill-tap.ts";
import { Ledger } from "./ledger.ts";
import { differences, Mirror, type Picture, pictureOf } from "./picture.ts";
import { hasLog, ShellLog } from "./shell-log.ts";
import { type Stage, sessions } from "./stage.ts";
import { eventually } from "./wait.ts";

/** Lines above the screen that are compared as well; a restored screen has them. */
const SCROLLBACK_LINES = 100;
/** How a prompt ends: the person's `$ ` and the mark of shell integration. */
const PROMPT_END = "$ \u001b]133;B\u0007";

interface Drained {
  readonly views: number;
  readonly notes: DrillNote[];
  readonly parsedTo: number | undefined;
  readonly dropped: number;
}

/** The first terminal of a stage, at its prompt. Close it. */
export async function takeSeat(stage: Stage): Promise<Seat> {
  const [first] = await eventually("a terminal is there", async () => {
    const all = await sessions(stage);
    return all.length > 0 && hasLog(stage.logs, all[0]?.pid ?? 0) ? all : undefined;
  });
  if (first === undefined) throw new Error("there is no terminal");
  const seat = new Seat(stage, first.id, first.pid);
  await seat.atPrompt();
  await stage.focus(first.id);
  await seat.screenProblems();
  return seat;
}

export class Seat {
  readonly stage: Stage;
  readonly session: string;
  readonly pid: number;
  readonly log: ShellLog;
  readonly ledger: Ledger;
  /** When the page's view was attached, and when it parsed its first byte after that. */
  readonly liveMs: number[] = [];
  readonly byteMs: number[] = [];
  #mirror: Mirror | undefined;
  #parsedTo: number | undefined;
  #view = "";
  #probes = 0;
  #isFresh = false;

  constructor(stage: Stage, session: string, pid: number) {
    this.stage = stage;
    this.session = session;
    this.pid = pid;
    this.log = new ShellLog(stage.logs, pid);
    this.ledger = new Ledger(this.log);
  }

  /** Takes what the page has noted. Nothing happens while there is no page. */
  async pump(): Promise<void> {
    const page = this.stage.pages;
    const drained = await this.stage.evaluate(drain, this.session).catch(() => undefined);
    if (drained !== undefined && page === this.stage.pages) this.#take(drained);
  }

  /** Waits until the page has parsed all that was written. */
  async caughtUp(): Promise<void> {
    await eventually(`the page has parsed all output of ${this.session}`, async () => {
      await this.pump();
      return (this.#parsedTo === this.log.size && this.ledger.isSettled) || undefined;
    }).catch((error: unknown) => {
      const { size } = this.log;
      throw new Error(
        `parsed to ${this.#parsedTo}, written ${size}: ${this.log.text(size - 200)}`,
        {
          cause: error,
        },
      );
    });
  }

  /** Waits until the shell has its prompt and the page shows it. */
  async atPrompt(): Promise<void> {
    await this.written("a prompt", () => this.isAtPrompt);
    await this.caughtUp();
  }

  /** Whether the last that was written is a prompt. */
  get isAtPrompt(): boolean {
    const { size } = this.log;
    return size > 0 && this.log.text(Math.max(0, size - 64)).endsWith(PROMPT_END);
  }

  /** Waits until something has been written, and meanwhile takes what the page notes. */
  async written(words: string, test: () => boolean | Promise<boolean>): Promise<void> {
    await eventually(words, async () => {
      await this.pump();
      return (await test()) || undefined;
    }).catch((error: unknown) => {
      const { size } = this.log;
      throw new Error(
        `${words}: the end is ${JSON.stringify(this.log.text(Math.max(0, size - 300)))}`,
        {
          cause: error,
        },
      );
    });
  }

  /** Types a command line at the prompt. */
  async run(line: string): Promise<void> {
    await this.stage.type(`${line}\n`);
  }

  /** Waits until keys typed into the page reach this terminal. */
  async focused(): Promise<void> {
    await eventually(`the terminal ${this.session} has the focus`, () =>
      this.stage.evaluate(hasFocus, this.session).catch(() => undefined),
    );
  }

  /** Gives it the focus, once its view is there. */
  async takeFocus(): Promise<void> {
    await eventually(`the terminal ${this.session} takes the focus`, async () => {
      await this.stage.focus(this.session).catch(() => undefined);
      return this.stage.evaluate(hasFocus, this.session).catch(() => undefined);
    });
  }

  /** Columns and rows of the page's view. */
  async size(): Promise<number[]> {
    const { picture } = await this.#look(0);
    return picture.size.split("x").map(Number);
  }

  /** A key gets its echo: types a sum and waits for its result. */
  async probe(): Promise<void> {
    this.#probes += 1;
    const from = this.log.size;
    await this.run(`echo probe-$((${this.#probes} + 70000))`);
    const answer = `probe-${this.#probes + 70_000}`;
    await this.written(`the echo of ${answer}`, () => this.log.text(from).includes(answer));
    await this.atPrompt();
  }

  /** What the page shows and should not, or the other way round. */
  async screenProblems(): Promise<string[]> {
    const { parsedTo, picture } = await this.#look(SCROLLBACK_LINES);
    const [cols = 0, rows = 0] = picture.size.split("x").map(Number);
    this.#mirror ??= new Mirror(this.log, cols, rows);
    const wanted = await this.#mirror.look(parsedTo, SCROLLBACK_LINES);
    return differences(picture, wanted);
  }

  /** Whether the page's screen holds these words. */
  async shows(words: string): Promise<boolean> {
    const { picture } = await this.#look(0);
    return picture.rows.some((row) => row.replace(/\{[\d:-]+\}/g, "").includes(words));
  }

  close(): void {
    this.#mirror?.dispose();
    this.log.close();
  }

  /** The page's screen and the offset it stands for, with all notes up to that moment. */
  async #look(lines: number): Promise<{ readonly parsedTo: number; readonly picture: Picture }> {
    const wish = { session: this.session, lines };
    return eventually("the page shows the terminal", async () => {
      const page = this.stage.pages;
      const seen = await this.stage
        .evaluate(lookAt, wish, { drain, pictureOf })
        .catch(() => undefined);
      if (seen === undefined || page !== this.stage.pages) return undefined;
      this.#take(seen.drained);
      const { parsedTo } = seen.drained;
      return parsedTo === undefined ? undefined : { parsedTo, picture: seen.picture };
    });
  }

  #take(drained: Drained): void {
    const view = `${this.stage.pages}/${drained.views}`;
    if (view !== this.#view && this.#view !== "") this.ledger.renew();
    this.#view = view;
    if (drained.dropped > 0) throw new Error(`${drained.dropped} notes of the page had no room`);
    this.#parsedTo = drained.parsedTo;
    this.ledger.take(drained.notes);
    for (const note of drained.notes) this.#time(note);
  }

  #time(note: DrillNote): void {
    if (note.kind === "live") {
      this.liveMs.push(note.atMs);
      this.#isFresh = true;
    } else if (note.kind === "size") {
      this.#mirror?.resize(note.offset, note.cols, note.rows);
    } else if (note.kind === "bytes" && this.#isFresh) {
      this.byteMs.push(note.atMs);
      this.#isFresh = false;
    }
  }
}

/** Runs inside of the page. */
function hasFocus(session: string): true | undefined {
  const view = document.querySelector(`[data-testid="terminal-${session}"]`);
  const tap = (globalThis.bulkheadDrill ?? []).findLast((one) => one.session === session);
  if (tap?.parsedTo === undefined || view === null) return undefined;
  return view.contains(document.activeElement) ? true : undefined;
}

/** Runs inside of the page. */
function drain(session: string): Drained | undefined {
  const views = (globalThis.bulkheadDrill ?? []).filter((tap) => tap.session === session);
  const tap = views.at(-1);
  if (tap === undefined) return undefined;
  const { notes, parsedTo, dropped } = tap;
  tap.notes = [];
  return { views: views.length, notes, parsedTo, dropped };
}

/** Runs inside of the page: all facts of the same moment. */
function lookAt(
  wish: { readonly session: string; readonly lines: number },
  parts: { readonly drain: typeof drain; readonly pictureOf: typeof pictureOf },
): { readonly drained: Drained; readonly picture: Picture } | undefined {
  const tap = (globalThis.bulkheadDrill ?? []).findLast((one) => one.session === wish.session);
  const drained = tap?.parsedTo === undefined ? undefined : parts.drain(wish.session);
  if (tap === undefined || drained === undefined) return undefined;
  return { drained, picture: parts.pictureOf(tap.terminal, wish.lines) };
}
