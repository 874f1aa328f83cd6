/** Dead letters on the topic `hub.dead`: at most DEAD_LETTERS_PER_SECOND, the rest is counted. */
import type { Clock } from "../clock.ts";
import type { DeadLetter } from "../protocol.ts";

/** Published each second at most. */
export const DEAD_LETTERS_PER_SECOND = 200;

export class DeadLetters {
  readonly #clock: Clock;
  readonly #publish: (letter: DeadLetter & { suppressed: number }) => void;
  #second = 0;
  #count = 0;
  #suppressed = 0;

  constructor(clock: Clock, publish: (letter: DeadLetter & { suppressed: number }) => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  /** Publishes or counts a letter. Letters about `hub.dead` itself would feed themselves and are left out. */
  add(letter: DeadLetter): void {
    if (letter.subject === "hub.dead") return;
    const second = Math.floor(this.#clock.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#count = 0;
    }
    this.#count++;
    if (this.#count > DEAD_LETTERS_PER_SECOND) {
      this.#suppressed++;
      return;
    }
    const suppressed = this.#suppressed;
    this.#suppressed = 0;
    this.#publish({ ...letter, suppressed });
  }
}
