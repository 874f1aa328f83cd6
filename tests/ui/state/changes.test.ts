/** Lines and words of the changes view, and what the tab of a change is called. */
import { expect, test } from "vitest";
import type { Change, Status } from "../../../bus/contracts/git.ts";
import {
  branchName,
  branchWords,
  changedFiles,
  changeRows,
  wordOf,
} from "../../../ui/state/changes.ts";
import { diffId, diffTitle, readDiffId, sideNames } from "../../../ui/state/diff-id.ts";
import { diffNote } from "../../../ui/views/diff/note.ts";

const CHANGES: Change[] = [
  { path: "a.ts", group: "staged", how: "modified" },
  { path: "new.ts", group: "staged", how: "renamed", from: "old.ts" },
  { path: "a.ts", group: "changed", how: "modified" },
];
const text = (words: string) => ({ is: "text", text: words }) as const;
const ABSENT = { is: "absent" } as const;

test("groups without files have no head, folded ones nothing else", () => {
  const rows = (folded: Change["group"][]) =>
    changeRows(CHANGES, new Set(folded)).map((row) => (row.type === "head" ? row.group : row.key));
  expect(rows([])).toEqual(["staged", "staged a.ts", "staged new.ts", "changed", "changed a.ts"]);
  expect(rows(["staged"])).toEqual(["staged", "changed", "changed a.ts"]);
  expect(changeRows([], new Set())).toEqual([]);
});

test("a file that is staged and changed again counts once", () => {
  expect(changedFiles(CHANGES)).toBe(2);
});

test("a branch is told with its distance to its upstream", () => {
  const commit = "0123456789abcdef";
  const cases: ReadonlyArray<readonly [Omit<Status, "changes" | "isCut">, string, string]> = [
    [{}, "no branch", "no branch, on no branch, no commit yet"],
    [{ branch: "main" }, "main", "main, no commit yet"],
    [{ branch: "main", commit }, "main", "main"],
    [{ commit }, "at 01234567", "at 01234567, on no branch"],
    [{ branch: "a", commit, upstream: "o/a", ahead: 0, behind: 0 }, "a", "a, as o/a"],
    [
      { branch: "a", commit, upstream: "o/a", ahead: 1, behind: 0 },
      "a",
      "a, 1 commit ahead of o/a",
    ],
    [
      { branch: "a", commit, upstream: "o/a", ahead: 2, behind: 3 },
      "a",
      "a, 2 commits ahead of o/a and 3 behind",
    ],
    [{ branch: "a", commit, upstream: "o/a", ahead: 0, behind: 1 }, "a", "a, 1 commit behind o/a"],
  ];
  for (const [status, name, words] of cases) {
    expect([branchName(status), branchWords(status)]).toEqual([name, words]);
  }
});

test("what happened is a word, with where a file came from", () => {
  expect(CHANGES.map(wordOf)).toEqual(["modified", "renamed from old.ts", "modified"]);
});

test("a tab's id gives back what it shows, and no other tab's does", () => {
  const id = { group: "staged", path: "a:b/c d.ts" } as const;
  expect(readDiffId(diffId(id))).toEqual(id);
  expect(diffTitle(id)).toBe("c d.ts - staged");
  for (const other of ["settings", "terminal-1", "diff:", "diff:all:x"]) {
    expect(readDiffId(other)).toBeUndefined();
  }
});

test("a changed file is compared with what is staged of it, else with the last commit", () => {
  expect(sideNames({ group: "changed", path: "a.ts" }, CHANGES).before).toBe("staged");
  expect(sideNames({ group: "changed", path: "b.ts" }, CHANGES).before).toBe("last commit");
});

test("where there is no difference to show, words say why", () => {
  for (const [before, after, type, words] of [
    [text("a"), text("b"), "none", ""],
    [text("a"), text("a"), "beside", "The texts are the same"],
    [ABSENT, text("a"), "beside", "A new file."],
    [text("a"), ABSENT, "beside", "The file was deleted."],
    [ABSENT, ABSENT, "instead", "no such file"],
    [{ is: "binary", bytes: 2048 }, text("a"), "instead", "Not a text: 2 KB before, text now."],
    [text("a"), { is: "too-large", bytes: 9_437_184 }, "instead", "Too large to compare: 9.0 MB."],
  ] as const) {
    const note = diffNote({ before, after });
    expect([note.type, note.words.includes(words)]).toEqual([type, true]);
  }
});
