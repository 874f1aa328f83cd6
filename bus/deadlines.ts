/**
 * Many deadlines on one timer: adding and removing allocates nothing, firing is at most DEADLINE_STEP_MS late.
 * Deadlines of one step hang on each other in a ring around the step's bucket.
 */
import type { Clock } from "./clock.ts";

/** Deadlines are rounded up to this, milliseconds. */
export const DEADLINE_STEP_MS = 4;

/** Something that ends at a time. Waits in one set of deadlines at a time; only `Deadlines` writes the links. */
export abstract class Deadline {
  before: Deadline | undefined;
  after: Deadline | undefined;
  abstract expire(): void;
}

/** A deadline that is nothing but a function. */
export class Timeout extends Deadline {
  readonly #fire: () => void;

  constructor(fire: () => void) {
    super();
    this.#fire = fire;
  }

  override expire(): void {
    this.#fire();
  }
}

/** The deadlines of one step: itself the head of their ring. */
class Bucket extends Deadline {
  constructor() {
    super();
    this.before = this;
    this.after = this;
  }

  override expire(): void {}

  get isEmpty(): boolean {
    return this.after === this;
  }

  push(deadline: Deadline): void {
    const last = this.before ?? this;
    deadline.before = last;
    deadline.after = this;
    last.after = deadline;
    this.before = deadline;
  }
}

/** A set of deadlines. `clear` takes the timer back. */
export class Deadlines {
  readonly #clock: Clock;
  readonly #buckets = new Map<number, Bucket>();
  #timer: (() => void) | undefined;
  #timerStep = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Lets `deadline` expire once when `ms` have passed. */
  add(ms: number, deadline: Deadline): void {
    const step = Math.ceil((this.#clock.now() + ms) / DEADLINE_STEP_MS);
    let bucket = this.#buckets.get(step);
    if (bucket === undefined) {
      bucket = new Bucket();
      this.#buckets.set(step, bucket);
    }
    bucket.push(deadline);
    if (step < this.#timerStep) this.#arm(step);
  }

  /** Takes a deadline back. Harmless when it has passed. */
  remove(deadline: Deadline): void {
    const { before, after } = deadline;
    if (before === undefined || after === undefined) return;
    before.after = after;
    after.before = before;
    deadline.before = undefined;
    deadline.after = undefined;
  }

  /** Forgets all without calling them. */
  clear(): void {
    this.#timer?.();
    this.#timer = undefined;
    this.#timerStep = Number.POSITIVE_INFINITY;
    this.#buckets.clear();
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
    const due = this.#takeDue(nowStep);
    this.#armNext(nowStep);
    for (const deadline of due) deadline.expire();
  }

  #takeDue(nowStep: number): Deadline[] {
    const due: Deadline[] = [];
    for (const [step, bucket] of this.#buckets) {
      if (step > nowStep) continue;
      this.#buckets.delete(step);
      for (let next = bucket.after; next !== undefined && next !== bucket; next = bucket.after) {
        this.remove(next);
        due.push(next);
      }
    }
    return due;
  }

  /** Empty buckets are swept only here: an idle one costs less than looking for it at every answer. */
  #armNext(nowStep: number): void {
    let next = Number.POSITIVE_INFINITY;
    for (const [step, bucket] of this.#buckets) {
      if (bucket.isEmpty && step > nowStep) this.#buckets.delete(step);
      else if (step < next) next = step;
    }
    if (next !== Number.POSITIVE_INFINITY) this.#arm(next);
  }
}
