/** Changed files, their difference and closed files in a real page, over a real git. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { withPage } from "./open-page.ts";
import { changeMuch, git, makeRepository, write } from "./repository.ts";
import { eventually, type Workspace } from "./workspace.ts";

const WAIT = { timeout: 40_000 };

/** Rows of the view from top to bottom, with their letter. */
function rows(page: Page): Promise<string[]> {
  return page.locator(".changes-row").evaluateAll((all) =>
    all.map((row) => {
      const path = row.getAttribute("data-path");
      const letter = row.querySelector(".changes-letter")?.textContent ?? "";
      const text = (part: string): string => row.querySelector(part)?.textContent ?? "";
      if (path !== null) return `${letter} ${path}`;
      return `${text(".changes-name")}, ${text(".changes-count")}`;
    }),
  );
}

function shows(page: Page, wanted: readonly string[]): Promise<true> {
  return eventually(`changes are ${wanted.join("; ")}`, async () => {
    const now = await rows(page);
    return JSON.stringify(now) === JSON.stringify(wanted) || undefined;
  });
}

const openChanges = (page: Page) => page.getByTestId("rail-changes").click();
const file = (page: Page, path: string) =>
  page.locator(`.changes-row[data-path="${path}"]`).first();

/** The layout as the hub has stored it; empty before. */
function layoutOf(workspace: Workspace): string {
  const path = join(workspace.stateDir, "ui", "layout.json");
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

async function withRepository(
  test: (page: Page, workspace: Workspace, errors: readonly string[]) => Promise<void>,
): Promise<void> {
  await withPage(async ({ page, workspace, errors }) => {
    makeRepository(workspace);
    await openChanges(page);
    await test(page, workspace, errors);
  });
}

it("tells branch, distance and every kind of change, and counts them on the rail", () =>
  withRepository(async (page, workspace, errors) => {
    changeMuch(workspace);
    await shows(page, [
      "Staged, 2 files",
      "R src/new-name.ts",
      "A src/staged.ts",
      "Changed, 4 files",
      "M .env",
      "D notes.md",
      "M src/parse.ts",
      "M src/staged.ts",
      "Untracked, 2 files",
      "U picture.png",
      "U src/words/new-words.ts",
    ]);
    expect(await page.getByTestId("rail-changes").getAttribute("aria-label")).toBe(
      "Changes, 7 changed",
    );
    expect(await page.getByTestId("status-branch").getAttribute("title")).toBe(
      "main, 1 commit ahead of origin/main",
    );
    expect(await file(page, ".env").textContent()).toContain("kept closed by rule built-in/dotenv");
    expect(errors).toEqual([]);
  }));

it("follows files and commands without being asked", () =>
  withRepository(async (page, workspace) => {
    await page.getByTestId("changes-says").waitFor(WAIT);
    write(workspace, "notes.md", "two\n");
    await shows(page, ["Changed, 1 file", "M notes.md"]);
    git(workspace, "add", "notes.md");
    await shows(page, ["Staged, 1 file", "M notes.md"]);
    git(workspace, "commit", "--quiet", "--message=three");
    await page.getByTestId("changes-says").waitFor(WAIT);
  }));

it("shows a difference side by side and unified, and the next text when the file changes", () =>
  withRepository(async (page, workspace, errors) => {
    changeMuch(workspace);
    await file(page, "src/parse.ts").click(WAIT);
    const diff = page.getByTestId("diff");
    await diff.locator(".cm-merge-b .cm-changedLine").first().waitFor(WAIT);
    expect(await diff.locator(".cm-editor").count()).toBe(2);
    await diff.getByRole("button", { name: "Side by side" }).click();
    await diff.locator(".cm-deletedChunk").first().waitFor();
    expect(await diff.locator(".cm-editor").count()).toBe(1);
    expect(await diff.locator(".cm-content").getAttribute("contenteditable")).toBe("true");
    await diff.locator(".cm-content").click();
    await page.keyboard.type("never");
    expect(await diff.locator(".cm-content").textContent()).not.toContain("never");
    write(workspace, "src/parse.ts", "export {};\n");
    await diff.getByText("export {};").waitFor(WAIT);
    expect(errors).toEqual([]);
  }));

it("is worked by keys alone", () =>
  withRepository(async (page, workspace) => {
    changeMuch(workspace);
    await page.getByTestId("changes-list").waitFor(WAIT);
    await page.getByTestId("changes-list").focus();
    for (const key of ["ArrowLeft", "ArrowDown", "ArrowDown", "ArrowDown"]) {
      await page.keyboard.press(key);
    }
    await page.keyboard.press("Enter");
    await page.getByTestId("diff-note").getByText("The file was deleted.").waitFor(WAIT);
  }));

it("keeps a closed file's difference closed until the person opens it, and closes it again", () =>
  withRepository(async (page, workspace, errors) => {
    changeMuch(workspace);
    await file(page, ".env").click(WAIT);
    const card = page.getByTestId("denial-dialog");
    await card.waitFor();
    expect(await card.textContent()).toContain(
      "Denied: read .env - rule built-in/dotenv, asked by you in Changes.",
    );
    await card.getByRole("button", { name: "Explain" }).click();
    expect(await card.textContent()).toContain(join(workspace.folder, ".env"));
    await card.getByRole("button", { name: "Open for me for 10 minutes" }).click();
    await page.getByTestId("diff").getByText("TOKEN=two").waitFor(WAIT);
    const open = page.getByTestId("status-grants");
    expect(await open.textContent()).toMatch(/^\.env (9:\d\d|10:00)$/);
    await open.click();
    await page.getByRole("menuitem", { name: /Close \.env now/ }).click();
    await page.getByTestId("diff").getByTestId("denial").waitFor(WAIT);
    expect(await page.content()).not.toContain("TOKEN=");
    expect(errors).toEqual([]);
  }));

it("a closed file in the explorer says why, and a fixed rule offers nothing", () =>
  withRepository(async (page, workspace) => {
    write(workspace, "id_rsa", "key\n");
    await page.getByTestId("rail-explorer").click();
    await page.locator('.explorer-row[data-name="id_rsa"]').dblclick(WAIT);
    const card = page.getByTestId("denial-dialog");
    await card.waitFor();
    expect(await card.textContent()).toContain("No setting lifts this rule.");
    expect(await card.getByRole("button", { name: /10 minutes/ }).count()).toBe(0);
    await page.keyboard.press("Escape");
    await card.waitFor({ state: "detached" });
  }));

it("says that there is no repository, and finds one that is made", () =>
  withPage(async ({ page, workspace }) => {
    await openChanges(page);
    await page.getByText("This folder is in no git repository.").waitFor(WAIT);
    makeRepository(workspace);
    await page.getByText("Nothing has changed since the last commit.").waitFor(WAIT);
    rmSync(join(workspace.folder, ".git"), { recursive: true });
    await page.getByText("This folder is in no git repository.").waitFor(WAIT);
  }));

it("tells git's own words when it fails, and tries again", () =>
  withRepository(async (page, workspace) => {
    await page.getByTestId("changes-says").waitFor(WAIT);
    write(workspace, ".git/config", "[core\n");
    await page.getByText(/git ended with code 128: .*bad config/).waitFor(WAIT);
    write(workspace, ".git/config", "[core]\n\tbare = false\n");
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Nothing has changed since the last commit.").waitFor(WAIT);
  }));

it("a diff's tab comes back with the page", () =>
  withPage(async ({ page, workspace }) => {
    makeRepository(workspace);
    changeMuch(workspace);
    await openChanges(page);
    await file(page, "src/parse.ts").click(WAIT);
    await page.getByTestId("diff").locator(".cm-editor").first().waitFor(WAIT);
    await eventually(
      "the layout is stored",
      () => layoutOf(workspace).includes("parse.ts") || undefined,
    );
    await page.reload();
    await page.locator(".tab", { hasText: "parse.ts - changes" }).waitFor(WAIT);
    await page.getByTestId("diff").locator(".cm-editor").first().waitFor(WAIT);
  }));
