/** One object as `git cat-file --batch` gives it: `<oid> <kind> <size>`, a line feed, the bytes; or `<name> missing`. */
import { type Side, TEXT_BYTES_MAX } from "../../bus/contracts/git.ts";

/** A first line is an id of at most 64 digits, a kind and a number; or the name that was asked for. */
export const HEAD_BYTES_MAX = 8 * 1024;
/** Most bytes of an answer that are of any use. */
export const OBJECT_BYTES_MAX = HEAD_BYTES_MAX + TEXT_BYTES_MAX;
/** Git's own measure for what is binary: a zero byte among so many. */
const LOOKED_AT_BYTES = 8_000;
const LINE_FEED = 10;

/** Whether a name can be asked for: git's answer to anything else would be of another file, or of none. */
export function isAskable(path: string): boolean {
  const parts = path.split("/");
  return (
    !/[\n\0]/.test(path) && parts.every((part) => part !== "" && part !== "." && part !== "..")
  );
}

/** What the answer says of a file. @throws Error when it is none of git's. */
export function sideOf(answer: Uint8Array): Side {
  const end = answer.indexOf(LINE_FEED);
  if (end < 0 || end > HEAD_BYTES_MAX) throw new Error("git's answer has no first line");
  const line = new TextDecoder().decode(answer.subarray(0, end));
  const found = /^[0-9a-f]{40,64} (\w+) (\d+)$/.exec(line);
  // A folder, or the commit of a repository inside: no file.
  if (found === null || found[1] !== "blob") return { is: "absent" };
  const bytes = Number(found[2]);
  if (bytes > TEXT_BYTES_MAX) return { is: "too-large", bytes };
  const content = answer.subarray(end + 1, end + 1 + bytes);
  if (content.length < bytes) throw new Error(`git sent ${content.length} of ${bytes} bytes`);
  if (content.subarray(0, LOOKED_AT_BYTES).includes(0)) return { is: "binary", bytes };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    return { is: "text", text };
  } catch {
    return { is: "binary", bytes };
  }
}
