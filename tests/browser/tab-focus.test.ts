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
