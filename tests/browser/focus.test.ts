/** After its page crashed the window has the focus where it was. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { prompt, run, sayCrashed, withPage } from "./open-page.ts";
import { layoutSaved, layoutStored, terminals } from "./tabs.ts";
import { eventually } from "./workspace.ts";

/** Loads the page as the window does after a crash, and waits until it says so. */
async function crash(page: Page): Promise<void> {
  await sayCrashed(page);
  await page.reload();
  await page.getByTestId("toast").filter({ hasText: "The window came back" }).waitFor();
}

async function focusIn(page: Page, css: string): Promise<void> {
  await eventually(
    `the focus is in ${css}`,
    async () =>
      (await page.evaluate(
        (where) => document.querySelector(where)?.contains(document.activeElement) === true,
        css,
      )) || undefined,
  );
}

it("in the debug panel", () =>
  withPage(async ({ page, workspace }) => {
    await page.keyboard.press("Control+Shift+Y");
    await focusIn(page, "#debug-panel");
    await layoutStored(workspace, "the panel has the focus", (text) =>
      text.includes('"focus":"panel"'),
    );
    await crash(page);
    await focusIn(page, "#debug-panel");
  }));

it("in the side bar", () =>
  withPage(async ({ page, workspace }) => {
    await page.getByTestId("rail-search").click();
    await page.locator(".side-bar button").first().focus();
    await layoutStored(workspace, "the side bar has the focus", (text) =>
      text.includes('"focus":"side"'),
    );
    await crash(page);
    await focusIn(page, ".side-bar");
  }));

it("in the settings", () =>
  withPage(async ({ page, workspace }) => {
    await page.keyboard.press("Control+,");
    await page.getByTestId("setting-theme").focus();
    await layoutSaved(workspace, 2);
    await crash(page);
    await focusIn(page, "[data-testid=settings]");
  }));

it("in the one of two terminals that had it", () =>
  withPage(async ({ page, workspace }) => {
    const [left] = await run(page, "echo $$");
    await page.keyboard.press("Control+Shift+D");
    await terminals(page, 2);
    await prompt(page);
    await page.keyboard.press("Control+Shift+BracketLeft");
    expect(await run(page, "echo $$")).toEqual([left]);
    await layoutStored(workspace, "two tabs, the left one active", (text) => {
      const dock = JSON.parse(text)?.dock;
      const views = dock?.grid?.root?.data ?? [];
      return views.length === 2 && views[0]?.data?.id === dock.activeGroup;
    });
    await crash(page);
    await terminals(page, 2);
    expect(await run(page, "echo $$")).toEqual([left]);
  }));
