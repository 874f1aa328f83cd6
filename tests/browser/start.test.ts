/** The first moments of a page: what is pressed before the hub and the tabs are there is kept. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { prompt, rows, withPage } from "./open-page.ts";
import { layoutSaved, tabs, tabsWithShells } from "./tabs.ts";
import { eventually } from "./workspace.ts";

/** Until `window.hubIsThere` is true the page finds no hub. */
async function holdLink(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const Real = WebSocket;
    window.WebSocket = class extends Real {
      constructor(url: string | URL, protocols?: string | string[]) {
        if (Reflect.get(window, "hubIsThere") !== true) throw new Error("held by the test");
        super(url, protocols);
      }
    };
  });
}

async function letLink(page: Page): Promise<void> {
  await page.evaluate(() => Reflect.set(window, "hubIsThere", true));
}

it("opens every tab that was asked for before the hub was there", () =>
  withPage(
    async ({ page, errors }) => {
      await tabsWithShells(page, 3);
      expect(await tabs(page).count()).toBe(3);
      expect(errors).toEqual([]);
    },
    {
      prepare: holdLink,
      early: async (page) => {
        await page.getByTestId("rail").waitFor();
        await page.keyboard.press("Control+Shift+T");
        await page.keyboard.press("Control+Shift+T");
        await letLink(page);
      },
    },
  ));

it("gives what was typed before the hub was there to the terminal that comes, once", () =>
  withPage(
    async ({ page }) => {
      const strip = page.getByTestId("terminal-not-sent");
      await eventually("the typed line ran or is offered", async () => {
        // On a slow machine it is older than two seconds by then, and the person is asked.
        if (await strip.isVisible()) await strip.getByRole("button", { name: "Send" }).click();
        return (await rows(page)).includes("early-42") || undefined;
      });
      await prompt(page);
      const typed = (await rows(page)).filter((line) => line === "early-42");
      expect(typed).toHaveLength(1);
    },
    {
      prepare: holdLink,
      early: async (page) => {
        await page.getByTestId("rail").waitFor();
        await page.keyboard.type("echo early-$((40+3))");
        await page.keyboard.press("Backspace");
        await page.keyboard.press("Backspace");
        await page.keyboard.press("Backspace");
        await page.keyboard.type("2))\n");
        await letLink(page);
      },
    },
  ));

it("keeps the stored tabs when something was pressed before they were there", () =>
  withPage(
    async ({ page, workspace }) => {
      await page.keyboard.press("Control+Shift+D");
      await tabsWithShells(page, 2);
      await layoutSaved(workspace, 2);
      await page.reload();
      await page.getByTestId("rail").waitFor();
      await page.keyboard.press("Control+Shift+B");
      // Longer than a change of the layout takes to be written.
      await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 800)));
      await letLink(page);
      await tabsWithShells(page, 2);
      await layoutSaved(workspace, 2);
      expect(await page.locator(".dv-groupview").count()).toBe(2);
      await page.reload();
      await page.getByTestId("rail").waitFor();
      await letLink(page);
      await tabsWithShells(page, 2);
      expect(await page.locator(".dv-groupview").count()).toBe(2);
    },
    { prepare: holdLink, early: letLink },
  ));
