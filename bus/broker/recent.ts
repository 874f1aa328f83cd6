/** The last few correlations that ended: bounded, oldest forgotten first. */
const RECENT_MAX = 512;

export class RecentIds {
  readonly #ids = new Set<number>();

  add(id: number): void {
    this.#ids.delete(id);
    this.#ids.add(id);
    if (this.#ids.size <= RECENT_MAX) return;
    const oldest = this.#ids.values().next();
    if (oldest.done !== true) this.#ids.delete(oldest.value);
  }

  has(id: number): boolean {
    return this.#ids.has(id);
  }
}
