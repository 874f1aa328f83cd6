/** axe-core finds nothing in any theme, with the parts of the page opened one after the other. */
import { expect, it } from "vitest";
import { loadAxe, violations } from "./axe.ts";
import { editorPictures } from "./editor-pictures.ts";
import { withPage } from "./open-page.ts";

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
