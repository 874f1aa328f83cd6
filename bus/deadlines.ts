/** Many deadlines on one timer: adding and removing is cheap, firing is at most DEADLINE_STEP_MS late. */
import type { Clock } from "./clock.ts";

/** Deadlines are rounded up to this, milliseconds. */
export const DEADLINE_STEP_MS = 4;

/** Something that ends at a time. Waits in one set of deadlines at a time. */
export interface Deadline {
  expire(): void;
  /** Step it waits in; written by Deadlines only. */
  step: number;
}

/** A deadline that is nothing but a function. */
export class Timeout implements Deadline {
  step = 0;
  readonly expire: () => void;

  constructor(expire: () => void) {
    this.expire = expire;
  }
}

/** A set of deadlines. `clear` takes the timer back. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #steps = new Map<number, Set<Deadline>>();
  #timer: (() => void) | undefined;
  #timerStep = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets `deadline` expire once when `ms` have passed. */
  add(ms: number, deadline: Deadline): void {
    const step = Math.ceil((this.#clock.now() + ms) / DEADLINE_STEP_MS);
    deadline.step = step;
    const waiting = this.#steps.get(step);
    if (waiting === undefined) this.#steps.set(step, new Set([deadline]));
    else waiting.add(deadline);
    if (step < this.#timerStep) this.#arm(step);
  }

  /** Takes a deadline back. Harmless when it has passed. */
  remove(deadline: Deadline): void {
    const waiting = this.#steps.get(deadline.step);
    if (waiting === undefined) return;
    waiting.delete(deadline);
    // The timer's own step stays: an idle timer costs less than arming it again for each call.
    if (waiting.size === 0 && deadline.step !== this.#timerStep) this.#steps.delete(deadline.step);
  }

  /** Forgets all without calling them. */
  clear(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#timerStep = Number.POSITIVE_INFINITY;
    this.#steps.clear();
  }

  #arm(step: number): void {
    this.#timer?.();
    this.#timerStep = step;
    const waitMs = Math.max(0, step * DEADLINE_STEP_MS - this.#clock.now());
    this.#timer = this.#clock.setTimer(waitMs, () => this.#fire());
  }

  #fire(): void {
    this.#timer = undefined;
    this.#timerStep = Number.POSITIVE_INFINITY;
    const nowStep = Math.floor(this.#clock.now() / DEADLINE_STEP_MS);
    const due: Deadline[] = [];
    let next = Number.POSITIVE_INFINITY;
    for (const [step, waiting] of this.#steps) {
      if (step <= nowStep) {
        this.#steps.delete(step);
        due.push(...waiting);
      } else if (waiting.size === 0) {
        this.#steps.delete(step);
      } else if (step < next) {
        next = step;
      }
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
    for (const deadline of due) deadline.expire();
  }
}
