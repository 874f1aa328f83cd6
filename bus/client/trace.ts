/** Trace ids: unique, not secret. A link has random prefixes and counts below them, which costs no randomness a call. */
import type { Trace } from "../peer.ts";

const TRACE_BYTES = 24;
const COUNTER_AT_TRACE = 12;
const SPAN_AT = 16;
const COUNTER_AT_SPAN = 20;

/** Makes the traces of one peer. */
export class TraceSource {
  readonly #prefix: Uint8Array<ArrayBuffer>;
  #count = 0;

  /** @param random fills an array with random bytes. */
  constructor(random: (bytes: Uint8Array<ArrayBuffer>) => void) {
    this.#prefix = new Uint8Array(TRACE_BYTES);
    random(this.#prefix);
  }

  /** Bytes of the extension entry: a new trace, or a new span within `parent`. */
  next(parent: Trace | undefined): Uint8Array {
    const bytes = this.#prefix.slice();
    this.#count = (this.#count + 1) >>> 0;
    writeCounter(bytes, COUNTER_AT_SPAN, this.#count);
    if (parent === undefined) writeCounter(bytes, COUNTER_AT_TRACE, this.#count);
    else bytes.set(parent.traceId.subarray(0, SPAN_AT), 0);
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
