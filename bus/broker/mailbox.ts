/**
 * What waits in the hub for one destination: two lanes in order, bounded in messages and bytes, charged to the sender.
 * A sender may hold at most half of what the others left free, so one flood cannot shut a mailbox for everybody.
 */
import type { Frame } from "../frame.ts";
import { MAILBOX_BYTES_MAX, MAILBOX_MESSAGES_MAX } from "../limits.ts";

/** One waiting frame. */
export interface Letter {
  frame: Frame;
  /** Bytes it is charged with. */
  bytes: number;
  /** Id of the peer it is charged to. */
  readonly sourceId: number;
  readonly subjectId: number;
  readonly arrivedMs: number;
  /** Absolute, infinity for none. */
  readonly endsAtMs: number;
  /** Not in the queue any more. */
  gone: boolean;
  /** Told when it leaves the queue, delivered or not. */
  onLeave: ((letter: Letter) => void) | undefined;
}

/** Bounds of a mailbox; tests use smaller ones. */
export interface MailboxBounds {
  readonly messages: number;
  readonly bytes: number;
}

export const MAILBOX_BOUNDS: MailboxBounds = {
  messages: MAILBOX_MESSAGES_MAX,
  bytes: MAILBOX_BYTES_MAX,
};

interface Charge {
  messages: number;
  bytes: number;
}

export class Mailbox {
  readonly #bounds: MailboxBounds;
  readonly #charges = new Map<number, Charge>();
  readonly #data: Lane = new Lane();
  readonly #control: Lane = new Lane();
  #messages = 0;
  #bytes = 0;

  constructor(bounds: MailboxBounds = MAILBOX_BOUNDS) {
    this.#bounds = bounds;
  }

  get messages(): number {
    return this.#messages;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether nothing of a lane waits. */
  isEmpty(lane: "data" | "control"): boolean {
    return (lane === "data" ? this.#data : this.#control).isEmpty;
  }

  /** Whether a message of `bytes` from `sourceId` fits. The first of a sender always does while the whole is not full. */
  hasRoom(sourceId: number, bytes: number): boolean {
    const charge = this.#charges.get(sourceId);
    const ownMessages = charge?.messages ?? 0;
    const ownBytes = charge?.bytes ?? 0;
    if (this.isFull) return false;
    if (ownMessages === 0) return true;
    const messagesShare = (this.#bounds.messages - (this.#messages - ownMessages)) / 2;
    const bytesShare = (this.#bounds.bytes - (this.#bytes - ownBytes)) / 2;
    return ownMessages + 1 <= messagesShare && ownBytes + bytes <= bytesShare;
  }

  /** Whether a bound of the whole is reached. */
  get isFull(): boolean {
    return this.#messages >= this.#bounds.messages || this.#bytes >= this.#bounds.bytes;
  }

  /** Whether less than a quarter of the bounds is used. */
  get isNearlyEmpty(): boolean {
    return this.#messages * 4 <= this.#bounds.messages && this.#bytes * 4 <= this.#bounds.bytes;
  }

  /** Whether a message of `bytes` fits, whoever sends it. The first always does. */
  hasAnyRoom(bytes: number): boolean {
    if (this.#messages === 0) return true;
    return this.#messages < this.#bounds.messages && this.#bytes + bytes <= this.#bounds.bytes;
  }

  /** Whether a sender that was stopped may go on: under a quarter of the bounds is its own. */
  hasDrained(sourceId: number): boolean {
    const charge = this.#charges.get(sourceId);
    if (charge === undefined) return true;
    return charge.bytes * 4 <= this.#bounds.bytes && charge.messages * 4 <= this.#bounds.messages;
  }

  /** Puts a letter at the end of its lane, without asking for room. */
  put(letter: Letter): void {
    (letter.frame.control ? this.#control : this.#data).push(letter);
    const charge = this.#charges.get(letter.sourceId);
    if (charge === undefined)
      this.#charges.set(letter.sourceId, { messages: 1, bytes: letter.bytes });
    else {
      charge.messages++;
      charge.bytes += letter.bytes;
    }
    this.#messages++;
    this.#bytes += letter.bytes;
  }

  /** Takes the next letter: the control lane first, the data lane only if it may go. */
  take(lanes: "all" | "control"): Letter | undefined {
    const letter = this.#control.shift() ?? (lanes === "all" ? this.#data.shift() : undefined);
    if (letter === undefined) return undefined;
    letter.gone = true;
    this.#left(letter);
    return letter;
  }

  /** Takes a letter out of the middle; its place is skipped later. */
  remove(letter: Letter): void {
    if (letter.gone) return;
    letter.gone = true;
    (letter.frame.control ? this.#control : this.#data).skipLater();
    this.#left(letter);
  }

  /** Puts another frame in a letter's place, keeping its turn. */
  replace(letter: Letter, frame: Frame): void {
    const charge = this.#charges.get(letter.sourceId);
    const grown = frame.length - letter.bytes;
    if (charge !== undefined) charge.bytes += grown;
    this.#bytes += grown;
    letter.frame = frame;
    letter.bytes = frame.length;
  }

  /** Waiting letters, oldest first, the control lane before the other. */
  *letters(): IterableIterator<Letter> {
    yield* this.#control.letters();
    yield* this.#data.letters();
  }

  #left(letter: Letter): void {
    const charge = this.#charges.get(letter.sourceId);
    this.#messages--;
    this.#bytes -= letter.bytes;
    if (charge !== undefined) {
      charge.messages--;
      charge.bytes -= letter.bytes;
      if (charge.messages === 0) this.#charges.delete(letter.sourceId);
    }
    letter.onLeave?.(letter);
  }
}

/** A queue whose front is an index: shift is cheap, and removed letters stay as holes until their turn. */
class Lane {
  #items: Letter[] = [];
  #front = 0;
  #holes = 0;

  get isEmpty(): boolean {
    return this.#items.length - this.#front === this.#holes;
  }

  push(letter: Letter): void {
    this.#items.push(letter);
  }

  skipLater(): void {
    this.#holes++;
    // More holes than letters would keep frames alive that nobody will ever send.
    if (this.#holes > 64 && this.#holes * 2 > this.#items.length - this.#front) this.#compact();
  }

  shift(): Letter | undefined {
    while (this.#front < this.#items.length) {
      const letter = this.#items[this.#front];
      this.#front++;
      if (this.#front > 1024 && this.#front * 2 > this.#items.length) this.#compact();
      if (letter === undefined) break;
      if (!letter.gone) return letter;
      this.#holes--;
    }
    this.#items.length = 0;
    this.#front = 0;
    this.#holes = 0;
    return undefined;
  }

  *letters(): IterableIterator<Letter> {
    for (let index = this.#front; index < this.#items.length; index++) {
      const letter = this.#items[index];
      if (letter !== undefined && !letter.gone) yield letter;
    }
  }

  #compact(): void {
    this.#items = this.#items.slice(this.#front).filter((letter) => !letter.gone);
    this.#front = 0;
    this.#holes = 0;
  }
}
