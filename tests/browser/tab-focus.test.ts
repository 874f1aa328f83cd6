/** A click on a tab gives the keys to what the tab shows. */
import { expect, it } from "vitest";
import { live, openText, shows, write } from "./editors.ts";
import { run, withPage } from "./open-page.ts";
import { eventually } from "./workspace.ts";

const isIn = "the focus is in it";

it("of a terminal, of an editor and of the settings", () =>
  withPage(async ({ page, workspace }) => {
    write(workspace, "a.txt", "text\n");
    await openText(page, "a.txt");
    await page.locator('[data-testid^="tab-terminal"]').click();
    expect(await run(page, "echo here")).toEqual(["here"]);
    await page.locator('[data-testid^="tab-editor"]').click();
    await live(page);
    await page.keyboard.press("Control+Home");
    await page.keyboard.type("new ");
    await shows(page, "new text\n");
    await page.keyboard.press("Control+,");
    await page.locator('[data-testid^="tab-editor"]').click();
    await live(page);
    await page.getByTestId("tab-settings").click();
    await eventually(isIn, () =>
      page.evaluate(
        () =>
          document.querySelector("[data-testid=settings]")?.contains(document.activeElement) ||
          undefined,
      ),
    );
  }));

it("also of the tab that is in front already", () =>
  withPage(async ({ page }) => {
    await page.getByTestId("rail-search").click();
    await page.locator(".side-bar button").first().focus();
    await page.locator('[data-testid^="tab-terminal"]').click();
    expect(await run(page, "echo again")).toEqual(["again"]);
  }));

it("and a key that is held when a list closes types nothing into it", () =>
  withPage(async ({ page, workspace }) => {
    write(workspace, "a.txt", "text\n");
    await page.keyboard.press("Control+Shift+O");
    await page.getByTestId("quick-open-input").fill("a.txt");
    await page.locator('.palette-active[data-path="a.txt"]').waitFor();
    await page.keyboard.down("Enter");
    await live(page);
    // Down again without having been up: a repeat.
    for (let turn = 0; turn < 3; turn += 1) await page.keyboard.down("Enter");
    await page.keyboard.up("Enter");
    await page.keyboard.type("x");
    await shows(page, "xtext\n");
    await page.keyboard.press("Enter");
    await shows(page, "x\ntext\n");
  }));
