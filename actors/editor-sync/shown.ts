/** Which files are shown, for those who wait until one is closed again. */
import type { Clock } from "../../bus/clock.ts";

/** A view that vanished without closing has this long to come back, milliseconds. */
export const COME_BACK_MS = 10_000;

/** What a waiter is told. */
export type Shown = "pending" | "open" | "closed";

interface Place {
  views: number;
  /** When the last view vanished without closing; undefined: it closed, or views are there. */
  vanishedMs: number | undefined;
}

/** Paths remembered after their last view went. */
const PLACES_MAX = 1_000;

export class ShownFiles {
  readonly #clock: Clock;
  readonly #places = new Map<string, Place>();
  readonly #waiting = new Set<() => void>();
  /** Before this time a file that was open may still be attached again: this process has just started. */
  readonly #settledMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#settledMs = clock.now() + COME_BACK_MS;
  }

  came(path: string): void {
    const place = this.#places.get(path) ?? { views: 0, vanishedMs: undefined };
    place.views++;
    place.vanishedMs = undefined;
    this.#places.delete(path);
    this.#places.set(path, place);
    for (const oldest of this.#places.keys()) {
      if (this.#places.size <= PLACES_MAX) break;
      this.#places.delete(oldest);
    }
    this.#wake();
  }

  went(path: string, how: "closed" | "vanished"): void {
    const place = this.#places.get(path);
    if (place === undefined) return;
    place.views = Math.max(0, place.views - 1);
    if (how === "vanished") place.vanishedMs = this.#clock.now();
    this.#wake();
  }

  /** The state of a file for one who has `seen` it so. */
  state(path: string, seen: "pending" | "open"): Shown {
    const place = this.#places.get(path);
    if (place !== undefined && place.views > 0) return "open";
    if (seen === "pending") return "pending";
    return this.#comesBackMs(place) > 0 ? "open" : "closed";
  }

  /** Resolves with the state when it is another than `seen`, or when the time is over. */
  async wait(
    path: string,
    seen: "pending" | "open",
    { timeoutMs, signal }: { timeoutMs: number; signal: AbortSignal },
  ): Promise<Shown> {
    const endsMs = this.#clock.now() + timeoutMs;
    for (;;) {
      const state = this.state(path, seen);
      const leftMs = endsMs - this.#clock.now();
      if (state !== seen || leftMs <= 0 || signal.aborted) return state;
      const againMs = this.#comesBackMs(this.#places.get(path));
      await this.#next(againMs > 0 ? Math.min(leftMs, againMs) : leftMs, signal);
    }
  }

  #comesBackMs(place: Place | undefined): number {
    const now = this.#clock.now();
    if (place === undefined) return Math.max(0, this.#settledMs - now);
    if (place.views > 0 || place.vanishedMs === undefined) return 0;
    return Math.max(0, place.vanishedMs + COME_BACK_MS - now);
  }

  #next(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        cancel();
        this.#waiting.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const cancel = this.#clock.setTimer(ms, done);
      this.#waiting.add(done);
      signal.addEventListener("abort", done, { once: true });
    });
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}
