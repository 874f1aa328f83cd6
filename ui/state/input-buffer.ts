/**
 * Keys on their way to a terminal. Bytes are numbered from 0 as they are given to a stream; what the terminal has not
 * acknowledged is kept and given again to the next stream from the offset it names. Keys typed while it is away are held
 * for a short time; older ones are set aside and only sent when the person says so.
 *
 *   typed -> waiting -> given -> acknowledged
 *              |          `-> set aside only when the terminal has told that they did not arrive
 *              `-> set aside when away too long or too much
 */

/** Bytes kept unacknowledged. */
export const UNACKED_BYTES_MAX = 64 * 1024;
/** Age at which given bytes, or bytes that were to be sent, are set aside instead of sent late, milliseconds. */
export const UNACKED_MS_MAX = 10_000;
/** Held keys are shown as held after this, milliseconds. */
export const HELD_SHOWN_MS = 400;
/** Held keys are set aside after this, milliseconds ... */
export const HELD_MS_MAX = 2_000;
/** ... or when there are more bytes than this. */
export const HELD_BYTES_MAX = 4 * 1024;
/** Bytes kept and set aside together; what is typed beyond is refused. */
export const INPUT_BYTES_MAX = 128 * 1024;

const ESCAPE = 0x1b;

interface Piece {
  readonly bytes: Uint8Array;
  readonly atMs: number;
  /** Counts pieces as they were typed. */
  readonly turn: number;
  /** The person said that it is to be sent. */
  readonly isAsked: boolean;
}

/** How far the bytes of this writer have got, as the terminal tells when a stream is accepted. */
export interface Arrived {
  /** Bytes the program can read. */
  readonly written: number;
  /** Those and what waits to be written; undefined where nobody knows it. */
  readonly received: number | undefined;
}

/** What a view shows of it. */
export interface InputStanding {
  /** Bytes not acknowledged that were typed at least HELD_SHOWN_MS ago. */
  readonly heldBytes: number;
  /** Keys set aside: "Not sent: 12 keys typed while the terminal was away." */
  readonly asideKeys: number;
  /** False when the terminal could not tell whether some of them arrived. */
  readonly isAsideCertain: boolean;
}

export const NOTHING_HELD: InputStanding = { heldBytes: 0, asideKeys: 0, isAsideCertain: true };

export class InputBuffer {
  /** Offset of the first given byte that is kept. */
  #base = 0;
  #given: Piece[] = [];
  /** Offset up to which bytes were given to the current stream. */
  #sent = 0;
  #waiting: Piece[] = [];
  #aside: Piece[] = [];
  #isAsideCertain = true;
  /** Since the terminal went away something was set aside: what is typed after it must not pass it. */
  #hasGivenUp = false;
  #turns = 0;

  /** Bytes kept and not acknowledged. */
  get keptBytes(): number {
    return sizeOf(this.#given) + sizeOf(this.#waiting);
  }

  /** Takes a key press or paste. `false`: there is no room, it was not taken. */
  push(bytes: Uint8Array, atMs: number): boolean {
    return this.#push({ bytes, atMs, isAsked: false });
  }

  /** Bytes not yet given to the current stream, and marks them as given. */
  take(): Uint8Array[] {
    const [, again] = splitAt(this.#given, this.#sent - this.#base);
    const pieces = [...again, ...this.#waiting];
    this.#given.push(...this.#waiting);
    this.#waiting = [];
    this.#sent = this.#base + sizeOf(this.#given);
    return pieces.map(({ bytes }) => bytes);
  }

  /** Encodes anew what was typed and never given out, set aside or not. `encode` keeps the length of each press. */
  encodeAnew(encode: (bytes: Uint8Array) => Uint8Array): void {
    const anew = (piece: Piece): Piece => ({ ...piece, bytes: encode(piece.bytes) });
    this.#waiting = this.#waiting.map(anew);
    this.#aside = this.#aside.map(anew);
  }

  /** All bytes before `offset` are in the terminal. @throws RangeError when that many were never given. */
  acknowledge(offset: number): void {
    const end = this.#base + sizeOf(this.#given);
    if (offset > end) throw new RangeError(`acknowledged ${offset}, given ${end}`);
    if (offset <= this.#base) return;
    [, this.#given] = splitAt(this.#given, offset - this.#base);
    this.#base = offset;
    this.#sent = Math.max(this.#sent, offset);
  }

  /** A new stream was accepted: what has not arrived is given again by the next `take`, or set aside when too old. */
  resume({ written, received }: Arrived, nowMs: number): void {
    this.expire(nowMs);
    if (written < this.#base) this.#startAnew(written);
    this.acknowledge(written);
    this.#sent = this.#base;
    const queued = (received ?? Number.POSITIVE_INFINITY) - this.#base;
    const [known, lost] = splitAt(this.#given, queued);
    const oldest = lost[0];
    if (oldest !== undefined && nowMs - oldest.atMs >= UNACKED_MS_MAX) {
      this.#given = known;
      this.#setAside(lost);
      this.#setAside(this.#waiting);
      this.#waiting = [];
    }
    this.#hasGivenUp = false;
  }

  /** While away: sets aside what waits for too long or is too much. What was given stays until its fate is known. */
  expire(nowMs: number): void {
    if (this.#waiting.length === 0) return;
    const isLate = ({ atMs, isAsked }: Piece) =>
      nowMs - atMs >= (isAsked ? UNACKED_MS_MAX : HELD_MS_MAX);
    const typed = this.#waiting.filter(({ isAsked }) => !isAsked);
    const isTooMuch = sizeOf(typed) > HELD_BYTES_MAX;
    if (!isTooMuch && !this.#hasGivenUp && !this.#waiting.some(isLate)) return;
    this.#hasGivenUp = true;
    this.#setAside(this.#waiting);
    this.#waiting = [];
  }

  standing(nowMs: number): InputStanding {
    const isOld = ({ atMs }: Piece) => nowMs - atMs >= HELD_SHOWN_MS;
    return {
      heldBytes: sizeOf(this.#given.filter(isOld)) + sizeOf(this.#waiting.filter(isOld)),
      asideKeys: this.#aside.reduce((sum, { bytes }) => sum + keysIn(bytes), 0),
      isAsideCertain: this.#isAsideCertain,
    };
  }

  /** Everything set aside is to be sent, now or when the terminal is back; what there is no room for stays. */
  sendAside(nowMs: number): void {
    const pieces = this.#aside;
    this.#aside = [];
    this.#hasGivenUp = false;
    const refused = pieces.findIndex(
      ({ bytes }) => !this.#push({ bytes, atMs: nowMs, isAsked: true }),
    );
    if (refused < 0) this.discardAside();
    else this.#aside = pieces.slice(refused);
  }

  discardAside(): void {
    this.#hasGivenUp = false;
    this.#aside = [];
    this.#isAsideCertain = true;
  }

  /** The shell is over: there is nothing left to type into. */
  clear(): void {
    this.#given = [];
    this.#waiting = [];
    this.discardAside();
  }

  #push(typed: Omit<Piece, "turn">): boolean {
    const kept = this.keptBytes + typed.bytes.byteLength;
    if (kept > UNACKED_BYTES_MAX || kept + sizeOf(this.#aside) > INPUT_BYTES_MAX) return false;
    this.#waiting.push({ ...typed, turn: this.#turns });
    this.#turns += 1;
    return true;
  }

  /** The terminal has forgotten this writer and counts it from `offset`: nobody can tell what arrived. */
  #startAnew(offset: number): void {
    if (this.#given.length > 0) this.#isAsideCertain = false;
    this.#setAside(this.#given);
    this.#given = [];
    this.#base = offset;
  }

  #setAside(pieces: readonly Piece[]): void {
    this.#aside = [...this.#aside, ...pieces].sort((a, b) => a.turn - b.turn);
  }
}

function sizeOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
}

/** The first `count` bytes, and the rest. */
function splitAt(pieces: readonly Piece[], count: number): [Piece[], Piece[]] {
  const before: Piece[] = [];
  const after: Piece[] = [];
  let left = count;
  for (const piece of pieces) {
    const { bytes } = piece;
    const cut = Math.max(0, Math.min(bytes.byteLength, left));
    if (cut > 0) before.push({ ...piece, bytes: bytes.subarray(0, cut) });
    if (cut < bytes.byteLength) after.push({ ...piece, bytes: bytes.subarray(cut) });
    left -= bytes.byteLength;
  }
  return [before, after];
}

/** An escape sequence or bracketed paste is one key; other text counts by its characters. */
function keysIn(bytes: Uint8Array): number {
  if (bytes[0] === ESCAPE) return 1;
  // Bytes 10xxxxxx go on with a character of UTF-8.
  return bytes.reduce((count, byte) => count + (byte >> 6 === 0b10 ? 0 : 1), 0);
}
