/** Tells a session the size of its view: debounced, one call at a time, the last size wins. */
import { resize } from "../../bus/contracts/terminal.ts";
import type { Connection } from "../bus.ts";
import { sleep } from "../sleep.ts";
import { backoff } from "./backoff.ts";

/** A drag of a sash settles within this, milliseconds. */
export const RESIZE_SETTLE_MS = 60;

export interface CellSize {
  readonly cols: number;
  readonly rows: number;
}

export class SizeLink {
  readonly #connection: Connection;
  readonly #session: string;
  readonly #signal: AbortSignal;
  #wanted: CellSize;
  #told: CellSize | undefined;
  #running = false;

  constructor(connection: Connection, session: string, wanted: CellSize, signal: AbortSignal) {
    this.#connection = connection;
    this.#session = session;
    this.#wanted = wanted;
    this.#signal = signal;
  }

  set(size: CellSize): void {
    this.#wanted = size;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    const pause = backoff(this.#signal);
    while (!this.#signal.aborted && !same(this.#wanted, this.#told)) {
      await sleep(RESIZE_SETTLE_MS, this.#signal);
      const size = this.#wanted;
      try {
        await this.#connection.request(
          resize,
          { session: this.#session, ...size },
          { signal: this.#signal },
        );
        this.#told = size;
        pause.reset();
      } catch {
        await pause.wait();
      }
    }
    this.#running = false;
  }
}

function same(a: CellSize, b: CellSize | undefined): boolean {
  return b !== undefined && a.cols === b.cols && a.rows === b.rows;
}
