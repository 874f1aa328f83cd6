/** Where texts are compared and merged: small ones at once, large ones in a worker, so that no key waits for them. */
import { join } from "node:path";
import type { Piscina } from "piscina";
import type { Clock } from "../../bus/clock.ts";
import { type Comparison, compareTexts } from "./compare-texts.ts";
import { untilMs } from "./line-diff.ts";
import { type Merged, type MergeInput, merge } from "./merge.ts";
import type { Work } from "./work.ts";

/** Texts up to this long together are worked on at once, UTF-16 units. */
const INLINE_UNITS_MAX = 128 * 1024;
/** Time for a piece of work done at once; beyond it the result is coarser, milliseconds. */
const INLINE_MS = 20;
/** An idle worker ends after this time, milliseconds. */
const IDLE_MS = 60_000;

export class Merger {
  readonly #clock: Clock;
  readonly #workerFile: string;
  #pool: Promise<Piscina> | undefined;

  /** @param workerFile the module that exports `work` */
  constructor(clock: Clock, workerFile: string = besideThis()) {
    this.#clock = clock;
    this.#workerFile = workerFile;
  }

  async merge(input: MergeInput): Promise<Merged> {
    const units = input.base.length + (input.ours?.length ?? 0) + input.theirs.length;
    if (units <= INLINE_UNITS_MAX) return merge(input, this.#soon());
    return (await this.#inWorker({ kind: "merge", input })) as Merged;
  }

  async compare(old: string, fresh: string): Promise<Comparison> {
    if (old.length + fresh.length <= INLINE_UNITS_MAX) {
      return compareTexts(old, fresh, this.#soon());
    }
    return (await this.#inWorker({ kind: "compare", old, fresh })) as Comparison;
  }

  /** Ends the worker, if there is one. */
  async close(): Promise<void> {
    const pool = this.#pool;
    this.#pool = undefined;
    await (await pool)?.destroy();
  }

  #soon() {
    return untilMs(this.#clock.now() + INLINE_MS, () => this.#clock.now());
  }

  async #inWorker(work: Work): Promise<unknown> {
    this.#pool ??= startPool(this.#workerFile);
    return (await this.#pool).run(work);
  }
}

/** Loaded with the first large text: an actor without one keeps its memory. */
async function startPool(filename: string): Promise<Piscina> {
  const { Piscina } = await import("piscina");
  const sizes = { minThreads: 0, maxThreads: 1, concurrentTasksPerWorker: 1 };
  return new Piscina({ filename, name: "work", ...sizes, idleTimeout: IDLE_MS });
}

function besideThis(): string {
  return join(import.meta.dirname, "editor-sync-worker.mjs");
}
