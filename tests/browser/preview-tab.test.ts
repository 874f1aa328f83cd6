/** A click in the explorer shows a file for a look: the keys stay in the tree, and the next look takes its tab. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { live, shows, write } from "./editors.ts";
import { withPage } from "./open-page.ts";
import { eventually, type Workspace } from "./workspace.ts";

const WIDE = { width: 1280, height: 800 };

const entry = (page: Page, name: string) => page.locator(`.explorer-row[data-name="${name}"]`);

/** Titles of the tabs behind the terminal's; those of a look in brackets. */
function titles(page: Page): Promise<string[]> {
  return page.locator(".tab").evaluateAll((all) =>
    all
      .map((tab) => [tab.querySelector(".tab-title")?.textContent ?? "", tab.className] as const)
      .map(([title, css]) => (css.includes("tab-preview") ? `[${title}]` : title))
      .slice(1),
  );
}

async function hasTabs(page: Page, wanted: readonly string[]): Promise<void> {
  await eventually(`the tabs are ${wanted.join(", ")}`, async () =>
    (await titles(page)).join() === wanted.join() ? true : undefined,
  );
}

async function inExplorer(
  test: (page: Page, workspace: Workspace) => Promise<void>,
): Promise<void> {
  await withPage(async ({ page, workspace }) => {
    for (const name of ["a.txt", "b.txt", "c.txt"]) write(workspace, name, `${name}\n`);
    await entry(page, "c.txt").waitFor();
    await test(page, workspace);
  }, WIDE);
}

it("is one tab, and the arrow keys go on in the tree", () =>
  inExplorer(async (page) => {
    await entry(page, "a.txt").click();
    await hasTabs(page, ["[a.txt]"]);
    await shows(page, "a.txt\n");
    await entry(page, "b.txt").click();
    await hasTabs(page, ["[b.txt]"]);
    await shows(page, "b.txt\n");
    await page.keyboard.press("ArrowDown");
    expect(await entry(page, "c.txt").getAttribute("aria-selected")).toBe("true");
    await page.keyboard.press("Enter");
    await live(page);
    await hasTabs(page, ["[b.txt]", "c.txt"]);
    await entry(page, "c.txt").click();
    await entry(page, "a.txt").click();
    await hasTabs(page, ["c.txt", "[a.txt]"]);
  }));

it("stays when it is clicked twice, edited, or its tab is", () =>
  inExplorer(async (page) => {
    await entry(page, "a.txt").dblclick();
    await live(page);
    await hasTabs(page, ["a.txt"]);
    await entry(page, "b.txt").click();
    await hasTabs(page, ["a.txt", "[b.txt]"]);
    await shows(page, "b.txt\n");
    await page.locator(".tab", { hasText: "b.txt" }).click();
    await live(page);
    await hasTabs(page, ["a.txt", "[b.txt]"]);
    await page.keyboard.type("x");
    await hasTabs(page, ["a.txt", "b.txt"]);
    await entry(page, "c.txt").click();
    await hasTabs(page, ["a.txt", "b.txt", "[c.txt]"]);
    await page.locator(".tab", { hasText: "c.txt" }).dblclick();
    await hasTabs(page, ["a.txt", "b.txt", "c.txt"]);
  }));
