/** The last updates of a document, down to a floor: what late pushes are rebased over, and what resuming clients miss. */
import type { Update } from "./update.ts";

/** Most updates kept. */
export const HISTORY_COUNT_MAX = 10_000;
/** Most bytes of their changesets as JSON. */
export const HISTORY_BYTES_MAX = 8 * 1024 * 1024;

/** Bounds, smaller in tests. */
export interface HistoryBounds {
  readonly countMax: number;
  readonly bytesMax: number;
}

export class History {
  readonly #bounds: HistoryBounds;
  /** The first of them led from `floor` to `floor + 1`. */
  #updates: Update[] = [];
  #floor: number;
  #bytes = 0;

  constructor(
    version: number,
    bounds: HistoryBounds = { countMax: HISTORY_COUNT_MAX, bytesMax: HISTORY_BYTES_MAX },
  ) {
    this.#floor = version;
    this.#bounds = bounds;
  }

  /** The lowest version updates can be told from. */
  get floor(): number {
    return this.#floor;
  }

  /** The version after the last update. */
  get version(): number {
    return this.#floor + this.#updates.length;
  }

  add(update: Update): void {
    this.#updates.push(update);
    this.#bytes += update.json.length;
    const { countMax, bytesMax } = this.#bounds;
    if (this.#updates.length <= countMax && this.#bytes <= bytesMax) return;
    // A quarter at once, so that not every update shifts them all.
    while (
      this.#updates.length > (countMax * 3) / 4 ||
      (this.#bytes > (bytesMax * 3) / 4 && this.#updates.length > 1)
    ) {
      this.#drop(1 + (this.#updates.length >>> 4));
    }
  }

  /** Updates after `version`; undefined when some of them are not kept any more, or it has not been yet. */
  since(version: number): readonly Update[] | undefined {
    if (version < this.#floor || version > this.version) return undefined;
    return version === this.version ? [] : this.#updates.slice(version - this.#floor);
  }

  /** Lets go of what is below the last `keep` updates. */
  shorten(keep: number): void {
    if (this.#updates.length > keep) this.#drop(this.#updates.length - keep);
  }

  #drop(count: number): void {
    const gone = this.#updates.slice(0, count);
    this.#updates = this.#updates.slice(count);
    this.#floor += gone.length;
    for (const { json } of gone) this.#bytes -= json.length;
  }
}
