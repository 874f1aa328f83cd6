/** What the page asks the traffic worker. Every call is answered; only `feed` may take long, while paused. */
import type { FilterMistake } from "../../bus/filter/index.ts";
import type { FoldOrigin } from "../state/traffic-fold.ts";
import type { Sort, TrafficRow } from "../state/traffic-row.ts";
import type {
  Look,
  LookRequest,
  Seen,
  TrafficChoice,
  TrafficStore,
} from "../state/traffic-store.ts";

export class TrafficDesk {
  readonly #store: TrafficStore;
  #resume: () => void = () => undefined;
  #mayGoOn: Promise<void> = Promise.resolve();

  constructor(store: TrafficStore) {
    this.#store = store;
  }

  /** A tap was opened. */
  begin(origin: FoldOrigin, own: string): void {
    this.#store.begin(origin, own, Date.now());
  }

  /**
   * Takes bytes of the tap; resolves when they are folded, which is when credit for them is due. While the list is
   * paused and full it waits: the hub then counts what it drops for this tap.
   */
  async feed(chunk: Uint8Array): Promise<void> {
    if (this.#store.isFull) await this.#mayGoOn;
    this.#store.feed(chunk);
  }

  choose(choice: TrafficChoice): FilterMistake | null {
    return this.#store.choose(choice);
  }

  hold(state: "following" | "held" | "paused"): void {
    this.#store.hold(state);
    this.#resume();
    if (state === "paused") {
      this.#mayGoOn = new Promise((resolve) => {
        this.#resume = resolve;
      });
    }
  }

  sort(sort: Sort | null): void {
    this.#store.sort(sort);
  }

  addCrash(id: string, frames: readonly unknown[]): number {
    return this.#store.addCrash(id, frames);
  }

  look(request: LookRequest): Look {
    return this.#store.look(request);
  }

  row(entry: number): TrafficRow | undefined {
    return this.#store.row(entry);
  }

  placeOf(entry: number): number {
    return this.#store.placeOf(entry);
  }

  seen(): Seen {
    return this.#store.seen();
  }
}
