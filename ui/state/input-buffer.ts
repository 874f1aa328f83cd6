/**
 * Keys on their way to a terminal. Bytes are numbered from 0 per writer; what the terminal has not acknowledged is
 * kept and sent again after a reconnect from the offset the other side names. Keys typed while it is away are
 * held for a short time; older ones are set aside and only sent when the person says so.
 *
 *   typed -> queued -> sent -> acknowledged        queued too long or too much while away -> set aside
 */

/** Bytes kept unacknowledged. */
export const UNACKED_BYTES_MAX = 64 * 1024;
/** Age at which sent bytes are no longer sent again by themselves, milliseconds. */
export const UNACKED_MS_MAX = 10_000;
/** Held keys are shown as held after this, milliseconds. */
export const HELD_SHOWN_MS = 400;
/** Held keys are set aside after this, milliseconds ... */
export const HELD_MS_MAX = 2_000;
/** ... or when there are more bytes than this. */
export const HELD_BYTES_MAX = 4 * 1024;
/** Bytes set aside; what is typed beyond is refused. */
export const ASIDE_BYTES_MAX = 64 * 1024;

interface Piece {
  readonly bytes: Uint8Array;
  readonly atMs: number;
  readonly keys: number;
}

/** What a view shows of it. */
export interface InputStanding {
  /** Bytes waiting that were typed at least HELD_SHOWN_MS ago. */
  readonly heldBytes: number;
  /** Keys set aside: "Not sent: 12 keys typed while the terminal was away." */
  readonly asideKeys: number;
}

export class InputBuffer {
  /** Offset of the first kept byte. */
  #base = 0;
  #kept: Piece[] = [];
  #keptBytes = 0;
  /** Offset up to which bytes were written to the current stream. */
  #sent = 0;
  #aside: Piece[] = [];
  #asideBytes = 0;

  /** Bytes kept and not acknowledged. */
  get keptBytes(): number {
    return this.#keptBytes;
  }

  /** Takes a key press or paste. `false`: there is no room, it was not taken. */
  push(bytes: Uint8Array, atMs: number): boolean {
    if (this.#keptBytes + bytes.byteLength > UNACKED_BYTES_MAX) return false;
    this.#kept.push({ bytes, atMs, keys: 1 });
    this.#keptBytes += bytes.byteLength;
    return true;
  }

  /** Bytes not yet written to the current stream, and marks them as written. */
  take(): Uint8Array[] {
    const pieces = this.#slicesFrom(this.#sent);
    this.#sent = this.#base + this.#keptBytes;
    return pieces;
  }

  /** All bytes before `offset` are in the terminal. @throws RangeError when that many were never typed. */
  acknowledge(offset: number): void {
    if (offset > this.#base + this.#keptBytes) {
      throw new RangeError(`acknowledged ${offset}, typed ${this.#base + this.#keptBytes}`);
    }
    while (this.#kept.length > 0 && offset > this.#base) {
      const first = this.#kept[0];
      if (first === undefined) return;
      const cut = Math.min(first.bytes.byteLength, offset - this.#base);
      this.#base += cut;
      this.#keptBytes -= cut;
      if (cut === first.bytes.byteLength) this.#kept.shift();
      else this.#kept[0] = { ...first, bytes: first.bytes.subarray(cut) };
    }
    this.#sent = Math.max(this.#sent, this.#base);
  }

  /** A new stream was accepted at `offset`: what lies behind is sent again by the next `take`. */
  resume(offset: number): void {
    this.acknowledge(offset);
    this.#sent = this.#base;
  }

  /**
   * While away: sets aside what is too old or too much.
   * @returns whether something was set aside; a new writer must be used then, because numbers were given up.
   */
  expire(nowMs: number): boolean {
    const waiting = this.#kept;
    const unsent = this.#base + this.#keptBytes - this.#sent;
    const oldest = waiting[0];
    if (oldest === undefined) return false;
    const limitMs = this.#sent > this.#base ? UNACKED_MS_MAX : HELD_MS_MAX;
    if (nowMs - oldest.atMs < limitMs && unsent <= HELD_BYTES_MAX) return false;
    this.#setAside();
    return true;
  }

  standing(nowMs: number): InputStanding {
    const held = this.#kept.filter(({ atMs }) => nowMs - atMs >= HELD_SHOWN_MS);
    return {
      heldBytes: held.reduce((sum, { bytes }) => sum + bytes.byteLength, 0),
      asideKeys: this.#aside.reduce((sum, { keys }) => sum + keys, 0),
    };
  }

  /** Everything set aside becomes newly typed. */
  sendAside(nowMs: number): void {
    const pieces = this.#aside;
    this.discardAside();
    for (const { bytes } of pieces) this.push(bytes, nowMs);
  }

  discardAside(): void {
    this.#aside = [];
    this.#asideBytes = 0;
  }

  #setAside(): void {
    for (const piece of this.#kept) {
      if (this.#asideBytes + piece.bytes.byteLength > ASIDE_BYTES_MAX) break;
      this.#aside.push(piece);
      this.#asideBytes += piece.bytes.byteLength;
    }
    this.#kept = [];
    this.#keptBytes = 0;
    this.#base = 0;
    this.#sent = 0;
  }

  #slicesFrom(offset: number): Uint8Array[] {
    const slices: Uint8Array[] = [];
    let at = this.#base;
    for (const { bytes } of this.#kept) {
      const skip = Math.min(bytes.byteLength, Math.max(0, offset - at));
      if (skip < bytes.byteLength) slices.push(bytes.subarray(skip));
      at += bytes.byteLength;
    }
    return slices;
  }
}
