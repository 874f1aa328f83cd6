/**
 * Records of a journal as bytes, and what they add up to.
 *
 *   u32 length of the payload | u32 CRC-32 of it | payload: MessagePack [kind, ...]
 *
 * A journal is a head, then the base (bytes of the file as it was seen last, only once something is unsaved), updates
 * from before the head (for clients that resume), what was unsaved at the head, and then an `edit` for every update
 * since. A torn or damaged tail is cut off: nothing in it was acknowledged.
 */
import { crc32 } from "node:zlib";
import { ChangeSet } from "@codemirror/state";
import { decodeValue, encodeValue } from "../../bus/codec.ts";
import type { Changes, Origin } from "../../bus/contracts/editor-document.ts";
import type { MarksSnapshot } from "./marks.ts";
import type { Update } from "./update.ts";

/** Version of this format. A journal of another one is left alone. */
export const JOURNAL_FORMAT = 1;
const MAGIC = new TextEncoder().encode("BHEDIT1\n");
const FRAME_BYTES = 8;
/** Largest record that is believed: a base of the largest file, and room. */
const RECORD_BYTES_MAX = 64 * 1024 * 1024;

/** What a journal is bound to. */
export interface Head {
  readonly format: number;
  readonly document: string;
  /** Real path of the file. */
  readonly path: string;
  /** SHA-256 of the file as it was seen last. */
  readonly hash: string;
  /** Mode of the file; journals of before have none. */
  readonly mode?: number;
  readonly version: number;
  /** Last seq by client. */
  readonly clients: readonly (readonly [string, number])[];
  readonly marks: MarksSnapshot;
  /** Whether unsaved edits in it come from an earlier life of the actor. */
  readonly isRestored: boolean;
}

/** One record. */
export type JournalRecord =
  | { readonly kind: "head"; readonly head: Head }
  | { readonly kind: "base"; readonly bytes: Uint8Array }
  /** Updates that led to the version of the head. */
  | { readonly kind: "past"; readonly updates: readonly Update[] }
  /** From the base to the text at the version of the head, JSON of a changeset. */
  | { readonly kind: "dirty"; readonly json: string }
  | { readonly kind: "edit"; readonly update: Update }
  | { readonly kind: "marks"; readonly marks: MarksSnapshot };

/** A journal as it was read. */
export interface Replay {
  readonly head: Head;
  readonly base: Uint8Array | undefined;
  readonly past: readonly Update[];
  readonly dirty: ChangeSet | undefined;
  readonly edits: readonly Update[];
  /** The last marks written, and how many of the edits came before them. */
  readonly marks: { readonly snapshot: MarksSnapshot; readonly edits: number } | undefined;
  /** Bytes up to the end of the last whole record. */
  readonly bytes: number;
}

/** The first bytes of a journal, with its records. */
export function encodeJournal(records: readonly JournalRecord[]): Uint8Array {
  return joined([MAGIC, ...records.map(encodeRecord)]);
}

/** A record as bytes. @throws RangeError when it is so long that it would not be believed when it is read. */
export function encodeRecord(record: JournalRecord): Uint8Array {
  const payload = encodeValue(toValue(record));
  if (payload.length > RECORD_BYTES_MAX) {
    const bound = `at most ${RECORD_BYTES_MAX} may be`;
    throw new RangeError(`a record "${record.kind}" of ${payload.length} bytes, ${bound}`);
  }
  const frame = new Uint8Array(FRAME_BYTES + payload.length);
  const view = new DataView(frame.buffer);
  view.setUint32(0, payload.length, true);
  view.setUint32(4, crc32(payload), true);
  frame.set(payload, FRAME_BYTES);
  return frame;
}

/** What a journal adds up to; undefined when it has no whole head of this format. */
export function readJournal(bytes: Uint8Array): Replay | undefined {
  const head = readHead(bytes);
  if (head === undefined) return undefined;
  const found: Found = { base: undefined, past: [], dirty: undefined, edits: [], marks: undefined };
  let end = MAGIC.length;
  for (const { record, to } of recordsOf(bytes, end)) {
    addTo(found, record);
    end = to;
  }
  return { head, ...found, bytes: end };
}

type Found = {
  -readonly [Key in keyof Omit<Replay, "head" | "bytes" | "past" | "edits">]: Replay[Key];
} & {
  readonly past: Update[];
  readonly edits: Update[];
};

function addTo(found: Found, record: JournalRecord): void {
  switch (record.kind) {
    case "head":
      return;
    case "base":
      found.base = record.bytes;
      return;
    case "past":
      found.past.push(...record.updates);
      return;
    case "dirty":
      found.dirty = ChangeSet.fromJSON(JSON.parse(record.json));
      return;
    case "edit":
      found.edits.push(record.update);
      return;
    case "marks":
      found.marks = { snapshot: record.marks, edits: found.edits.length };
      return;
  }
}

/** Whether something in it is on no disk: edits, conflicts to be resolved, or proposals. */
export function isUnsaved({ head, edits, dirty, marks }: Replay): boolean {
  const { conflicts, proposals } = marks?.snapshot ?? head.marks;
  const isEdited = edits.length > 0 || dirty?.empty === false;
  return isEdited || conflicts.length > 0 || proposals.length > 0;
}

/** Only the head: what a folder of journals is listed by. */
export function readHead(bytes: Uint8Array): Head | undefined {
  if (!MAGIC.every((byte, index) => bytes[index] === byte)) return undefined;
  for (const { record } of recordsOf(bytes, MAGIC.length)) {
    return record.kind === "head" && record.head.format === JOURNAL_FORMAT
      ? record.head
      : undefined;
  }
  return undefined;
}

/** Whole records, up to the first that is torn or damaged. */
function* recordsOf(
  bytes: Uint8Array,
  start: number,
): Generator<{ record: JournalRecord; to: number }> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = start; at + FRAME_BYTES <= bytes.length; ) {
    const length = view.getUint32(at, true);
    const to = at + FRAME_BYTES + length;
    if (length > RECORD_BYTES_MAX || to > bytes.length) return;
    const payload = bytes.subarray(at + FRAME_BYTES, to);
    if (crc32(payload) !== view.getUint32(at + 4, true)) return;
    yield { record: fromValue(decodeValue(payload)), to };
    at = to;
  }
}

type StoredUpdate = readonly [string, string | null, number, Origin, string | null];

function toValue(record: JournalRecord): readonly unknown[] {
  switch (record.kind) {
    case "head":
      return ["head", record.head];
    case "base":
      return ["base", record.bytes];
    case "past":
      return ["past", record.updates.map(stored)];
    case "dirty":
      return ["dirty", record.json];
    case "edit":
      return ["edit", stored(record.update)];
    case "marks":
      return ["marks", record.marks];
  }
}

/** The checksum fits, so it is what this file wrote. */
function fromValue(value: unknown): JournalRecord {
  const [kind, content] = value as [JournalRecord["kind"], unknown];
  switch (kind) {
    case "head":
      return { kind, head: content as Head };
    case "base":
      return { kind, bytes: content as Uint8Array };
    case "past":
      return { kind, updates: (content as StoredUpdate[]).map(restored) };
    case "dirty":
      return { kind, json: content as string };
    case "edit":
      return { kind, update: restored(content as StoredUpdate) };
    case "marks":
      return { kind, marks: content as MarksSnapshot };
  }
}

function stored({ json, client, seq, origin, by }: Update): StoredUpdate {
  return [json, client ?? null, seq, origin, by ?? null];
}

function restored([json, client, seq, origin, by]: StoredUpdate): Update {
  const changes = ChangeSet.fromJSON(JSON.parse(json) as Changes);
  return { changes, json, client: client ?? undefined, seq, origin, by: by ?? undefined };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
