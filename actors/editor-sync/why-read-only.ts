/** Why a file can be looked at but not edited. */
import { EDIT_LINE_MAX, type ReadOnlyWhy } from "../../bus/contracts/editor-document.ts";
import type { Stat } from "../../bus/contracts/file-guard.ts";
import type { Loaded } from "./format.ts";

const ANY_WRITE = 0o222;

export const BINARY: ReadOnlyWhy = {
  code: "binary",
  says: "This is no text: it has a NUL in its first 8,000 bytes.",
};

/** Null when it can be edited. */
export function whyReadOnly({ format, longestLine }: Loaded, { mode }: Stat): ReadOnlyWhy | null {
  if (format.encoding === "binary") {
    return BINARY;
  }
  if (format.encoding !== "utf-8") {
    const says = `This is ${format.encoding}, not UTF-8: saving would change bytes nobody touched.`;
    return { code: "encoding", says };
  }
  if (longestLine > EDIT_LINE_MAX) {
    const says = `A line has ${longestLine} units, at most ${EDIT_LINE_MAX} can be edited.`;
    return { code: "long-line", says };
  }
  if ((mode & ANY_WRITE) === 0) {
    return { code: "permission", says: "The file is marked as read-only for everybody." };
  }
  return null;
}
