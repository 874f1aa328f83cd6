/** Two windows on one workspace: one file guard and one text serve both, and the end of one leaves the other alone. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { dirty, live, openText, shows, write } from "./editors.ts";
import { openPage, withPage } from "./open-page.ts";
import { eventually, type Workspace } from "./workspace.ts";

async function withTwo(
  work: (one: Page, two: Page, workspace: Workspace) => Promise<void>,
): Promise<void> {
  await withPage(async ({ page, workspace, errors }) => {
    const browser = page.context().browser();
    if (browser === null) throw new Error("the page has no browser");
    const other = await openPage(browser, workspace, {});
    await work(page, other.page, workspace);
    expect([...errors, ...other.errors]).toEqual([]);
  });
}

const item = (page: Page, name: string) => page.locator(`.explorer-row[data-name="${name}"]`);

async function makeFile(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "New file" }).first().click();
  await page.getByTestId("explorer-input").fill(name);
  await page.keyboard.press("Enter");
  await item(page, name).waitFor();
}

test("what one window makes and deletes, and what a rule closes, is in the other's explorer", () =>
  withTwo(async (one, two, workspace) => {
    await makeFile(one, "made.txt");
    await item(two, "made.txt").waitFor();
    await makeFile(two, "theirs.txt");
    await item(one, "theirs.txt").waitFor();
    await item(one, "theirs.txt").click();
    await one.getByTestId("explorer-list").press("Delete");
    await item(two, "theirs.txt").waitFor({ state: "detached" });
    expect(existsSync(join(workspace.folder, "theirs.txt"))).toBe(false);
    // As from a terminal: the page itself may not make it.
    write(workspace, ".env", "KEY=1\n");
    await eventually("it is locked in the other", async () =>
      /closed by rule/.test((await item(two, ".env").getAttribute("aria-label")) ?? "")
        ? true
        : undefined,
    );
  }));

test("a file that the person opened for 10 minutes in one window is open in the other", () =>
  withTwo(async (one, two, workspace) => {
    write(workspace, ".env", "KEY=1\n");
    await item(one, ".env").waitFor();
    await item(one, ".env").dblclick();
    const card = one.getByTestId("denial-dialog");
    await card.getByRole("button", { name: "Open for me for 10 minutes" }).click();
    await live(one);
    await shows(one, "KEY=1\n");
    expect(await two.getByTestId("status-grants").textContent()).toMatch(/^\.env (9:\d\d|10:00)$/);
    await item(two, ".env").dblclick();
    await live(two);
    await two.getByTestId("status-grants").click();
    await two.getByRole("menuitem", { name: /Close \.env now/ }).click();
    await one.getByTestId("status-grants").waitFor({ state: "detached" });
  }));

test("two windows write in one text, and the one that stays has all of it", () =>
  withTwo(async (one, two, workspace) => {
    const path = write(workspace, "notes.txt", "first\nlast\n");
    await item(two, "notes.txt").waitFor();
    await openText(one, "notes.txt");
    await openText(two, "notes.txt");
    await one.keyboard.press("Control+Home");
    await one.keyboard.type("one ");
    await two.keyboard.press("Control+End");
    await two.keyboard.type("two");
    await shows(one, "one first\nlast\ntwo");
    await shows(two, "one first\nlast\ntwo");
    await dirty(two, "notes.txt", true);
    await one.close();
    await two.keyboard.type(" more");
    await two.keyboard.press("Control+s");
    await dirty(two, "notes.txt", false);
    expect(readFileSync(path, "utf8")).toBe("one first\nlast\ntwo more");
    await makeFile(two, "after.txt");
  }));
