/**
 * Looks through the whole audit log: every record's own hash, its place in the chain, and the head that the hub has kept
 * apart from it. A changed, cut, inserted or reordered record breaks one of the three.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { auditFiles, firstOf } from "./files.ts";
import { type AuditLine, readAuditLine, sha256 } from "./lines.ts";

/** What the hub remembers of the log. */
export interface KnownHead {
  readonly count: number;
  readonly hash: string;
  /** An earlier head that was not in the log any more when the log went on: it was cut or written anew. */
  readonly lost?: { readonly count: number; readonly hash: string } | undefined;
}

/** The first thing that is wrong. Lines count from 1; `number` is that of the record, or where it should be. */
export interface AuditFault {
  readonly file: string;
  readonly line: number;
  readonly number: number;
  readonly says: string;
}

/** What a look through the log found. */
export interface AuditVerdict {
  readonly isWhole: boolean;
  readonly records: number;
  readonly first: number;
  readonly last: number;
  readonly wrong: AuditFault | null;
  readonly notes: readonly string[];
}

/** Lines looked at before others have their turn: the hub does this beside its work. */
const LINES_A_TURN = 500;
const NEWLINE = 10;
/** Told instead of nothing: whoever cuts a log may remove the head as well. */
const NO_HEAD =
  "the hub has kept no head of this log, so nobody can tell whether its end was cut off";

/**
 * Verifies the log in `folder`. One file of at most some 8 MiB is in memory at a time.
 * @param known undefined: nothing is known of its end, so a cut end is not found.
 * @throws Error of the file system, but for a folder that is not there: that is an empty log.
 */
export async function verifyAudit(
  folder: string,
  known: KnownHead | undefined,
): Promise<AuditVerdict> {
  const names = await auditFiles(folder);
  const chain = new Chain(known);
  for (const [index, name] of names.entries()) {
    const file = join(folder, name);
    const bytes = await readFile(file);
    const last = index === names.length - 1 ? "last" : "more";
    if ((await chain.take({ file, bytes, first: firstOf(name) }, last)) === "broken") break;
  }
  return chain.verdict(folder);
}

interface OneFile {
  readonly file: string;
  readonly bytes: Buffer;
  /** The number its name promises. */
  readonly first: number;
}

interface Cut {
  readonly line: number;
  readonly says: string;
  readonly bytes: Buffer;
}

async function* linesOf(
  bytes: Buffer,
): AsyncGenerator<{ readonly line: number; readonly text: Buffer; readonly hasEnd: boolean }> {
  let start = 0;
  for (let line = 1; start < bytes.length; line += 1) {
    if (line % LINES_A_TURN === 0) await setImmediate();
    const end = bytes.indexOf(NEWLINE, start);
    const text = bytes.subarray(start, end < 0 ? bytes.length : end);
    start += text.length + 1;
    yield { line, text, hasEnd: end >= 0 };
  }
}

class Chain {
  readonly #known: KnownHead | undefined;
  #wrong: AuditFault | null = null;
  readonly #notes: string[] = [];
  #records = 0;
  #first = 0;
  /** Hash of the record before the first one. */
  #earlier = "";
  #last = 0;
  #hash = "";
  /** What came before the first record: some later record has to say that it was dropped. */
  #before: { readonly last: number; readonly hash: string } | undefined;
  #file = "";

  constructor(known: KnownHead | undefined) {
    this.#known = known;
  }

  async take({ file, bytes, first }: OneFile, place: "last" | "more"): Promise<"whole" | "broken"> {
    this.#file = file;
    let cut: Cut | undefined;
    for await (const { line, text, hasEnd } of linesOf(bytes)) {
      if (!hasEnd && place === "last") {
        this.#notes.push(`the last ${text.length} bytes are a record cut by a kill or a full disk`);
        break;
      }
      const record = readAuditLine(text);
      if (cut !== undefined) this.#explain(cut, record);
      cut = typeof record === "string" ? { line, says: record, bytes: text } : undefined;
      if (typeof record !== "string" && this.#wrong === null) this.#link(record, line, first);
      if (this.#wrong !== null) return "broken";
    }
    if (cut !== undefined) this.#fault(cut.line, this.#last + 1, cut.says);
    return this.#wrong === null ? "whole" : "broken";
  }

  verdict(folder: string): AuditVerdict {
    this.#file = this.#file === "" ? folder : this.#file;
    if (this.#wrong === null) this.#compare();
    return {
      isWhole: this.#wrong === null,
      records: this.#records,
      first: this.#first,
      last: this.#last,
      wrong: this.#wrong,
      notes: this.#notes,
    };
  }

  /** A line that is no record is in order when the next one says exactly that. */
  #explain(cut: Cut, next: AuditLine | string): void {
    const torn = typeof next === "string" ? undefined : next.torn;
    if (torn?.bytes !== cut.bytes.length || torn.hash !== sha256(cut.bytes)) {
      this.#fault(cut.line, this.#last + 1, cut.says);
    } else {
      this.#notes.push(`record ${this.#last + 1} says that ${torn.bytes} bytes before it were cut`);
    }
  }

  #link(record: AuditLine, line: number, promised: number): void {
    const { number, previous, hash, dropped } = record;
    if (this.#records === 0) {
      if (number !== promised) return this.#fault(line, promised, outOfPlace(promised, number));
      this.#first = number;
      this.#earlier = previous;
      if (number > 1) this.#before = { last: number - 1, hash: previous };
      else if (previous !== "") return this.#fault(line, 1, "record 1 names one before it");
    } else if (number !== this.#last + 1) {
      return this.#fault(line, this.#last + 1, outOfPlace(this.#last + 1, number));
    } else if (previous !== this.#hash) {
      return this.#fault(
        line,
        number,
        `record ${number} does not follow the record ${this.#last} that stands before it`,
      );
    }
    if (this.#known?.count === number && this.#known.hash !== hash) {
      return this.#fault(line, number, `the hub has seen another record ${number}`);
    }
    if (dropped?.last === this.#before?.last && dropped?.hash === this.#before?.hash) {
      if (this.#before !== undefined) {
        this.#notes.push(`records 1 to ${this.#before.last} were dropped by rotation`);
      }
      this.#before = undefined;
    }
    this.#records += 1;
    this.#last = number;
    this.#hash = hash;
  }

  #compare(): void {
    if (this.#before !== undefined) {
      const says = `records 1 to ${this.#before.last} are missing, and no record says that they were dropped`;
      return this.#fault(1, this.#before.last, says);
    }
    if (this.#known !== undefined) return this.#compareWith(this.#known);
    if (this.#records > 0) this.#notes.push(NO_HEAD);
  }

  #compareWith({ count, hash, lost }: KnownHead): void {
    if (lost !== undefined) {
      const says = `the hub has seen a record ${lost.count} that was cut off or changed before the log went on`;
      this.#fault(0, lost.count, says);
    } else if (count > this.#last) {
      const says = `the log ends with record ${this.#last}, but the hub has seen ${count}: its end was cut off`;
      this.#fault(0, this.#last + 1, says);
    } else if (count > 0 && count < this.#first) {
      // Rotation keeps far more than is written between two heads: what the hub has seen last cannot be gone.
      if (count === this.#first - 1 && hash === this.#earlier) return;
      const says = `the log begins with record ${this.#first}, but the hub has last seen ${count}: what was between is missing`;
      this.#fault(1, count, says);
    }
  }

  #fault(line: number, number: number, says: string): void {
    this.#wrong ??= { file: this.#file, line, number, says };
  }
}

function outOfPlace(expected: number, found: number): string {
  return found > expected
    ? `record ${found} stands where record ${expected} should: records are missing or in another order`
    : `record ${found} stands where record ${expected} should: records are repeated or in another order`;
}
