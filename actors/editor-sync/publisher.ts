/** Tells of changes, but not of each: at most every so often, and always of the last one. */
import type { Clock } from "../../bus/clock.ts";

/** Least time between two tellings, milliseconds. */
const PAUSE_MS = 200;

export class Publisher {
  readonly #clock: Clock;
  readonly #publish: () => void;
  #isDue = false;

  constructor(clock: Clock, publish: () => void) {
    this.#clock = clock;
    this.#publish = publish;
  }

  changed(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.setTimer(PAUSE_MS, () => {
      this.#isDue = false;
      this.#publish();
    });
  }
}
