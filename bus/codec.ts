/** Values to MessagePack and back. The only file that imports msgpackr; PROTOCOL.md section 10 says what survives. */
// Not the package's main entry: in Node that one looks for a native addon, 10 ms in each process that starts.
import { Packr, RESERVE_START_SPACE, REUSE_BUFFER_MODE } from "msgpackr/pack";
import { BusCode, BusError } from "./errors.ts";

/** Nesting of arrays and objects that is accepted. */
export const VALUE_DEPTH_MAX = 64;
/** Most bytes `encodeValue` can leave free before the value. */
export const RESERVE_BYTES_MAX = 255;

const UINT32_MAX = 0xffff_ffff;
const INT32_MIN = -0x8000_0000;

/** The pool a value was written into, and where. */
interface Pool extends Uint8Array {
  readonly start: number;
  readonly end: number;
}

/** What is used of msgpackr; its own types need Node's. */
interface Engine {
  pack(value: unknown, options: number): Pool;
  unpack(bytes: Uint8Array): unknown;
}

const settings: Record<string, unknown> = {
  useRecords: false,
  bundleStrings: false,
  moreTypes: false,
  mapsAsObjects: true,
  variableMapSize: true,
  encodeUndefinedAsNil: true,
  int64AsType: "auto",
};
const engine = new Packr(settings) as Engine;

/**
 * MessagePack of a value, with `reserveBytes` free bytes (0 to 255, content undefined) before it for a header.
 * The bytes share a pool of 8 KiB with others and are never written again: copy what is kept for long.
 * @throws BusError `bus/invalid` naming the path of a Date, Map, Set, class instance, function, symbol, cycle or depth over 64.
 */
export function encodeValue(value: unknown, reserveBytes = 0): Uint8Array {
  const plain = toPlain(value, undefined, 0);
  try {
    const pool = engine.pack(plain, RESERVE_START_SPACE | REUSE_BUFFER_MODE | reserveBytes);
    // With the pool itself in hand no Buffer is made, whose slices are slower and unequal to a Uint8Array.
    return new Uint8Array(pool.buffer, pool.byteOffset + pool.start, pool.end - pool.start);
  } catch (error) {
    throw new BusError(BusCode.invalid, `value cannot be encoded: ${reasonOf(error)}`, {
      cause: error,
    });
  }
}

/**
 * The value of a payload; no bytes at all are `undefined`. Byte arrays in it are views on `bytes`.
 * @throws BusError `bus/invalid` when it is not exactly one MessagePack value.
 */
export function decodeValue(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return engine.unpack(bytes);
  } catch (error) {
    throw new BusError(
      BusCode.invalid,
      `payload of ${bytes.length} bytes is not MessagePack: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/**
 * The same value with undefined properties left out and integers beyond 32 bits as int64. Copies only what changes,
 * so the usual value is passed through as it is. Paths are built as linked keys and spelled out only when refusing.
 */
function toPlain(value: unknown, path: Path | undefined, depth: number): unknown {
  switch (typeof value) {
    case "number":
      return Number.isSafeInteger(value) && (value > UINT32_MAX || value < INT32_MIN)
        ? BigInt(value)
        : value;
    case "object":
      return value === null ? null : objectToPlain(value, path, depth);
    case "function":
    case "symbol":
      throw refused(path, `a ${typeof value}`);
    case "string":
    case "boolean":
    case "undefined":
    case "bigint":
      return value;
  }
}

interface Path {
  readonly above: Path | undefined;
  readonly key: string | number;
}

function objectToPlain(value: object, path: Path | undefined, depth: number): unknown {
  if (depth >= VALUE_DEPTH_MAX) throw refused(path, `nested over ${VALUE_DEPTH_MAX} deep`);
  if (Array.isArray(value)) return arrayToPlain(value, path, depth);
  if (value instanceof Uint8Array) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype) return recordToPlain(value, path, depth);
  if (prototype === null || isForeignObjectPrototype(prototype))
    return recordToPlain({ ...value }, path, depth);
  throw refused(path, `an instance of ${value.constructor?.name ?? "an unnamed class"}`);
}

/** Plain objects of another realm (a test's, a frame's) have another Object.prototype. */
function isForeignObjectPrototype(prototype: unknown): boolean {
  if (
    typeof prototype !== "object" ||
    prototype === null ||
    Object.getPrototypeOf(prototype) !== null
  )
    return false;
  return prototype.constructor?.name === "Object";
}

function arrayToPlain(
  array: readonly unknown[],
  above: Path | undefined,
  depth: number,
): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let key = 0; key < array.length; key++) {
    const item = array[key];
    if (typeof item === "string") continue;
    const plain = toPlain(item, { above, key }, depth + 1);
    if (plain === item) continue;
    copy ??= array.slice();
    copy[key] = plain;
  }
  return copy ?? array;
}

function recordToPlain(record: object, above: Path | undefined, depth: number): object {
  let copy: Record<string, unknown> | undefined;
  for (const key in record) {
    if (!Object.hasOwn(record, key)) continue;
    const item = (record as Record<string, unknown>)[key];
    if (goesAsItIs(item)) continue;
    const plain = toPlain(item, { above, key }, depth + 1);
    if (plain === item && item !== undefined) continue;
    copy ??= { ...record };
    if (item === undefined) delete copy[key];
    else copy[key] = plain;
  }
  return copy ?? record;
}

/** The usual items, told apart before anything is allocated for them. */
function goesAsItIs(item: unknown): boolean {
  if (typeof item === "number") return item <= UINT32_MAX && item >= INT32_MIN;
  return typeof item === "string" || typeof item === "boolean";
}

function refused(path: Path | undefined, what: string): BusError {
  const keys: string[] = [];
  for (let at = path; at !== undefined; at = at.above) keys.unshift(String(at.key));
  const where = keys.length === 0 ? "the value" : JSON.stringify(keys.join("."));
  return new BusError(BusCode.invalid, `${where} is ${what}, which does not cross the bus`, {
    data: { path: keys.join(".") },
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
