/** axe-core finds nothing in any theme, with the parts of the page opened one after the other. */
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { withPage } from "./open-page.ts";

it.each(["dark", "light", "contrast"])("the page is clean in %s", (theme) =>
  withPage(
    async ({ page }) => {
      await page.evaluate(axeSource());
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

function axeSource(): string {
  return createRequire(import.meta.url)("axe-core").source;
}

/** Rule, target and message of each violation. */
function violations(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const axe = Reflect.get(window, "axe");
    const { violations: found } = await axe.run(document, { resultTypes: ["violations"] });
    return found.flatMap(
      (rule: { id: string; nodes: Array<{ target: string[]; failureSummary: string }> }) =>
        rule.nodes.map(
          (node) =>
            `${rule.id}: ${node.target.join(" ")} ${node.failureSummary.split("\n")[1] ?? ""}`,
        ),
    );
  });
}
