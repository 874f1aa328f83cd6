/**
 * The size of a view and of its session, changed together: debounced, one call at a time, the last size wins. The view
 * takes no size that the program is not told of, also when calls fail: a program draws again only when it hears of a
 * change, and a screen that had shrunk unheard would stay without its last rows.
 *
 *   set -> settled, and attached -> view takes it -> told, again until it was heard -> next
 */
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

/** The view whose size it is. */
export interface SizedView {
  /** `wait`: it is not attached, or its screen is being rebuilt. `over`: no program is left to be told. */
  standing(): "ready" | "wait" | "over";
  current(): CellSize;
  apply(size: CellSize): void;
}

export interface SizeLinkOptions {
  readonly connection: Pick<Connection, "request">;
  readonly session: string;
  readonly view: SizedView;
  readonly signal: AbortSignal;
}

export class SizeLink {
  readonly #options: SizeLinkOptions;
  #wanted: CellSize | undefined;
  /** Taken by the view, not yet heard by the session. */
  #untold: CellSize | undefined;
  #told: CellSize | undefined;
  #running = false;

  constructor(options: SizeLinkOptions) {
    this.#options = options;
  }

  set(size: CellSize): void {
    this.#wanted = size;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    const { signal, view } = this.#options;
    const pause = backoff(signal);
    for (let size = this.#next(); size !== undefined; size = this.#next()) {
      await sleep(RESIZE_SETTLE_MS, signal);
      if (signal.aborted) break;
      const standing = view.standing();
      if (standing === "wait") continue;
      // What was wanted last: a storm of sizes has gone on meanwhile.
      const last = this.#next() ?? size;
      view.apply(last);
      if (standing === "over") break;
      if (await this.#tell(last)) pause.reset();
      else await pause.wait();
    }
    this.#running = false;
  }

  /** The size that is to be taken and told now; undefined when all agree. */
  #next(): CellSize | undefined {
    const wanted = this.#untold ?? this.#wanted;
    if (this.#untold !== undefined || wanted === undefined) return wanted;
    const agree = same(wanted, this.#told) && same(wanted, this.#options.view.current());
    return agree ? undefined : wanted;
  }

  async #tell(size: CellSize): Promise<boolean> {
    const { connection, session, signal } = this.#options;
    this.#untold = size;
    try {
      await connection.request(resize, { session, ...size }, { signal });
      this.#told = size;
      this.#untold = undefined;
      return true;
    } catch {
      return false;
    }
  }
}

function same(a: CellSize, b: CellSize | undefined): boolean {
  return b !== undefined && a.cols === b.cols && a.rows === b.rows;
}
