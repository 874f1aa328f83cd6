/** Explorer, search in files and Quick open in a real page, on a real file guard. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { act, recorderStats } from "../../bus/contracts/hub.ts";
import { withPage } from "./open-page.ts";
import { eventually, type Workspace } from "./workspace.ts";

function fill(workspace: Workspace): void {
  mkdirSync(join(workspace.folder, "src/deep"), { recursive: true });
  mkdirSync(join(workspace.folder, "docs"));
  writeFileSync(join(workspace.folder, "src/main.ts"), "export const answer = 42;\n");
  writeFileSync(join(workspace.folder, "src/deep/part.ts"), "// the answer is elsewhere\n");
  writeFileSync(join(workspace.folder, "notes.md"), "# Answer\n\nnone\n");
  writeFileSync(join(workspace.folder, ".env"), "ANSWER=secret\n");
}

/** Names in the explorer from top to bottom. */
function names(page: Page): Promise<string[]> {
  return page.locator(".explorer-row .explorer-text").allTextContents();
}

function shows(page: Page, ...wanted: string[]): Promise<true> {
  return eventually(`the explorer shows ${wanted.join(", ")}`, async () => {
    const now = await names(page);
    return wanted.every((name) => now.includes(name)) || undefined;
  });
}

function lacks(page: Page, name: string): Promise<true> {
  return eventually(
    `the explorer has no ${name}`,
    async () => !(await names(page)).includes(name) || undefined,
  );
}

const item = (page: Page, name: string) => page.locator(`.explorer-row[data-name="${name}"]`);

/** Waits until an editor shows a file with this line. */
async function openedText(page: Page, path: string, line: string): Promise<void> {
  const shown = page.locator(`[data-testid=editor][data-path$="${path}"] .cm-line`);
  await eventually(`${path} is shown`, async () =>
    (await shown.allTextContents()).includes(line) ? true : undefined,
  );
}

async function withFiles(
  test: (page: Page, workspace: Workspace, errors: readonly string[]) => Promise<void>,
): Promise<void> {
  await withPage(async ({ page, workspace, errors }) => {
    fill(workspace);
    await shows(page, "docs", "src", "notes.md");
    await test(page, workspace, errors);
  });
}

describe("the explorer", () => {
  it("lists folders first, and what a rule closes as locked", () =>
    withFiles(async (page, _, errors) => {
      await shows(page, ".env");
      expect(await names(page)).toEqual(["docs", "src", ".env", "notes.md"]);
      expect(await item(page, ".env").getAttribute("aria-label")).toMatch(
        /^\.env, closed by rule /,
      );
      expect(errors).toEqual([]);
    }));

  it("asks once for what does not change", () =>
    withFiles(async (page, workspace) => {
      await item(page, "src").click();
      await shows(page, "main.ts");
      const peer = await workspace.attach();
      // Beats, process rows and the like are some twenty frames a second; a page that asks in a circle makes a thousand.
      await eventually("the bus is quiet", async () =>
        (await peer.request(recorderStats, {})).framesPerSecond < 100 ? true : undefined,
      );
      peer.close();
    }));

  it("makes, renames and deletes with the keyboard alone, and takes a deletion back", () =>
    withFiles(async (page, workspace) => {
      const path = (name: string) => join(workspace.folder, name);
      await page.getByRole("button", { name: "New file" }).first().focus();
      await page.keyboard.press("Enter");
      await page.getByTestId("explorer-input").fill("todo.txt");
      await page.keyboard.press("Enter");
      await shows(page, "todo.txt");
      expect(existsSync(path("todo.txt"))).toBe(true);
      writeFileSync(path("todo.txt"), "keep me");
      await page.keyboard.press("F2");
      await page.getByTestId("explorer-input").fill("done.txt");
      await page.keyboard.press("Enter");
      await shows(page, "done.txt");
      await lacks(page, "todo.txt");
      await page.keyboard.press("Delete");
      await lacks(page, "done.txt");
      expect(existsSync(path("done.txt"))).toBe(false);
      await page.getByTestId("toast").getByRole("button", { name: "Undo" }).click();
      await shows(page, "done.txt");
      expect(readFileSync(path("done.txt"), "utf8")).toBe("keep me");
    }));

  it("refuses a name that is none, and says why", () =>
    withFiles(async (page) => {
      await page.getByRole("button", { name: "New folder" }).first().click();
      const input = page.getByTestId("explorer-input");
      await input.fill("a/b");
      await page.keyboard.press("Enter");
      expect(await input.getAttribute("title")).toBe("A name cannot hold a slash.");
      await page.keyboard.press("Escape");
      await input.waitFor({ state: "detached" });
    }));

  it("walks with the arrow keys and finds a name by its letters", () =>
    withFiles(async (page) => {
      const list = page.getByTestId("explorer-list");
      await list.focus();
      const selected = () => page.locator(".explorer-selected").getAttribute("data-name");
      expect(await selected()).toBe("docs");
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("ArrowRight");
      await shows(page, "main.ts");
      await page.keyboard.press("ArrowRight");
      expect(await selected()).toBe("deep");
      await page.keyboard.press("ArrowLeft");
      expect(await selected()).toBe("src");
      await page.keyboard.type("no");
      expect(await selected()).toBe("notes.md");
      await page.keyboard.press("Home");
      expect(await selected()).toBe("docs");
    }));

  it("shows what others do to the folder", () =>
    withFiles(async (page, workspace) => {
      writeFileSync(join(workspace.folder, "from-outside.txt"), "");
      await shows(page, "from-outside.txt");
      renameSync(join(workspace.folder, "docs"), join(workspace.folder, "papers"));
      await shows(page, "papers");
      await lacks(page, "docs");
    }));

  it("stands while its process is killed, and goes on with the next one", () =>
    withFiles(async (page, workspace) => {
      const peer = await workspace.attach();
      await peer.request(act, { name: "file-guard", act: "kill", endShells: false });
      peer.close();
      expect(await names(page)).toContain("notes.md");
      await item(page, "src").click();
      await shows(page, "deep", "main.ts");
      writeFileSync(join(workspace.folder, "afterwards.txt"), "");
      await shows(page, "afterwards.txt");
    }));

  it("opens a file in the editor", () =>
    withFiles(async (page) => {
      await item(page, "notes.md").dblclick();
      await openedText(page, "/notes.md", "# Answer");
    }));

  it("moves a file into a folder it is dragged to", () =>
    withFiles(async (page, workspace) => {
      await item(page, "notes.md").hover();
      await page.mouse.down();
      await item(page, "docs").hover();
      await page.locator(".explorer-target").waitFor();
      await page.mouse.up();
      await lacks(page, "notes.md");
      expect(existsSync(join(workspace.folder, "docs/notes.md"))).toBe(true);
    }));
});

describe("search in files", () => {
  it("finds lines by file, marks the places, and never looks into what is closed", () =>
    withFiles(async (page) => {
      await page.getByRole("button", { name: "Search" }).click();
      await page.getByTestId("search-input").fill("answer");
      const status = page.getByTestId("search-status");
      await eventually("3 hits", async () =>
        /^3 hits in 3 files$/.test((await status.textContent()) ?? "") ? true : undefined,
      );
      const lines = await page.getByTestId("search-hits").locator(".search-text").allTextContents();
      expect(lines).toContain("export const answer = 42;");
      expect(lines.join()).not.toContain("secret");
      expect(await page.locator(".search-text mark").allTextContents()).toEqual([
        "Answer",
        "answer",
        "answer",
      ]);
      await page.getByTitle("notes.md:1").click();
      await openedText(page, "/notes.md", "# Answer");
    }));

  it("says what is wrong with a pattern, and that nothing was found", () =>
    withFiles(async (page) => {
      await page.getByRole("button", { name: "Search" }).click();
      const status = page.getByTestId("search-status");
      await page.getByRole("button", { name: "Regular expression" }).click();
      await page.getByTestId("search-input").fill("(");
      await eventually("the fault is named below its sign", async () =>
        (await status.textContent()) === "(\n^ unclosed group" ? true : undefined,
      );
      await page.getByTestId("search-input").fill("no such text");
      await eventually("nothing is found", async () =>
        /^No match in \d+ files\. 1 kept closed by rules$/.test((await status.textContent()) ?? "")
          ? true
          : undefined,
      );
    }));
});

describe("quick open", () => {
  it("finds a file by parts of its path, closed ones never", () =>
    withFiles(async (page) => {
      await page.keyboard.press("Control+Shift+O");
      const input = page.getByTestId("quick-open-input");
      await input.fill("dpart");
      const row = page.locator(".palette-active");
      await eventually("the file is first", async () =>
        (await row.getAttribute("data-path")) === "src/deep/part.ts" ? true : undefined,
      );
      await input.fill("env");
      await eventually("nothing is found", async () =>
        /^No match in \d+ files\. 1 kept closed by rules$/.test(
          (await page.getByTestId("quick-open-empty").textContent()) ?? "",
        )
          ? true
          : undefined,
      );
      await page.keyboard.press("Escape");
      await input.waitFor({ state: "detached" });
    }));
});
