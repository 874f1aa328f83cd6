/** What is said of two texts beside their difference, or instead of it. Pure. */
import type { Side } from "../../../bus/contracts/git.ts";
import { size } from "../../state/words.ts";

/** `instead`: there is no difference to show. */
export interface DiffNote {
  readonly type: "none" | "beside" | "instead";
  readonly words: string;
}

export function diffNote({ before, after }: { before: Side; after: Side }): DiffNote {
  const large = [before, after].find((side) => side.is === "too-large");
  if (large?.is === "too-large") {
    return { type: "instead", words: `Too large to compare: ${size(large.bytes)}.` };
  }
  if (before.is === "binary" || after.is === "binary") {
    return {
      type: "instead",
      words: `Not a text: ${sizeOf(before)} before, ${sizeOf(after)} now.`,
    };
  }
  if (before.is === "absent" && after.is === "absent") {
    return {
      type: "instead",
      words: "There is no such file any more, neither in git nor on disk.",
    };
  }
  if (before.is === "absent") return { type: "beside", words: "A new file." };
  if (after.is === "absent") return { type: "beside", words: "The file was deleted." };
  if (before.is === "text" && after.is === "text" && before.text === after.text) {
    return {
      type: "beside",
      words: "The texts are the same: only its mode, its times or its name changed.",
    };
  }
  return { type: "none", words: "" };
}

function sizeOf(side: Side): string {
  if (side.is === "binary" || side.is === "too-large") return size(side.bytes);
  return side.is === "text" ? "text" : "nothing";
}
