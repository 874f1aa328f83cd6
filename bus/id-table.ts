/**
 * A table by number for entries that come and go all the time: calls under way, open streams. A Map would do but for
 * the collector: each time it is laid out anew, its old table keeps the next one alive, and so every entry that has
 * ever been in it, until a full collection.
 */

const SLOTS_MIN = 16;
/** Slots above which an empty table is made small again. */
const SLOTS_KEPT = 1_024;
/** 2^32 divided by the golden ratio: neighbours land far from each other. */
const SPREAD = 0x9e3779b1;

/** Values by id, 1 to 2^32 - 1. */
export class IdTable<T> {
  #ids = new Uint32Array(SLOTS_MIN);
  #values: Array<T | undefined> = emptySlots(SLOTS_MIN);
  #shift = shiftFor(SLOTS_MIN);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): T | undefined {
    return this.#values[this.#slotOf(id)];
  }

  has(id: number): boolean {
    return this.#ids[this.#slotOf(id)] === id && id !== 0;
  }

  /** Puts a value in, in place of the one the id had. @throws RangeError for id 0. */
  set(id: number, value: T): void {
    if (id === 0) throw new RangeError("id 0 is not within 1 to 4294967295");
    const slot = this.#slotOf(id);
    if (this.#ids[slot] !== id) {
      this.#ids[slot] = id;
      this.#size++;
    }
    this.#values[slot] = value;
    if (this.#size * 4 > this.#ids.length * 3) this.#layOut(this.#ids.length * 2);
  }

  /** @returns whether it was there. */
  delete(id: number): boolean {
    const slot = this.#slotOf(id);
    if (id === 0 || this.#ids[slot] !== id) return false;
    this.#close(slot);
    this.#size--;
    if (this.#size === 0 && this.#ids.length > SLOTS_KEPT) this.#layOut(SLOTS_MIN);
    return true;
  }

  clear(): void {
    this.#size = 0;
    this.#layOut(SLOTS_MIN);
  }

  /** The ids of now, smallest first. */
  keys(): number[] {
    return [...this.#ids.filter((id) => id !== 0).sort()];
  }

  /** The values of now, by their ids. */
  values(): T[] {
    return this.keys().flatMap((id) => this.get(id) ?? []);
  }

  /** Where an id is, or would be: the table is never full. */
  #slotOf(id: number): number {
    const ids = this.#ids;
    const last = ids.length - 1;
    let slot = Math.imul(id, SPREAD) >>> this.#shift;
    while (ids[slot] !== id && ids[slot] !== 0) slot = (slot + 1) & last;
    return slot;
  }

  /** Empties a slot and moves up what has been put behind it for want of its own. */
  #close(hole: number): void {
    const ids = this.#ids;
    const last = ids.length - 1;
    let empty = hole;
    for (let slot = (hole + 1) & last; ; slot = (slot + 1) & last) {
      const id = ids[slot] ?? 0;
      if (id === 0) break;
      const home = Math.imul(id, SPREAD) >>> this.#shift;
      if (((slot - home) & last) < ((slot - empty) & last)) continue;
      ids[empty] = id;
      this.#values[empty] = this.#values[slot];
      empty = slot;
    }
    ids[empty] = 0;
    this.#values[empty] = undefined;
  }

  #layOut(slots: number): void {
    const [ids, values] = [this.#ids, this.#values];
    this.#ids = new Uint32Array(slots);
    this.#values = emptySlots(slots);
    this.#shift = shiftFor(slots);
    if (this.#size === 0) return;
    for (const [old, id] of ids.entries()) {
      if (id === 0) continue;
      const slot = this.#slotOf(id);
      this.#ids[slot] = id;
      this.#values[slot] = values[old];
    }
  }
}

function emptySlots<T>(slots: number): Array<T | undefined> {
  return new Array<T | undefined>(slots).fill(undefined);
}

function shiftFor(slots: number): number {
  return 32 - Math.log2(slots);
}
