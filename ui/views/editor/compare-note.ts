/** What is said of two versions beside their difference, or instead of it. Pure. */
import type { VersionText } from "../../app/version-texts.ts";
import { size } from "../../state/words.ts";
import type { DiffNote } from "../diff/note.ts";
import type { CompareSide } from "./compare-bar.tsx";

type Names = Readonly<Record<CompareSide, string | undefined>>;
interface Side {
  readonly text: VersionText | undefined;
}

export function compareNote(before: Side, after: Side, names: Names): DiffNote {
  if (names.before === undefined || names.after === undefined) return instead("Choose a version.");
  const [old, now] = [before.text, after.text];
  if (old === undefined || now === undefined) return instead("Reading both texts");
  const none = whyNone(old, names.before) ?? whyNone(now, names.after);
  if (none !== undefined) return instead(none);
  if (old.is === "text" && now.is === "text") {
    return old.text.eq(now.text) ? beside("The texts are the same.") : { type: "none", words: "" };
  }
  if (old.is === now.is) {
    return instead(`There is no such file: neither ${names.before} nor ${names.after}.`);
  }
  return beside(`There is no such file: ${old.is === "text" ? names.after : names.before}.`);
}

/** Why there is nothing to compare. */
function whyNone(side: VersionText, name: string): string | undefined {
  if (side.is === "too-large") return `Too large to compare: ${name}, ${size(side.bytes)}.`;
  return side.is === "binary" ? `Not a text: ${name}.` : undefined;
}

function beside(words: string): DiffNote {
  return { type: "beside", words };
}

function instead(words: string): DiffNote {
  return { type: "instead", words };
}
