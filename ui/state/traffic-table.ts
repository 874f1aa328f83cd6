/**
 * Rows as columns of numbers: a ring that grows by doubling up to its bound and then overwrites its oldest rows.
 * A row is named by its absolute index, which never changes; its slot is that index modulo the capacity.
 */
import type { Filterable } from "../../bus/filter/index.ts";
import type { Names } from "./traffic-names.ts";
import type { RowType } from "./traffic-row.ts";

const FIRST_CAPACITY = 4_096;

export const ROW_TYPES: readonly RowType[] = ["call", "event", "stream", "control", "frame"];

/** Number columns of a row. `wait`, `work` and `total` are NaN while unknown. */
export interface Columns {
  readonly type: Uint8Array;
  readonly record: Float64Array;
  readonly answer: Float64Array;
  readonly atMs: Float64Array;
  readonly sent: Float64Array;
  readonly back: Float64Array;
  readonly wait: Float32Array;
  readonly work: Float32Array;
  readonly total: Float32Array;
  readonly source: Uint16Array;
  readonly destination: Uint16Array;
  readonly kind: Uint16Array;
  readonly subject: Uint16Array;
  readonly status: Uint16Array;
  readonly correlation: Uint32Array;
  readonly epoch: Uint32Array;
  readonly hubEpoch: Uint16Array;
  /** 0 data, 1 control. */
  readonly lane: Uint8Array;
  /** 0 none, 1 content, 2 secret. */
  readonly mask: Uint8Array;
  /** Four words a row. */
  readonly trace: Uint32Array;
}

/** A ring of rows. */
export interface Table {
  readonly columns: Columns;
  /** Rows ever appended: the absolute index of the next one. */
  readonly count: number;
  /** Absolute index of the oldest row that is still there. */
  readonly first: number;
  readonly capacity: number;
  /** Makes room for one row and returns its absolute index; all its columns must be written. */
  append(): number;
  slotOf(index: number): number;
}

export function createTable(capacityMax: number): Table {
  return new RingTable(capacityMax);
}

class RingTable implements Table {
  columns: Columns;
  count = 0;
  readonly capacity: number;
  #size: number;

  constructor(capacityMax: number) {
    this.capacity = capacityMax;
    this.#size = Math.min(FIRST_CAPACITY, capacityMax);
    this.columns = createColumns(this.#size);
  }

  get first(): number {
    return Math.max(0, this.count - this.capacity);
  }

  append(): number {
    if (this.count >= this.#size && this.#size < this.capacity) this.#grow();
    this.count++;
    return this.count - 1;
  }

  slotOf(index: number): number {
    return index % this.#size;
  }

  #grow(): void {
    const size = Math.min(this.#size * 2, this.capacity);
    const next = createColumns(size);
    for (const [name, column] of Object.entries(this.columns)) {
      const target: unknown = Reflect.get(next, name);
      if (isColumn(target) && isColumn(column)) target.set(column);
    }
    this.columns = next;
    this.#size = size;
  }
}

type Column = Uint8Array | Uint16Array | Uint32Array | Float32Array | Float64Array;

function isColumn(value: unknown): value is Column {
  return ArrayBuffer.isView(value) && !(value instanceof DataView);
}

function createColumns(size: number): Columns {
  return {
    type: new Uint8Array(size),
    record: new Float64Array(size),
    answer: new Float64Array(size),
    atMs: new Float64Array(size),
    sent: new Float64Array(size),
    back: new Float64Array(size),
    wait: new Float32Array(size),
    work: new Float32Array(size),
    total: new Float32Array(size),
    source: new Uint16Array(size),
    destination: new Uint16Array(size),
    kind: new Uint16Array(size),
    subject: new Uint16Array(size),
    status: new Uint16Array(size),
    correlation: new Uint32Array(size),
    epoch: new Uint32Array(size),
    hubEpoch: new Uint16Array(size),
    lane: new Uint8Array(size),
    mask: new Uint8Array(size),
    trace: new Uint32Array(size * 4),
  };
}

/** A filter's view of one row; moved from row to row so that nothing is allocated for each. */
export class Cursor implements Filterable {
  readonly #names: Names;
  #columns: Columns;
  #slot = 0;

  constructor(table: Table, names: Names) {
    this.#columns = table.columns;
    this.#names = names;
  }

  /** Puts the cursor on a row and returns itself. */
  at(table: Table, index: number): this {
    this.#columns = table.columns;
    this.#slot = table.slotOf(index);
    return this;
  }

  get record(): number {
    return this.#columns.record[this.#slot] ?? 0;
  }
  get atMs(): number {
    return this.#columns.atMs[this.#slot] ?? 0;
  }
  get source(): string {
    return this.#names.nameOf(this.#columns.source[this.#slot] ?? 0);
  }
  get destination(): string {
    return this.#names.nameOf(this.#columns.destination[this.#slot] ?? 0);
  }
  get kind(): string {
    return this.#names.nameOf(this.#columns.kind[this.#slot] ?? 0);
  }
  get subject(): string {
    return this.#names.nameOf(this.#columns.subject[this.#slot] ?? 0);
  }
  get correlation(): number {
    return this.#columns.correlation[this.#slot] ?? 0;
  }
  get epoch(): number {
    return this.#columns.epoch[this.#slot] ?? 0;
  }
  /** Both ways together. */
  get bytes(): number {
    return (this.#columns.sent[this.#slot] ?? 0) + (this.#columns.back[this.#slot] ?? 0);
  }
  get lane(): string {
    return this.#columns.lane[this.#slot] === 1 ? "control" : "data";
  }
  get waitMs(): number {
    return this.#columns.wait[this.#slot] ?? Number.NaN;
  }
  get workMs(): number {
    return this.#columns.work[this.#slot] ?? Number.NaN;
  }
  get totalMs(): number {
    return this.#columns.total[this.#slot] ?? Number.NaN;
  }
  get status(): string {
    return this.#names.nameOf(this.#columns.status[this.#slot] ?? 0);
  }
  get trace(): string {
    return traceText(this.#columns.trace, this.#slot);
  }
}

/** Writes a trace of up to 32 hexadecimal digits; anything else is no trace. */
export function writeTrace(words: Uint32Array, slot: number, trace: string): void {
  for (let part = 0; part < 4; part++) {
    const word = trace === "" ? 0 : Number.parseInt(trace.slice(part * 8, part * 8 + 8), 16);
    words[slot * 4 + part] = Number.isNaN(word) ? 0 : word;
  }
}

/** The trace of a row, empty when it has none. */
export function traceText(words: Uint32Array, slot: number): string {
  let text = "";
  let isEmpty = true;
  for (let part = 0; part < 4; part++) {
    const word = words[slot * 4 + part] ?? 0;
    if (word !== 0) isEmpty = false;
    text += word.toString(16).padStart(8, "0");
  }
  return isEmpty ? "" : text;
}
