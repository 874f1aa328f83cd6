/** Lines of the changes view, and the words of a change. Pure. */
import type { Change, Group, How, Status } from "../../bus/contracts/git.ts";
import { counted } from "./words.ts";

/** A line of the view: the head of a group, or a file. */
export type ChangeRow =
  | {
      readonly type: "head";
      readonly group: Group;
      readonly count: number;
      readonly isOpen: boolean;
    }
  | { readonly type: "file"; readonly key: string; readonly change: Change };

/** Groups in the order they are shown. */
export const GROUPS: readonly Group[] = ["conflict", "staged", "changed", "untracked"];

/** What a group is called. */
export const GROUP_WORDS: Readonly<Record<Group, string>> = {
  conflict: "Conflicts",
  staged: "Staged",
  changed: "Changed",
  untracked: "Untracked",
};

/** One letter for the row, as git writes it, and the word for everyone else. */
const HOW: Readonly<Record<How, readonly [letter: string, word: string]>> = {
  added: ["A", "added"],
  modified: ["M", "modified"],
  deleted: ["D", "deleted"],
  renamed: ["R", "renamed"],
  copied: ["C", "copied"],
  "type-changed": ["T", "another kind of file"],
  untracked: ["U", "not in git"],
  "both-added": ["!", "added on both sides"],
  "both-deleted": ["!", "deleted on both sides"],
  "both-modified": ["!", "changed on both sides"],
  "added-by-us": ["!", "added here alone"],
  "added-by-them": ["!", "added there alone"],
  "deleted-by-us": ["!", "deleted here, changed there"],
  "deleted-by-them": ["!", "changed here, deleted there"],
};

export function letterOf({ how }: Change): string {
  return HOW[how][0];
}

/** `modified`, `renamed from a.ts`. */
export function wordOf({ how, from }: Change): string {
  return from === undefined ? HOW[how][1] : `${HOW[how][1]} from ${from}`;
}

/** Identifies a line from one status to the next. */
export function keyOf({ group, path }: Change): string {
  return `${group} ${path}`;
}

/** Lines of all groups that have files; those of folded groups are their heads alone. */
export function changeRows(
  changes: readonly Change[],
  folded: ReadonlySet<Group>,
): readonly ChangeRow[] {
  return GROUPS.flatMap((group) => {
    const inside = changes.filter((change) => change.group === group);
    if (inside.length === 0) return [];
    const head: ChangeRow = {
      type: "head",
      group,
      count: inside.length,
      isOpen: !folded.has(group),
    };
    if (folded.has(group)) return [head];
    return [
      head,
      ...inside.map((change) => ({ type: "file", key: keyOf(change), change }) as const),
    ];
  });
}

/** Files that changed, each once. */
export function changedFiles(changes: readonly Change[]): number {
  return new Set(changes.map(({ path }) => path)).size;
}

/** What the branch is called: its name, or the commit where there is none. */
export function branchName({ branch, commit }: Pick<Status, "branch" | "commit">): string {
  return branch ?? (commit === undefined ? "no branch" : `at ${commit.slice(0, 8)}`);
}

/** `main, 2 commits ahead of origin/main and 1 behind`. */
export function branchWords(status: Omit<Status, "changes" | "isCut">): string {
  const { branch, commit, upstream, ahead = 0, behind = 0 } = status;
  const name = branch === undefined ? `${branchName(status)}, on no branch` : branch;
  if (commit === undefined) return `${name}, no commit yet`;
  if (upstream === undefined) return name;
  if (ahead === 0 && behind === 0) return `${name}, as ${upstream}`;
  if (ahead === 0) return `${name}, ${counted(behind, "commit")} behind ${upstream}`;
  const more = behind === 0 ? "" : ` and ${behind} behind`;
  return `${name}, ${counted(ahead, "commit")} ahead of ${upstream}${more}`;
}
