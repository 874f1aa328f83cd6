/** Files that others open in the window: an $EDITOR of git, the command line, an agent's proposals. */
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { propose } from "../../bus/contracts/editor-sync.ts";
import { stat } from "../../bus/contracts/file-guard.ts";
import { live, openText, save, shows, write } from "./editors.ts";
import { withPage } from "./open-page.ts";
import { eventually, type Workspace } from "./workspace.ts";

const run = promisify(execFile);
const CLI = resolve(import.meta.dirname, "../../dist/node/cli.mjs");

/** What a shell calls to open files in this workspace's window. */
function editorCommand(workspace: Workspace): string {
  const runtimeDir = join(dirname(workspace.stateDir), "r");
  return `${process.execPath} ${CLI} open --wait --runtime-dir ${runtimeDir}`;
}

describe("a file that a program opens", () => {
  it(
    "is git's message: written, saved and closed, and the commit has it",
    () =>
      withPage(async ({ page, workspace }) => {
        const cwd = workspace.folder;
        const identity = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org"];
        await run("git", ["init", "-q", "-b", "main"], { cwd });
        write(workspace, "a.txt", "one\n");
        await run("git", ["add", "a.txt"], { cwd });
        const committing = run("git", [...identity, "commit", "-q"], {
          cwd,
          env: { ...process.env, GIT_EDITOR: editorCommand(workspace) },
        });
        await page.locator('[data-testid=editor][data-path$="/COMMIT_EDITMSG"]').waitFor();
        await live(page);
        await page.keyboard.type("Add a line");
        await save(page, ".git/COMMIT_EDITMSG");
        await page.keyboard.press("Control+Shift+W");
        await committing;
        const { stdout } = await run("git", ["log", "--format=%s"], { cwd });
        expect(stdout).toBe("Add a line\n");
      }),
    120_000,
  );

  it(
    "may lie outside of the workspace: it is shown, follows the disk, is saved, and its neighbour stays closed",
    () =>
      withPage(async ({ page, workspace }) => {
        const path = join(dirname(workspace.stateDir), "outside.txt");
        writeFileSync(path, "one\n");
        writeFileSync(join(dirname(workspace.stateDir), "neighbour.txt"), "two\n");
        const [, cli = "", , , ...rest] = editorCommand(workspace).split(" ");
        await run(process.execPath, [cli, "open", ...rest, path]);
        await live(page);
        await shows(page, "one\n");
        writeFileSync(path, "changed\n");
        await shows(page, "changed\n");
        await page.keyboard.type("mine ");
        await page.keyboard.press("Control+s");
        await eventually("it is on the disk", () =>
          readFileSync(path, "utf8") === "mine changed\n" ? true : undefined,
        );
        const peer = await workspace.attach();
        const neighbour = { path: join(dirname(workspace.stateDir), "neighbour.txt") };
        await expect(peer.request(stat, neighbour)).rejects.toMatchObject({
          code: "file-guard/denied",
        });
        peer.close();
      }),
    60_000,
  );

  it(
    "may be a setting of ours: why it is not written is said, and the person's word for 10 minutes saves it",
    () =>
      withPage(async ({ page, workspace }) => {
        const path = join(workspace.configDir, "keybindings.json");
        writeFileSync(path, "[]\n");
        const [, cli = "", , , ...rest] = editorCommand(workspace).split(" ");
        await run(process.execPath, [cli, "open", ...rest, path]);
        await live(page);
        await page.keyboard.type(" ");
        await page.keyboard.press("Control+s");
        await page.getByTestId("editor-banner").getByRole("button", { name: "Why?" }).click();
        const card = page.getByTestId("denial-dialog");
        await card.getByText("rule built-in/own-config, asked by you in the editor.").waitFor();
        expect(readFileSync(path, "utf8")).toBe("[]\n");
        await card.getByRole("button", { name: "Open for me for 10 minutes" }).click();
        await eventually("it is on the disk", () =>
          readFileSync(path, "utf8") === " []\n" ? true : undefined,
        );
      }),
    60_000,
  );

  it(
    "is shown at its line and column",
    () =>
      withPage(async ({ page, workspace }) => {
        const path = write(workspace, "b.txt", "one\ntwo\nthree\n");
        const [, cli = "", , , ...rest] = editorCommand(workspace).split(" ");
        await run(process.execPath, [cli, "open", ...rest, `${path}:3:4`]);
        await live(page);
        await eventually("the cursor is there", async () =>
          (await page.getByTestId("status-position").textContent()) === "Ln 3, Col 4"
            ? true
            : undefined,
        );
      }),
    120_000,
  );
});

describe("what an agent proposes", () => {
  it(
    "is shown per hunk, taken or refused, and undone in one step",
    () =>
      withPage(async ({ page, workspace }) => {
        const path = write(workspace, "c.txt", "one\ntwo\nthree\nfour\nfive\nsix\n");
        await openText(page, "c.txt");
        const peer = await workspace.attach();
        const edit = { kind: "text" as const, text: "ONE\ntwo\nthree\nfour\nFIVE\nsix\n" };
        await peer.request(propose, { path, edit, note: "capitals" });
        peer.close();
        await eventually("two proposals", async () =>
          (await page.getByTestId("proposal").count()) === 2 ? true : undefined,
        );
        await page
          .getByTestId("editor-proposals")
          .filter({ hasText: "2 changes in c.txt" })
          .waitFor();
        await page.getByTestId("proposal").first().getByRole("button", { name: "Reject" }).click();
        await eventually("one proposal", async () =>
          (await page.getByTestId("proposal").count()) === 1 ? true : undefined,
        );
        await page.getByRole("button", { name: "Accept all" }).click();
        await shows(page, "one\ntwo\nthree\nfour\nFIVE\nsix\n");
        await page.locator(".cm-content").focus();
        await page.keyboard.press("Control+z");
        await shows(page, "one\ntwo\nthree\nfour\nfive\nsix\n");
        expect(readFileSync(path, "utf8")).toContain("five");
      }),
    120_000,
  );
});
