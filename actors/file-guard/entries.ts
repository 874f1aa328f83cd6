/** A listing as Rust gives it (facts as JSON, names as bytes) made into the entries of the contract. */
import * as v from "valibot";
import { type Entry, Entry as EntrySchema } from "../../bus/contracts/file-guard.ts";
import type { NativeReply } from "./native.ts";

/** Most entries of one answer: at some 100 bytes each it stays well below a frame. */
export const ENTRIES_MAX = 100_000;

const Listing = v.object({
  path: v.string(),
  entries: v.array(v.omit(EntrySchema, ["name", "raw"])),
  isCut: v.boolean(),
});

const decoder = new TextDecoder();
const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws Error when names and facts are not equal in number, which would be a defect of the addon. */
export function decodeEntries({ value, bytes }: NativeReply): {
  path: string;
  entries: Entry[];
  isCut: boolean;
} {
  const { path, entries: facts, isCut } = v.parse(Listing, value);
  const names = splitNames(bytes ?? new Uint8Array(0));
  if (names.length !== facts.length) {
    throw new Error(`${names.length} names for ${facts.length} entries`);
  }
  const entries: Entry[] = [];
  for (const [index, fact] of facts.slice(0, ENTRIES_MAX).entries()) {
    entries.push({ ...nameOf(names[index] ?? new Uint8Array(0)), ...fact });
  }
  return { path, entries, isCut: isCut || facts.length > ENTRIES_MAX };
}

function splitNames(bytes: Uint8Array): Uint8Array[] {
  const names: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(0); end >= 0; end = bytes.indexOf(0, start)) {
    names.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return names;
}

function nameOf(bytes: Uint8Array): { name: string; raw?: Uint8Array<ArrayBuffer> } {
  try {
    return { name: strict.decode(bytes) };
  } catch {
    return { name: decoder.decode(bytes), raw: Uint8Array.from(bytes) };
  }
}
