/** A page that dies a moment after a tab was opened or closed comes back with the tabs it had. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { live, openText, write } from "./editors.ts";
import { withPage } from "./open-page.ts";

const tabs = (page: Page): Promise<string[]> =>
  page
    .locator(".tab")
    .evaluateAll((all) => all.map((tab) => tab.querySelector(".tab-title")?.textContent ?? ""));

it("opened, and closed", () =>
  withPage(async ({ page, workspace }) => {
    const names = ["a.txt", "b.txt", "c.txt"];
    for (const name of names) write(workspace, name, "text\n");
    for (const [index, name] of names.entries()) {
      await openText(page, name);
      await page.reload();
      await live(page);
      expect((await tabs(page)).slice(1)).toEqual(names.slice(0, index + 1));
    }
    await page.keyboard.press("Control+Shift+W");
    await page.locator(".tab", { hasText: "c.txt" }).waitFor({ state: "detached" });
    await page.reload();
    await live(page);
    expect((await tabs(page)).slice(1)).toEqual(["a.txt", "b.txt"]);
  }));
