/** The last few correlations that ended: bounded, oldest overwritten. Asked rarely, written for every call. */
const RECENT_MAX = 256;

export class RecentIds {
  readonly #ids = new Uint32Array(RECENT_MAX);
  #next = 0;

  /** @param id not 0. */
  add(id: number): void {
    this.#ids[this.#next] = id;
    this.#next = (this.#next + 1) % RECENT_MAX;
  }

  has(id: number): boolean {
    return id !== 0 && this.#ids.includes(id);
  }
}
