/**
 * Gigabytes through one terminal to a view over the bus, every byte checked by its offset. Beyond the first half, which
 * lies beyond 4 GiB in a full run, further views come from an offset and from the screen, and the actor is killed.
 */
import { basename } from "node:path";
import * as terminal from "../../../bus/contracts/terminal.ts";
import { isBusError } from "../../../bus/errors.ts";
import type { BusStream } from "../../../bus/peer.ts";
import { eventually } from "../../window/harness/processes.ts";
import { census } from "./census.ts";
import { isPattern, lineBefore } from "./pattern.ts";
import { type Served, withServed } from "./served.ts";
import type { Soak, SoakResult } from "./soak.ts";

const GB = 1_000_000_000;
const WINDOW_BYTES = 128 * 1024;
/** How far before the newest byte a further view begins, and how much it reads. */
const RESUME_BYTES = 32 * 1024;
const FURTHER_BYTES = 1024 * 1024;
/** A further view is hidden, so that it never leads the main one; it may be left behind, but not this often. */
const BEHIND_MAX = 5;
/** Looks of words are this many bytes apart. */
const WORDS_EVERY = GB;
/** What the main view takes for a chunk while others look or the kill is near: nobody is left behind until the end. */
const SLOW_MS = 20;

export const farOffsets: Soak = {
  name: "far-offsets",
  what: "10 GB through one terminal arrive whole, and offsets beyond 4 GiB are right",
  count: 10,
  unit: "GB",
  run: ({ count, report }) => pourThrough({ bytes: count * GB, firstOffset: 0, report }),
};

/** What is poured. */
export interface Pour {
  readonly bytes: number;
  /** Absolute offset of the first byte; other than 0 by a door of the keeper for tests. */
  readonly firstOffset: number;
  readonly report: (line: string) => void;
}

/** Pours and checks. */
export function pourThrough(pour: Pour): Promise<SoakResult> {
  const env = { BULKHEAD_KEEPER_FIRST_OFFSET: `${pour.firstOffset}` };
  return withServed(async (served) => {
    const script = `stty -opost; exec ${process.execPath} ${import.meta.dirname}/pour.ts ${pour.bytes}`;
    const session = await served.peer.request(terminal.create, {
      ...{ argv: ["/bin/sh", "-c", script], cwd: "", env: {}, name: basename(script) },
      ...{ cols: 100, rows: 30 },
    });
    const run = new PourRun(served, session.id, pour);
    const startedMs = performance.now();
    await run.whole();
    const seconds = (performance.now() - startedMs) / 1_000;
    pour.report(`${run.read} bytes in ${seconds.toFixed(1)} s`);
    const figures = {
      bytes: run.read,
      lastOffset: pour.firstOffset + run.read,
      megabytesPerSecond: run.read / seconds / 1e6,
      attachedAgain: run.attachedAgain,
    };
    return { figures, failures: run.failures };
  }, env);
}

type Shown = BusStream<{ offset: number; restoreBytes: number; gapBytes: number }>;

class PourRun {
  readonly failures: string[] = [];
  /** Bytes the main view has read and checked. */
  read = 0;
  attachedAgain = 0;
  readonly #served: Served;
  readonly #session: string;
  readonly #pour: Pour;
  #pace: "full" | "slow" = "full";

  constructor(served: Served, session: string, pour: Pour) {
    this.#served = served;
    this.#session = session;
    this.#pour = pour;
  }

  /** Reads from the first byte to the exit; attaches again at its own offset when the actor is gone. */
  async whole(): Promise<void> {
    const beyond = this.#beyond();
    for (;;) {
      const stream = await this.#attach(this.#pour.firstOffset + this.read, "visible");
      const { gapBytes } = stream.accepted;
      if (gapBytes > 0) this.failures.push(`${gapBytes} bytes lost at ${this.read}`);
      stream.onChunk((chunk) => this.#take(stream, chunk));
      const exit = await stream.done.catch((error: unknown) => {
        if (!isBusError(error) || isBusError(error, terminal.TerminalCode.viewBehind)) throw error;
      });
      if (exit !== undefined) break;
      this.attachedAgain += 1;
    }
    await beyond;
    const { bytes } = this.#pour;
    if (this.read !== bytes) this.failures.push(`${this.read} bytes came, ${bytes} were written`);
    if (this.attachedAgain !== 1) this.failures.push(`attached again ${this.attachedAgain} times`);
  }

  #take(stream: Shown, chunk: Uint8Array): void {
    if (!isPattern(chunk, this.read) && this.failures.length < 5)
      this.failures.push(`wrong bytes within ${chunk.length} from ${this.read} on`);
    const before = this.read;
    this.read += chunk.length;
    if (Math.floor(before / WORDS_EVERY) !== Math.floor(this.read / WORDS_EVERY))
      this.#pour.report(`${(this.read / GB).toFixed(0)} GB`);
    if (this.#pace === "slow") setTimeout(() => stream.consumed(chunk.length), SLOW_MS);
    else stream.consumed(chunk.length);
  }

  /** Past the middle: views from an offset and from the screen, then the actor's death, then both again. */
  async #beyond(): Promise<void> {
    await this.#past(0.5);
    this.#pace = "slow";
    await this.#further();
    const actor = census(this.#served.marker).find(({ role }) => role === "terminal");
    if (actor === undefined) throw new Error("no terminal actor is to be seen");
    process.kill(actor.pid, "SIGKILL");
    await eventually("the view is attached again", () => this.attachedAgain > 0 || undefined);
    this.#pace = "full";
    await this.#past(0.75);
    this.#pace = "slow";
    await this.#further();
    this.#pace = "full";
  }

  async #past(share: number): Promise<void> {
    while (this.read < share * this.#pour.bytes && this.failures.length === 0)
      await new Promise((wake) => setTimeout(wake, 5));
  }

  async #further(): Promise<void> {
    const { firstOffset } = this.#pour;
    await this.#readOn(() => firstOffset + this.read - RESUME_BYTES, "an offset");
    await this.#readOn(() => "screen", "the screen");
  }

  async #readOn(from: () => number | "screen", words: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.#readOnce(from(), words);
      } catch (error) {
        const isBehind = isBusError(error, terminal.TerminalCode.viewBehind);
        if (!isBehind || attempt >= BEHIND_MAX) throw error;
      }
    }
  }

  /** A further view: what comes is what stands at the offset it was told. */
  async #readOnce(from: number | "screen", words: string): Promise<void> {
    const stream = await this.#attach(from, "hidden");
    const { offset, restoreBytes } = stream.accepted;
    if (from !== "screen" && offset !== from)
      this.failures.push(`attached at ${offset}, not at ${from}`);
    let restore = Buffer.alloc(0);
    let at = offset - this.#pour.firstOffset;
    const begin = at;
    for await (const chunk of stream) {
      const part = Math.min(restoreBytes - restore.length, chunk.length);
      restore = Buffer.concat([restore, chunk.subarray(0, part)]);
      const output = chunk.subarray(part);
      if (!isPattern(output, at)) this.failures.push(`wrong bytes at ${at} from ${words}`);
      at += output.length;
      if (at - begin >= FURTHER_BYTES || this.failures.length > 0) break;
    }
    if (from === "screen" && !restore.includes(lineBefore(begin)))
      this.failures.push(`the screen at ${offset} lacks the line before it`);
    this.#pour.report(`from ${words}: right from ${offset} on`);
  }

  async #attach(from: number | "screen", sight: "visible" | "hidden"): Promise<Shown> {
    const visible = sight === "visible";
    const input = { session: this.#session, from, cols: 100, rows: 30, visible };
    const stream = await this.#served.peer.open(terminal.attach, input, {
      windowBytes: WINDOW_BYTES,
    });
    stream.end();
    return stream;
  }
}
