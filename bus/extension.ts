/** The optional part between header and payload: entries of `u8 type, u8 length, bytes`. */
import { BusCode, BusError } from "./errors.ts";
import { malformed } from "./frame.ts";
import { EXTENSION_BYTES_MAX } from "./limits.ts";
import { Extension } from "./protocol.ts";

/** What the bus itself knows to read. Unknown entries are left where they are. */
export interface ExtensionFields {
  /** 16 bytes trace id and 8 bytes span id. */
  readonly trace?: Uint8Array;
  readonly subject?: string;
  readonly principal?: string;
  /** Nested calls above this one. */
  readonly hops?: number;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const TRACE_BYTES = 24;
const ENTRY_BYTES_MAX = 255;

/**
 * Bytes of an extension, the trace first.
 * @throws BusError `bus/limit` when an entry is over 255 bytes or all are over EXTENSION_BYTES_MAX.
 */
export function writeExtension(fields: ExtensionFields): Uint8Array {
  const entries: Array<readonly [type: number, bytes: Uint8Array]> = [];
  if (fields.trace !== undefined) entries.push([Extension.trace, fields.trace]);
  if (fields.hops !== undefined && fields.hops > 0)
    entries.push([Extension.hops, Uint8Array.of(fields.hops)]);
  if (fields.subject !== undefined) entries.push([Extension.name, encoder.encode(fields.subject)]);
  if (fields.principal !== undefined)
    entries.push([Extension.principal, encoder.encode(fields.principal)]);
  let length = 0;
  for (const [type, bytes] of entries) {
    if (bytes.length > ENTRY_BYTES_MAX)
      throw overLimit(
        `extension entry ${type} of ${bytes.length} bytes, at most ${ENTRY_BYTES_MAX}`,
      );
    length += 2 + bytes.length;
  }
  if (length > EXTENSION_BYTES_MAX)
    throw overLimit(`extension of ${length} bytes, at most ${EXTENSION_BYTES_MAX}`);
  return layOut(entries, length);
}

/**
 * Reads the entries between `start` and `end`.
 * @throws BusError `bus/protocol` when an entry is cut off or a trace has the wrong length.
 */
export function readExtension(bytes: Uint8Array, start: number, end: number): ExtensionFields {
  const fields: { -readonly [K in keyof ExtensionFields]: ExtensionFields[K] } = {};
  for (let at = start; at < end; ) {
    const type = bytes[at] ?? 0;
    const length = bytes[at + 1];
    if (length === undefined || at + 2 + length > end)
      throw malformed(`extension entry ${type} is cut off`, type);
    const value = bytes.subarray(at + 2, at + 2 + length);
    if (type === Extension.name) fields.subject = decoder.decode(value);
    else if (type === Extension.principal) fields.principal = decoder.decode(value);
    else if (type === Extension.hops) fields.hops = value[0] ?? 0;
    else if (type === Extension.trace) fields.trace = checkTrace(value);
    at += 2 + length;
  }
  return fields;
}

/** The entries between `start` and `end` but those of `type`, which is left out. */
export function withoutEntry(
  bytes: Uint8Array,
  range: { start: number; end: number },
  type: number,
): Uint8Array {
  const kept: Array<readonly [number, Uint8Array]> = [];
  let length = 0;
  for (let at = range.start; at + 1 < range.end; ) {
    const entryBytes = bytes[at + 1] ?? 0;
    if (bytes[at] !== type) {
      kept.push([bytes[at] ?? 0, bytes.subarray(at + 2, at + 2 + entryBytes)]);
      length += 2 + entryBytes;
    }
    at += 2 + entryBytes;
  }
  return layOut(kept, length);
}

function layOut(
  entries: ReadonlyArray<readonly [type: number, bytes: Uint8Array]>,
  length: number,
): Uint8Array {
  const extension = new Uint8Array(length);
  let at = 0;
  for (const [type, bytes] of entries) {
    extension[at] = type;
    extension[at + 1] = bytes.length;
    extension.set(bytes, at + 2);
    at += 2 + bytes.length;
  }
  return extension;
}

function checkTrace(value: Uint8Array): Uint8Array {
  if (value.length !== TRACE_BYTES)
    throw malformed(`trace of ${value.length} bytes, not ${TRACE_BYTES}`, value.length);
  return value;
}

function overLimit(message: string): BusError {
  return new BusError(BusCode.limit, message);
}
