/** The menu of a command block: by the pointer on its first line, by the leader, by the Menu key. */
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { prompt, row, rows, withPage } from "./open-page.ts";
import { eventually } from "./workspace.ts";

async function command(page: Page, line: string, output: string): Promise<void> {
  await page.keyboard.type(`${line}\n`);
  await row(page, output, (text) => text === output);
  await prompt(page);
}

/** Opens the menu by the second button on the first row with this text. */
async function rightClick(page: Page, text: string): Promise<void> {
  const line = page.locator(".xterm-rows > div").filter({ hasText: text }).first();
  const box = await eventually(
    `the row ${text}`,
    async () => (await line.boundingBox()) ?? undefined,
  );
  await page.mouse.click(box.x + 40, box.y + box.height / 2, { button: "right" });
  await page.getByTestId("debug-menu").waitFor();
}

function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

async function copied(page: Page, item: string, text: string): Promise<void> {
  await page.getByTestId(item).click();
  await eventually(`the clipboard holds ${text}`, async () =>
    (await clipboard(page)) === text ? true : undefined,
  );
}

it("copies a command and what it printed, from its first line", () =>
  withPage(async ({ page }) => {
    await command(page, "seq 3 | sed s/^/n/; false", "n3");
    await command(page, "echo other", "other");
    await rightClick(page, "seq 3");
    await copied(page, "block-copy-command", "seq 3 | sed s/^/n/; false");
    await rightClick(page, "seq 3");
    await copied(page, "block-copy-output", "n1\nn2\nn3\n");
  }));

it("copies a line that is wider than the terminal as one line", () =>
  withPage(async ({ page }) => {
    const long = "x".repeat(400);
    await page.keyboard.type("printf 'x%.0s' $(seq 400); echo; echo done\n");
    await row(page, "done", (text) => text === "done");
    await prompt(page);
    await rightClick(page, "printf");
    await copied(page, "block-copy-output", `${long}\ndone\n`);
  }));

it("runs a command again, also one that came with a restored screen", () =>
  withPage(async ({ page }) => {
    await command(page, "echo once more", "once more");
    await page.reload();
    await prompt(page);
    await rightClick(page, "echo once more");
    await page.getByTestId("block-run-again").click();
    await eventually("it ran twice", async () => {
      const lines = await rows(page);
      return lines.filter((line) => line === "once more").length === 2 || undefined;
    });
  }));

it("says why it does not run again while something is typed, and that there is no agent", () =>
  withPage(async ({ page }) => {
    await command(page, "echo first", "first");
    await page.keyboard.type("half a line");
    await row(page, "what is typed", (text) => text === "$ half a line");
    await rightClick(page, "echo first");
    const again = page.getByTestId("block-run-again");
    expect(await again.textContent()).toBe("Run againOnly at an empty prompt.");
    await again.click({ force: true });
    expect(await page.getByTestId("debug-menu").count()).toBe(1);
    expect(await page.getByTestId("block-ask-agent").textContent()).toContain(
      "The agent is not built yet.",
    );
    await page.keyboard.press("Escape");
    await page.keyboard.type(" goes on");
    await row(page, "the keyboard is back", (text) => text === "$ half a line goes on");
  }));

it("opens by the leader and by the Menu key for the last command", () =>
  withPage(async ({ page }) => {
    await command(page, "echo by key", "by key");
    for (const open of ["leader", "menu key"]) {
      if (open === "menu key") await page.keyboard.press("ContextMenu");
      else {
        await page.keyboard.press("Control+Shift+Space");
        await page.getByTestId("leader-list").waitFor();
        await page.keyboard.press("x");
      }
      await page.getByTestId("debug-menu").waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      await eventually(`${open}: the output is copied`, async () =>
        (await clipboard(page)) === "by key\n" ? true : undefined,
      );
      await page.evaluate(() => navigator.clipboard.writeText(""));
    }
  }));
