/** A path that a program prints is opened at its line with Ctrl+click, from the folder the shell is in. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { live, text, write } from "./editors.ts";
import { row, run, withPage } from "./open-page.ts";
import { eventually } from "./workspace.ts";

/** Middle of the first sign of `words` in the terminal. */
async function placeOf(page: Page, words: string): Promise<{ x: number; y: number }> {
  await row(page, words, (line) => line.startsWith(words));
  return page.evaluate((wanted) => {
    const rows = [...document.querySelectorAll(".xterm-rows > div")];
    const at = rows.find((one) => one.textContent?.startsWith(wanted));
    const box = at?.getBoundingClientRect();
    if (box === undefined) throw new Error(`no row begins with ${wanted}`);
    return { x: box.left + 12, y: box.top + box.height / 2 };
  }, words);
}

/** Clicks until `found`: the pointer may come before the terminal has looked for links there. */
async function controlClick(page: Page, words: string, found: Locator): Promise<void> {
  const { x, y } = await placeOf(page, words);
  await eventually(`a click on ${words} does something`, async () => {
    if ((await found.count()) > 0) return true;
    await page.mouse.move(x + 1, y);
    await page.mouse.move(x, y);
    await page.keyboard.down("Control");
    await page.mouse.click(x, y);
    await page.keyboard.up("Control");
    const isThere = found.waitFor({ timeout: 2_000 }).then(() => true);
    return isThere.catch(() => undefined);
  });
}

test("opens where the program said, and tells what is no file", () =>
  withPage(async ({ page, workspace, errors }) => {
    mkdirSync(join(workspace.folder, "deep"));
    write(workspace, "deep/main.ts", "one\ntwo\nthree\n");
    await run(page, "cd deep; echo main.ts:2:3: unexpected");
    await page.locator("[data-testid^=tab-terminal]").filter({ hasText: "deep" }).waitFor();
    await controlClick(page, "main.ts:2:3", page.getByTestId("editor"));
    await live(page);
    expect(await text(page)).toContain("two");
    await page.getByTestId("status-bar").getByText("Ln 2, Col 3").waitFor();
    await page.locator("[data-testid^=tab-terminal]").first().click();
    await run(page, "echo ./nothing.ts:7");
    const told = page.getByTestId("toast").filter({ hasText: "./nothing.ts was not opened" });
    await controlClick(page, "./nothing.ts:7", told);
    expect(errors).toEqual([]);
  }));
