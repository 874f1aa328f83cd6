/** A repository in a workspace with a change of every kind, and files that rules close. */
import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Workspace } from "./workspace.ts";

const IDENTITY = [
  "-c",
  "user.name=t",
  "-c",
  "user.email=t@localhost",
  "-c",
  "commit.gpgsign=false",
];

/** When `.env` was written: long before its commit, seconds since 1970. */
const WRITTEN_S = 1_700_000_000;

const PARSE = `/** Reads a line of numbers. */
export function parse(line: string): number[] {
  const words = line.split(" ");
  return words.map((word) => Number(word));
}

export function sum(numbers: readonly number[]): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
`;

/** Runs git in the workspace as anybody would. It may fail. */
export function git(workspace: Workspace, ...args: string[]): string {
  const ended = spawnSync("git", [...IDENTITY, ...args], {
    cwd: workspace.folder,
    timeout: 20_000,
  });
  return String(ended.stdout);
}

export function write(workspace: Workspace, path: string, text: string): void {
  const full = join(workspace.folder, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, text);
}

/** Two commits on `main`, one ahead of `origin/main`, nothing changed since. */
export function makeRepository(workspace: Workspace): void {
  const { folder } = workspace;
  execFileSync("git", ["init", "--quiet", "--initial-branch=main"], { cwd: folder });
  write(workspace, "src/parse.ts", PARSE);
  write(workspace, "src/deep/er/still/leaf.ts", "export const leaf = 1;\n");
  write(
    workspace,
    "src/old-name.ts",
    "export const moved = true;\n// so that git sees\n// that it moved\n",
  );
  write(workspace, "docs/guide.md", "# Guide\n\nRead me.\n");
  write(workspace, "notes.md", "one\n");
  write(workspace, ".env", "TOKEN=one\n");
  write(workspace, ".gitignore", "dist/\n");
  // What is as young as the index git compares by its text, and the text of .env is closed to it.
  utimesSync(join(folder, ".env"), WRITTEN_S, WRITTEN_S);
  git(workspace, "add", "--all", "--force");
  git(workspace, "commit", "--quiet", "--message=one");
  git(workspace, "update-ref", "refs/remotes/origin/main", "HEAD");
  git(workspace, "config", "branch.main.remote", "origin");
  git(workspace, "config", "branch.main.merge", "refs/heads/main");
  git(workspace, "config", "remote.origin.url", "/nowhere");
  git(workspace, "config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*");
  write(workspace, "docs/guide.md", "# Guide\n\nRead me twice.\n");
  git(workspace, "commit", "--all", "--quiet", "--message=two");
}

/** A change of every kind. */
export function changeMuch(workspace: Workspace): void {
  git(workspace, "branch", "side", "HEAD~1");
  write(
    workspace,
    "src/parse.ts",
    PARSE.replace('split(" ")', 'split(/\\s+/).filter((word) => word !== "")'),
  );
  git(workspace, "mv", "src/old-name.ts", "src/new-name.ts");
  rmSync(join(workspace.folder, "notes.md"));
  write(workspace, "src/staged.ts", "export const staged = 1;\n");
  git(workspace, "add", "src/staged.ts");
  write(workspace, "src/staged.ts", "export const staged = 2;\n");
  write(workspace, ".env", "TOKEN=two\n");
  write(workspace, "src/words/new-words.ts", "export const WORDS = [];\n");
  write(workspace, "picture.png", "\u0000\u0001\u0002");
}
