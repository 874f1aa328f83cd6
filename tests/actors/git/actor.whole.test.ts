/** The git actor as a process of its own, over real repositories, through the real runner, launcher and file guard. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as fileGuard from "../../../bus/contracts/file-guard.ts";
import * as contract from "../../../bus/contracts/git.ts";
import { OPEN, SECRET } from "../file-guard/real-guard.ts";
import { openScene, type Scene } from "./scene.ts";

const DENIED = { code: "file-guard/denied", data: { rule: "built-in/dotenv" } };

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.end());

const status = (): Promise<contract.Status> => scene.hub.peer.request(contract.status, {});
const head = (path: string): Promise<contract.Side> =>
  scene.hub.peer.request(contract.headText, { path });
const index = (path: string): Promise<contract.Side> =>
  scene.hub.peer.request(contract.indexText, { path });

test("it tells branch and changes, and both copies of a file", async () => {
  scene.write("open.txt", "staged\n");
  scene.git("add", "open.txt");
  scene.write("open.txt", "changed\n");
  scene.write("deep/new file.txt", "new\n");
  scene.git("mv", "src/main.ts", "src/moved.ts");
  const { branch, commit, changes, isCut } = await status();
  expect([branch, commit?.length, isCut]).toEqual(["main", 40, false]);
  expect(changes).toEqual([
    { path: "open.txt", group: "staged", how: "modified" },
    { path: "src/moved.ts", group: "staged", how: "renamed", from: "src/main.ts" },
    { path: "open.txt", group: "changed", how: "modified" },
    { path: "deep/new file.txt", group: "untracked", how: "untracked" },
  ]);
  expect(await head("open.txt")).toEqual({ is: "text", text: OPEN });
  expect(await index("open.txt")).toEqual({ is: "text", text: "staged\n" });
  expect(await head("deep/new file.txt")).toEqual({ is: "absent" });
  expect(await head("src")).toEqual({ is: "absent" });
});

test("upstream, ahead and behind are told, and a conflict", async () => {
  scene.git("branch", "other");
  scene.write("open.txt", "ours\n");
  scene.git("commit", "--all", "--quiet", "--message=ours");
  scene.git("branch", "--set-upstream-to=other");
  expect(await status()).toMatchObject({ upstream: "other", ahead: 1, behind: 0 });
  scene.git("switch", "--quiet", "other");
  scene.write("open.txt", "theirs\n");
  scene.git("commit", "--all", "--quiet", "--message=theirs");
  scene.naive("merge", "main");
  const { changes } = await status();
  expect(changes).toEqual([{ path: "open.txt", group: "conflict", how: "both-modified" }]);
});

test("what a rule closes is told as changed, and no copy of it is shown", async () => {
  scene.write(".env", "SECRET-other");
  scene.write("sub/.env", SECRET);
  const { changes } = await status();
  expect(changes).toEqual([
    { path: ".env", group: "changed", how: "modified", closed: "built-in/dotenv", liftable: true },
    {
      path: "sub/.env",
      group: "untracked",
      how: "untracked",
      closed: "built-in/dotenv",
      liftable: true,
    },
  ]);
  for (const path of [".env", ".ENV", "sub/.env"]) {
    await expect(head(path)).rejects.toMatchObject(DENIED);
    await expect(index(path)).rejects.toMatchObject(DENIED);
  }
  scene.git("mv", "--force", ".env", "plain.txt");
  expect((await status()).changes[0]).toMatchObject({
    path: "plain.txt",
    closed: "built-in/dotenv",
  });
});

test("a name that leads elsewhere now does not open the copy of what was there", async () => {
  rmSync(join(scene.workspace, ".env"));
  symlinkSync("open.txt", join(scene.workspace, ".env"));
  await expect(head(".env")).rejects.toMatchObject(DENIED);
  for (const path of ["./.env", "src/../.env", "/etc/passwd", "a\n.env"]) {
    await expect(head(path)).rejects.toMatchObject({
      code: expect.stringMatching(/bad-path|denied/),
    });
  }
});

test("a grant of the person opens git's copy as long as it lasts", async () => {
  scene.git("status");
  await scene.hub.peer.request(fileGuard.grant, { path: ".env" });
  expect(await head(".env")).toEqual({ is: "text", text: SECRET });
  const { changes } = await status();
  expect(changes).toEqual([]);
});

test("a folder of a larger repository tells its own part of it", async () => {
  rmSync(join(scene.workspace, ".git"), { recursive: true });
  const git = (...args: string[]): string => scene.git("-C", scene.home, ...args);
  git("init", "--quiet", "--initial-branch=trunk");
  writeFileSync(join(scene.home, ".gitignore"), "*.log\n");
  git("add", "ws/open.txt", "ws/src");
  git("commit", "--quiet", "--message=one");
  scene.write("src/main.ts", "other\n");
  scene.write("a.log", "");
  writeFileSync(join(scene.home, "outside.txt"), "");
  const { branch, changes } = await status();
  expect(branch).toBe("trunk");
  expect(changes.map(({ path }) => path)).toEqual(["src/main.ts", ".env"]);
  expect(await head("open.txt")).toEqual({ is: "text", text: OPEN });
});

test("without repository the answer says so, and one that is made later is found", async () => {
  rmSync(join(scene.workspace, ".git"), { recursive: true });
  await expect(status()).rejects.toMatchObject({ code: contract.GitCode.noRepository });
  scene.git("init", "--quiet", "--initial-branch=new");
  const { branch, commit } = await status();
  expect([branch, commit]).toEqual(["new", undefined]);
});

test("a broken repository is a failure with git's own words", async () => {
  writeFileSync(join(scene.workspace, ".git/config"), "[core\n");
  const error = await status().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: contract.GitCode.failed, data: { code: 128 } });
  expect(String(error)).toContain("bad config");
});

test("binary and large files have no text", async () => {
  scene.write("image", Buffer.of(0x89, 0x50, 0, 1));
  scene.write("large", "x".repeat(contract.TEXT_BYTES_MAX + 1));
  scene.git("add", "image", "large");
  expect(await index("image")).toEqual({ is: "binary", bytes: 4 });
  expect(await index("large")).toEqual({ is: "too-large", bytes: contract.TEXT_BYTES_MAX + 1 });
});

test("10,000 changed files are told, and of more that there are more", async () => {
  mkdirSync(join(scene.workspace, "many"));
  for (let count = 0; count <= contract.CHANGES_MAX; count++) {
    writeFileSync(join(scene.workspace, "many", `f${count}`), "");
  }
  const asked = scene.hub.peer.request(contract.status, {}, { timeoutMs: 90_000 });
  const { changes, isCut } = await asked;
  expect([changes.length, isCut]).toEqual([contract.CHANGES_MAX, true]);
}, 180_000);

test("it tells the commits of a file and its text in each, newest first", async () => {
  const history = (path: string) => scene.hub.peer.request(contract.fileHistory, { path });
  scene.write("open.txt", "second\n");
  scene.git("commit", "--all", "--quiet", "--message=two: ü\n\nand more");
  scene.write("src/main.ts", "other\n");
  scene.git("commit", "--all", "--quiet", "--message=three");
  const { commits, isCut } = await history("open.txt");
  expect(isCut).toBe(false);
  expect(commits.map(({ subject, author }) => [subject, author])).toEqual([
    ["two: ü", "t"],
    ["one", "t"],
  ]);
  const [second, first] = commits;
  expect(second?.atMs).toBeGreaterThan(1_700_000_000_000);
  const text = (commit = "") =>
    scene.hub.peer.request(contract.commitText, { path: "open.txt", commit });
  expect(await text(second?.id)).toEqual({ is: "text", text: "second\n" });
  expect(await text(first?.id)).toEqual({ is: "text", text: OPEN });
  expect(await text("0".repeat(40))).toEqual({ is: "absent" });
  expect(await history("never.txt")).toEqual({ commits: [], isCut: false });
  await expect(text("HEAD")).rejects.toMatchObject({ code: "bus/invalid" });
  await expect(text(`${second?.id}\n`)).rejects.toMatchObject({ code: "bus/invalid" });
  await expect(history("src/../open.txt")).rejects.toMatchObject({ code: "git/bad-path" });
  await expect(history(".env")).rejects.toMatchObject(DENIED);
  await expect(
    scene.hub.peer.request(contract.commitText, { path: ".env", commit: first?.id ?? "" }),
  ).rejects.toMatchObject(DENIED);
});

test("a repository without a commit has no history", async () => {
  rmSync(join(scene.workspace, ".git"), { recursive: true });
  scene.git("init", "--quiet", "--initial-branch=main");
  const { commits } = await scene.hub.peer.request(contract.fileHistory, { path: "open.txt" });
  expect(commits).toEqual([]);
});
