/** What a side of a comparison shows: a version of a file, or another file. Kept in the layout as a word. Pure. */
import type { Commit } from "../../bus/contracts/git.ts";

/** `here`: with what is not saved. `head`: the last commit. `index`: as it is staged. */
export type Version =
  | { readonly is: "here" }
  | { readonly is: "disk" }
  | { readonly is: "head" }
  | { readonly is: "index" }
  | { readonly is: "commit"; readonly id: string }
  | { readonly is: "file"; readonly path: string };

/** Digits of a commit that are shown. */
const SHORT = 8;
const PLAIN = ["here", "disk", "head", "index"] as const;
const NAMES = { here: "here", disk: "on disk", head: "last commit", index: "staged" } as const;

/** `disk`, `commit:1f0c...`, `file:/home/me/a.ts`. */
export function versionId(version: Version): string {
  if (version.is === "commit") return `commit:${version.id}`;
  return version.is === "file" ? `file:${version.path}` : version.is;
}

/** Undefined for what is none. */
export function readVersionId(id: string): Version | undefined {
  const plain = PLAIN.find((one) => one === id);
  if (plain !== undefined) return { is: plain };
  const commit = /^commit:([0-9a-f]{40}(?:[0-9a-f]{24})?)$/.exec(id)?.[1];
  if (commit !== undefined) return { is: "commit", id: commit };
  const path = /^file:(\/.+)$/s.exec(id)?.[1];
  return path === undefined ? undefined : { is: "file", path };
}

/** `on disk`, `1f0c22ab`, `src/a.ts`. `shorten` makes a path one that is shown. */
export function versionName(version: Version, shorten: (path: string) => string): string {
  if (version.is === "commit") return version.id.slice(0, SHORT);
  return version.is === "file" ? shorten(version.path) : NAMES[version.is];
}

/** `1f0c22ab Mend the parser`. */
export function commitName({ id, subject }: Pick<Commit, "id" | "subject">): string {
  return `${id.slice(0, SHORT)} ${subject}`;
}
