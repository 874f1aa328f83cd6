/**
 * One line of the audit log, read without trust. The file guard writes it (native/guard/src/audit/record.rs):
 *
 *   {"n":12,"at":1764108000000,"kind":"outcome",...,"prev":"<hash of 11>","hash":"<SHA-256>"}
 *
 * The hash is that of the bytes before `,"hash":"`.
 */
import { createHash } from "node:crypto";
import * as v from "valibot";

/** A line that is whole in itself; whether it is in its place is another question. */
export interface AuditLine {
  readonly number: number;
  readonly previous: string;
  readonly hash: string;
  /** Of a record that says that the line before it was cut. */
  readonly torn?: { readonly bytes: number; readonly hash: string };
  /** Of a record that says that rotation has removed all up to `last`. */
  readonly dropped?: { readonly last: number; readonly hash: string };
}

const HASH_KEY = ',"hash":"';
/** `,"hash":"`, 64 digits, `"}`. */
const SEAL_BYTES = HASH_KEY.length + 64 + 2;

const Count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const Line = v.looseObject({
  n: Count,
  kind: v.string(),
  prev: v.string(),
  hash: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
});
const Torn = v.looseObject({ bytes: Count, cut: v.string() });
const Dropped = v.looseObject({ last: Count, cut: v.string() });

/** The record in a line without its end; in words what is wrong with it otherwise. */
export function readAuditLine(bytes: Buffer): AuditLine | string {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString("utf8"));
  } catch {
    return "this is no record";
  }
  const line = v.safeParse(Line, value);
  if (!line.success) return "this is no record";
  const { n: number, kind, prev: previous, hash } = line.output;
  if (sha256(bytes.subarray(0, Math.max(0, bytes.length - SEAL_BYTES))) !== hash) {
    return `record ${number} was changed: its hash does not fit its text`;
  }
  const record = { number, previous, hash };
  if (kind === "torn") {
    const torn = v.safeParse(Torn, value);
    if (!torn.success) return "this is no record";
    return { ...record, torn: { bytes: torn.output.bytes, hash: torn.output.cut } };
  }
  if (kind === "dropped") {
    const dropped = v.safeParse(Dropped, value);
    if (!dropped.success) return "this is no record";
    return { ...record, dropped: { last: dropped.output.last, hash: dropped.output.cut } };
  }
  return record;
}

/** As hexadecimal digits. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
