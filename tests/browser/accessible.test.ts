/** axe-core finds nothing in any theme, with the parts of the page opened one after the other. */
import { expect, it } from "vitest";
import { loadAxe, violations } from "./axe.ts";
import { editorPictures } from "./editor-pictures.ts";
import { withPage } from "./open-page.ts";
import { changeMuch, makeRepository } from "./repository.ts";

const WAIT = { timeout: 40_000 };

it.each(["dark", "light", "contrast"])("the page is clean in %s", (theme) =>
  withPage(
    async ({ page }) => {
      await loadAxe(page);
      expect(await violations(page), "one terminal").toEqual([]);
      await page.keyboard.press("Control+Shift+P");
      await page.getByTestId("palette-input").waitFor();
      expect(await violations(page), "palette").toEqual([]);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+Shift+Space");
      await page.getByTestId("leader-list").waitFor();
      expect(await violations(page), "leader").toEqual([]);
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+Shift+F");
      await page.getByTestId("search-bar").waitFor();
      expect(await violations(page), "search").toEqual([]);
      await page.keyboard.press("Control+,");
      await page.getByTestId("settings").waitFor();
      await page.getByTestId("rail-notifications").click();
      expect(await violations(page), "settings and notifications").toEqual([]);
      await page.keyboard.press("Control+Shift+W");
      await page.keyboard.press("Control+Shift+W");
      await page.getByTestId("toast").waitFor();
      expect(await violations(page), "empty, with a toast").toEqual([]);
    },
    { settings: { "window.theme": theme } },
  ),
);

it.each(["dark", "light", "contrast"])(
  "editors are clean in %s, in every state",
  (theme) =>
    withPage(
      async ({ page, workspace }) => {
        await loadAxe(page);
        const found: string[] = [];
        await editorPictures(page, workspace, async (name) => {
          found.push(...(await violations(page)).map((words) => `${name}: ${words}`));
        });
        expect(found).toEqual([]);
      },
      { settings: { "window.theme": theme } },
    ),
  180_000,
);

it.each(["dark", "light", "contrast"])("the views of files are clean in %s", (theme) =>
  withPage(
    async ({ page, workspace }) => {
      makeRepository(workspace);
      changeMuch(workspace);
      await loadAxe(page);
      await page.locator('.explorer-row[data-name="src"]').click(WAIT);
      expect(await violations(page), "explorer").toEqual([]);
      await page.getByTestId("rail-changes").click();
      const changed = (path: string) => page.locator(`.changes-row[data-path="${path}"]`).first();
      await changed("src/parse.ts").click(WAIT);
      await page.locator(".diff-body .cm-mergeView").waitFor(WAIT);
      expect(await violations(page), "changes and a difference").toEqual([]);
      await changed(".env").click();
      await page.getByTestId("denial-dialog").waitFor(WAIT);
      await page.getByRole("button", { name: "Explain" }).click();
      expect(await violations(page), "a closed file").toEqual([]);
      await page.keyboard.press("Escape");
      await page.getByTestId("rail-search").click();
      await page.getByRole("button", { name: "Regular expression" }).click();
      await page.getByTestId("search-input").fill("par(se");
      await page.locator(".search-wrong").waitFor(WAIT);
      expect(await violations(page), "a bad pattern").toEqual([]);
      await page.keyboard.press("Control+Shift+Y");
      await page.getByTestId("debug-tab-audit").click();
      await page.getByTestId("audit-says").waitFor(WAIT);
      expect(await violations(page), "audit").toEqual([]);
    },
    { settings: { "window.theme": theme } },
  ),
);
