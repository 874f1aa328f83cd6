/**
 * Texts cut into lines, each line with a number: equal numbers for equal lines. Lines are compared where they lie, by a
 * hash and then unit by unit, since a string for each of them would cost more than all that follows.
 */

/** A text cut after each `\n`; the last line may lack it. */
export interface CutText {
  readonly text: string;
  /** Where each line starts, and where the text ends. */
  readonly starts: Int32Array;
  /** The number of each line. */
  readonly numbers: Int32Array;
}

/** Numbers for the lines of all texts that are compared with each other. */
export class LineTable {
  #count = 0;
  /** By number: the text it was seen in first, where, and the hash. */
  readonly #texts: string[] = [];
  #froms = new Int32Array(1024);
  #tos = new Int32Array(1024);
  #hashes = new Int32Array(1024);
  /** Open addressing: number + 1, 0 for free. A power of two. */
  #slots = new Int32Array(4096);

  /** How many different lines there are: all numbers are below it. */
  get count(): number {
    return this.#count;
  }

  /** Cuts texts that are compared with each other alone. Lines that all start and end with are not even hashed. */
  static cutAll(texts: readonly string[]): { cuts: CutText[]; kinds: number } {
    const table = new LineTable();
    const { head, tail } = commonEnds(texts);
    const starts = texts.map(startsOf);
    const [first = new Int32Array(1)] = starts;
    const headLines = lineAt(first, head);
    const tailLines = first.length - 1 - lineAt(first, (texts[0]?.length ?? 0) - tail);
    const known = headLines + tailLines;
    const cuts = texts.map((text, index) => {
      const own = starts[index] ?? first;
      const numbers = new Int32Array(own.length - 1);
      for (let line = 0; line < numbers.length; line++) {
        const fromEnd = numbers.length - line;
        if (line < headLines) numbers[line] = line;
        else if (fromEnd <= tailLines) numbers[line] = headLines + fromEnd - 1;
        else numbers[line] = known + table.#number(text, own[line] ?? 0, own[line + 1] ?? 0);
      }
      return { text, starts: own, numbers };
    });
    return { cuts, kinds: known + table.count };
  }

  cut(text: string): CutText {
    const starts = startsOf(text);
    const numbers = new Int32Array(starts.length - 1);
    for (let line = 0; line < numbers.length; line++) {
      numbers[line] = this.#number(text, starts[line] ?? 0, starts[line + 1] ?? 0);
    }
    return { text, starts, numbers };
  }

  #number(text: string, from: number, to: number): number {
    const hash = hashOf(text, from, to);
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const number = (this.#slots[slot] ?? 0) - 1;
      if (number < 0) return this.#add(slot, { text, from, to, hash });
      if (this.#hashes[number] === hash && this.#isEqual(number, text, from, to)) return number;
      slot = (slot + 1) & mask;
    }
  }

  #isEqual(number: number, text: string, from: number, to: number): boolean {
    const start = this.#froms[number] ?? 0;
    if ((this.#tos[number] ?? 0) - start !== to - from) return false;
    // Slices are not copied, and the engine compares them many units at a time.
    return (this.#texts[number] ?? "").slice(start, this.#tos[number]) === text.slice(from, to);
  }

  #add(slot: number, line: { text: string; from: number; to: number; hash: number }): number {
    const number = this.#count++;
    if (number >= this.#froms.length) this.#grow();
    this.#texts.push(line.text);
    this.#froms[number] = line.from;
    this.#tos[number] = line.to;
    this.#hashes[number] = line.hash;
    this.#slots[slot] = number + 1;
    if (this.#count * 2 > this.#slots.length) this.#spread();
    return number;
  }

  #grow(): void {
    this.#froms = doubled(this.#froms);
    this.#tos = doubled(this.#tos);
    this.#hashes = doubled(this.#hashes);
  }

  #spread(): void {
    const slots = new Int32Array(this.#slots.length * 4);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let slot = (this.#hashes[number] ?? 0) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }
}

/** Lines `[from, to)` of a text as one string. */
export function linesOf({ text, starts }: CutText, from: number, to: number): string {
  return text.slice(starts[from] ?? text.length, starts[to] ?? text.length);
}

/** Units that all texts start and end with, whole lines each, without overlap. */
function commonEnds(texts: readonly string[]): { head: number; tail: number } {
  const [first = "", ...others] = texts;
  let head = first.length;
  let tail = first.length;
  for (const other of others) {
    head = commonHead(first, other, Math.min(head, other.length));
    tail = commonTail(first, other, Math.min(tail, other.length));
  }
  head = head === 0 ? 0 : first.lastIndexOf("\n", head - 1) + 1;
  const shortest = Math.min(...texts.map((text) => text.length));
  const start = first.length - Math.min(tail, shortest - head);
  const cut = start === first.length ? -1 : first.indexOf("\n", start);
  return { head, tail: cut < 0 ? 0 : first.length - cut - 1 };
}

function commonHead(one: string, other: string, most: number): number {
  let count = 0;
  while (count < most && one.charCodeAt(count) === other.charCodeAt(count)) count++;
  return count;
}

function commonTail(one: string, other: string, most: number): number {
  let count = 1;
  while (
    count <= most &&
    one.charCodeAt(one.length - count) === other.charCodeAt(other.length - count)
  )
    count++;
  return count - 1;
}

/** How many lines start before `at`, which is where one starts. */
function lineAt(starts: Int32Array, at: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function startsOf(text: string): Int32Array<ArrayBuffer> {
  let starts = new Int32Array(1024);
  let count = 0;
  for (let from = 0; from < text.length; ) {
    if (count + 1 >= starts.length) starts = doubled(starts);
    starts[count++] = from;
    const at = text.indexOf("\n", from);
    from = at < 0 ? text.length : at + 1;
  }
  starts[count++] = text.length;
  return starts.slice(0, count);
}

/** FNV-1a over the units, and a last mix so that the low bits differ. */
function hashOf(text: string, from: number, to: number): number {
  let hash = 0x811c_9dc5;
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b_3c6d) ^ (hash >>> 13);
}

function doubled(list: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const next = new Int32Array(list.length * 2);
  next.set(list);
  return next;
}
