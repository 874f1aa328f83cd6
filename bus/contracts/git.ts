/**
 * What crosses the wire for the git actor: what git knows of the workspace, read only. Git itself runs behind a wall in
 * which it can start nothing, so no setting of a repository runs a program. Paths are from the workspace on, with
 * slashes. Contents of a file that a rule closes are answered `file-guard/denied` with a `Denial`, also those of git's
 * own copies.
 */
import * as v from "valibot";
import { method } from "./define.ts";

const Text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Most entries of one status; what is beyond is not told, and `isCut` says so. */
export const CHANGES_MAX = 10_000;
/** Largest text that is told, bytes. */
export const TEXT_BYTES_MAX = 8 * 1024 * 1024;
/** Longest that git may take for one answer, milliseconds. */
export const GIT_TIMEOUT_MS = 20_000;

/**
 * Why there is no answer. `no-repository`: the workspace is in none. `no-git`: there is no such program. `timeout`: it
 * took longer than GIT_TIMEOUT_MS. `failed`: it ended with an error; the data are a `Failure`. `bad-path`: git cannot
 * be asked for that path.
 */
export const GitCode = {
  noRepository: "git/no-repository",
  noGit: "git/no-git",
  timeout: "git/timeout",
  failed: "git/failed",
  badPath: "git/bad-path",
} as const;

/** Data of the error `git/failed`. */
export const Failure = v.object({
  /** Its exit code; null when it was killed. */
  code: v.nullable(v.number()),
  /** The end of what it wrote to stderr. */
  says: v.string(),
});

/** Where a changed file stands. One that is staged and was changed again is told in both groups. */
export const Group = v.picklist(["conflict", "staged", "changed", "untracked"]);
export type Group = v.InferOutput<typeof Group>;

/** What happened to a file, in its group. */
export const How = v.picklist([
  "added",
  "modified",
  "deleted",
  "renamed",
  "copied",
  "type-changed",
  "untracked",
  "both-added",
  "both-deleted",
  "both-modified",
  "added-by-us",
  "added-by-them",
  "deleted-by-us",
  "deleted-by-them",
]);
export type How = v.InferOutput<typeof How>;

/** A changed file. */
export const Change = v.object({
  path: v.string(),
  /** Where it was before, of a renamed or copied one. */
  from: v.optional(v.string()),
  group: Group,
  how: How,
  /** Whether the name is no UTF-8, so that git cannot be asked for it; `path` shows it with bytes replaced. */
  isOddName: v.optional(v.boolean()),
  /** A repository inside this one: it has no text. */
  isModule: v.optional(v.boolean()),
  /** Id of the rule that keeps its contents closed. An agent or a server is not told of such files. */
  closed: v.optional(v.string()),
  /** Whether the person could open it for 10 minutes. */
  liftable: v.optional(v.boolean()),
});
export type Change = v.InferOutput<typeof Change>;

/** The workspace as git sees it. */
export const Status = v.object({
  /** Absent when HEAD is on no branch. */
  branch: v.optional(v.string()),
  /** Absent before the first commit. */
  commit: v.optional(v.string()),
  upstream: v.optional(v.string()),
  /** Commits that the upstream lacks, and that it has more. Absent without upstream. */
  ahead: v.optional(Count),
  behind: v.optional(Count),
  /** Conflicts, staged, changed, untracked; in each git's order. */
  changes: v.array(Change),
  /** Whether there are more than CHANGES_MAX. */
  isCut: v.boolean(),
});
export type Status = v.InferOutput<typeof Status>;

/** Branch and changed files. Calls that come while one is under way share its answer. */
export const status = method("git.status", {
  input: v.object({}),
  output: Status,
  whenRestarting: "hold",
});

/** One side of a file. */
export const Side = v.variant("is", [
  v.object({ is: v.literal("text"), text: v.string() }),
  /** No such file there: it was added later. */
  v.object({ is: v.literal("absent") }),
  /** A zero byte within its first 8,000, git's own test, or no UTF-8. */
  v.object({ is: v.literal("binary"), bytes: Count }),
  /** More than TEXT_BYTES_MAX. */
  v.object({ is: v.literal("too-large"), bytes: Count }),
]);
export type Side = v.InferOutput<typeof Side>;

/** A file's text in the last commit. */
export const headText = method("git.head-text", {
  input: v.object({ path: Text(4096) }),
  output: Side,
  whenRestarting: "hold",
  capture: "content",
});
/** A file's text as it is staged. */
export const indexText = method("git.index-text", {
  input: v.object({ path: Text(4096) }),
  output: Side,
  whenRestarting: "hold",
  capture: "content",
});

/** Most commits of one history; older ones are not told, and `isCut` says so. */
export const HISTORY_MAX = 200;

/** A commit that changed a file. */
export const Commit = v.object({
  /** 40 or 64 hexadecimal digits. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/)),
  /** When it was committed, wall clock milliseconds. */
  atMs: v.number(),
  author: v.string(),
  /** First line of its message. */
  subject: v.string(),
});
export type Commit = v.InferOutput<typeof Commit>;

/** Commits before HEAD and with it that changed a file, newest first. Those under an earlier name are not followed. */
export const fileHistory = method("git.file-history", {
  input: v.object({ path: Text(4096) }),
  output: v.object({ commits: v.array(Commit), isCut: v.boolean() }),
  whenRestarting: "hold",
});
/** A file's text in a commit. */
export const commitText = method("git.commit-text", {
  input: v.object({ path: Text(4096), commit: Commit.entries.id }),
  output: Side,
  whenRestarting: "hold",
  capture: "content",
});
