/** Changes that wait to be told, merged into one. */
import type { InferOutput } from "valibot";
import type { Changed } from "../../bus/contracts/file-guard.ts";

type Change = InferOutput<typeof Changed>;

/** Most names that are kept; more are told as "anything". */
const NAMES_MAX = 1000;

/** A mailbox of one change that grows while nobody takes it. */
export class News {
  #names = new Set<string>();
  #isAnything = false;
  #isGone = false;
  #arrived = Promise.withResolvers<void>();

  add({ names, isAnything, isGone }: Change): void {
    for (const name of names) {
      if (this.#names.size < NAMES_MAX) this.#names.add(name);
      else this.#isAnything ||= !this.#names.has(name);
    }
    this.#isAnything ||= isAnything;
    this.#isGone ||= isGone;
    this.#arrived.resolve();
  }

  /** Waits until there is something, and takes all of it. */
  async next(): Promise<Change> {
    await this.#arrived.promise;
    const change = {
      names: [...this.#names],
      isAnything: this.#isAnything,
      isGone: this.#isGone,
    };
    this.#names = new Set();
    this.#isAnything = false;
    this.#isGone = false;
    this.#arrived = Promise.withResolvers();
    return change;
  }
}
