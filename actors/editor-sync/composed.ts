/** Many changesets as one. They are composed when somebody asks, pairwise: one by one each would walk all before it. */
import { ChangeSet } from "@codemirror/state";

/** Most changesets that wait to be composed. */
const WAITING_MAX = 1_000;

export class Composed {
  #value: ChangeSet;
  #waiting: ChangeSet[] = [];

  constructor(value: ChangeSet) {
    this.#value = value;
  }

  get value(): ChangeSet {
    this.#fold();
    return this.#value;
  }

  set value(value: ChangeSet) {
    this.#value = value;
    this.#waiting = [];
  }

  add(changes: ChangeSet): void {
    this.#waiting.push(changes);
    if (this.#waiting.length >= WAITING_MAX) this.#fold();
  }

  #fold(): void {
    if (this.#waiting.length === 0) return;
    this.#value = this.#value.compose(composeAll(this.#waiting, this.#value.newLength));
    this.#waiting = [];
  }
}

/** Changesets that follow each other as one, from a text of `length`. */
export function composeAll(list: readonly ChangeSet[], length: number): ChangeSet {
  let round = list;
  while (round.length > 1) {
    const next: ChangeSet[] = [];
    for (let index = 0; index < round.length; index += 2) {
      const [first, second] = [round[index], round[index + 1]];
      if (first !== undefined) next.push(second === undefined ? first : first.compose(second));
    }
    round = next;
  }
  return round[0] ?? ChangeSet.empty(length);
}
