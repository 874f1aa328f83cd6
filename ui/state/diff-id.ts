/** A diff's tab keeps what it shows in its id: the layout stores nothing else of it. Pure. */
import type { Change, Group } from "../../bus/contracts/git.ts";
import { GROUPS } from "./changes.ts";

/** What a tab of the diff view shows. */
export type DiffOf = Pick<Change, "path" | "group" | "how" | "from">;

/** What an id says. What happened to the file is asked anew. */
export interface DiffId {
  readonly group: Group;
  readonly path: string;
}

const PREFIX = "diff";

export function diffId({ group, path }: DiffId): string {
  return `${PREFIX}:${group}:${path}`;
}

/** Undefined for the id of another tab. */
export function readDiffId(id: string): DiffId | undefined {
  const [prefix, group, ...path] = id.split(":");
  const known = GROUPS.find((one) => one === group);
  if (prefix !== PREFIX || known === undefined || path.length === 0) return undefined;
  return { group: known, path: path.join(":") };
}

/** `parse.ts (staged)`. */
export function diffTitle({ group, path }: DiffId): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return group === "changed" ? `${name} - changes` : `${name} - ${group}`;
}

/** What each side of the view is. Changed files are compared with what is staged of them, if anything is. */
export function sideNames(
  { group, path }: DiffId,
  changes: readonly DiffId[],
): { readonly before: string; readonly after: string } {
  const isStaged = changes.some((other) => other.group === "staged" && other.path === path);
  switch (group) {
    case "staged":
      return { before: "last commit", after: "staged" };
    case "changed":
      return { before: isStaged ? "staged" : "last commit", after: "on disk" };
    case "untracked":
      return { before: "not in git", after: "on disk" };
    case "conflict":
      return { before: "last commit", after: "on disk" };
  }
}
