/** Trace ids: unique, not secret. A link has random prefixes and counts below them, which costs no randomness a call. */
import type { Trace } from "../peer.ts";
import { Extension } from "../protocol.ts";

/** Type and length before an entry's bytes. */
const ENTRY_BYTES = 2;
const TRACE_BYTES = 24;
const COUNTER_AT_TRACE = 12;
const SPAN_AT = 16;
const COUNTER_AT_SPAN = 20;

/** Makes the traces of one peer. */
export class TraceSource {
  /** The whole extension entry: type, length, trace id, span id. */
  readonly #entry: Uint8Array<ArrayBuffer>;
  #count = 0;

  /** @param random fills an array with random bytes. */
  constructor(random: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#entry = new Uint8Array(ENTRY_BYTES + TRACE_BYTES);
    random(this.#entry);
    this.#entry[0] = Extension.trace;
    this.#entry[1] = TRACE_BYTES;
  }

  /** An extension of nothing but a new trace. Valid until the next call: it is copied into the frame. */
  nextEntry(): Uint8Array {
    this.#count = (this.#count + 1) >>> 0;
    writeCounter(this.#entry, ENTRY_BYTES + COUNTER_AT_TRACE, this.#count);
    writeCounter(this.#entry, ENTRY_BYTES + COUNTER_AT_SPAN, this.#count);
    return this.#entry;
  }

  /** 24 bytes: a new trace, or a new span within `parent`. */
  next(parent: Trace | undefined): Uint8Array {
    const bytes = this.nextEntry().slice(ENTRY_BYTES);
    if (parent !== undefined) bytes.set(parent.traceId.subarray(0, SPAN_AT), 0);
    return bytes;
  }
}

/** The two ids of an extension entry. */
export function traceOf(entry: Uint8Array | undefined): Trace | undefined {
  if (entry === undefined) return undefined;
  return { traceId: entry.subarray(0, SPAN_AT), spanId: entry.subarray(SPAN_AT) };
}

function writeCounter(bytes: Uint8Array, at: number, count: number): void {
  bytes[at] = count >>> 24;
  bytes[at + 1] = count >>> 16;
  bytes[at + 2] = count >>> 8;
  bytes[at + 3] = count;
}
