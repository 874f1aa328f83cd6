/** Holds what a page parsed against what the programs wrote: every byte once, in order, or counted as a gap. */
import { type DrillNote, digestOf } from "../../../ui/terminal/drill-tap.ts";
import type { ShellLog } from "./shell-log.ts";

/** Problems told of one session; more say nothing new. */
const PROBLEMS_MAX = 20;

/** The book of one session. */
export class Ledger {
  readonly problems: string[] = [];
  /** Bytes that were compared. */
  bytes = 0;
  /** Bytes the page was told nobody kept. */
  gapBytes = 0;
  /** Screens rebuilt from a checkpoint, and bytes that were shown by them alone. */
  rebuilds = 0;
  rebuiltBytes = 0;
  readonly #log: ShellLog;
  #next: number | undefined;
  #allowedGap = 0;
  readonly #waiting: DrillNote[] = [];

  constructor(log: ShellLog) {
    this.#log = log;
  }

  /** Offset behind the last byte the page parsed; undefined before its first. */
  get next(): number | undefined {
    return this.#next;
  }

  /** Another page looks at the session now: it starts from a restored screen. */
  renew(): void {
    this.#next = undefined;
    this.#waiting.length = 0;
  }

  /** Whether everything taken has been compared. */
  get isSettled(): boolean {
    return this.#waiting.length === 0;
  }

  take(notes: readonly DrillNote[]): void {
    this.#waiting.push(...notes);
    const { size } = this.#log;
    for (let note = this.#waiting[0]; note !== undefined; note = this.#waiting[0]) {
      // script writes to the terminal first: its log may be a moment behind.
      if (note.kind === "bytes" && note.offset + note.bytes > size) return;
      this.#waiting.shift();
      if (note.kind === "bytes") this.#compare(note);
      else if (note.kind === "restored") this.#restored(note.offset);
      else if (note.kind === "gap") {
        this.gapBytes += note.bytes;
        this.#allowedGap += note.bytes;
      }
    }
  }

  /** What lies before is on the screen by its checkpoint; the screen is compared as a whole. */
  #restored(offset: number): void {
    this.rebuilds += 1;
    this.rebuiltBytes += Math.max(0, offset - (this.#next ?? offset));
    this.#next = offset;
    this.#allowedGap = 0;
  }

  #compare(note: Extract<DrillNote, { kind: "bytes" }>): void {
    this.#place(note.offset);
    const end = note.offset + note.bytes;
    this.#next = end;
    this.bytes += note.bytes;
    if (digestOf(this.#log.read(note.offset, end)) !== note.digest) {
      this.#tell(`bytes ${note.offset} to ${end} differ from what was written`);
    }
  }

  #place(offset: number): void {
    const hole = offset - (this.#next ?? offset);
    if (hole < 0) this.#tell(`${-hole} bytes from ${offset} came twice`);
    if (hole > this.#allowedGap) this.#tell(`${hole} bytes before ${offset} are missing`);
    this.#allowedGap = 0;
  }

  #tell(problem: string): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problem);
  }
}
