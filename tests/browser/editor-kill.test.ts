/** Typing goes on while the actor, the hub and the page are killed: what was acknowledged is never missing, nothing is doubled. */
import { readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { live, openText, save, text, viewsStored, write } from "./editors.ts";
import { withPage } from "./open-page.ts";
import { pidOf } from "./tabs.ts";
import { eventually, type Workspace } from "./workspace.ts";

const KILLS = 10;
/** Words typed around each kill. */
const WORDS = 6;

interface Typing {
  readonly page: Page;
  readonly workspace: Workspace;
}

/** Types numbered words; `during` is done after half of them. */
async function typeWords(page: Page, from: number, during: () => Promise<void>): Promise<void> {
  for (let word = from; word < from + WORDS; word += 1) {
    if (word === from + WORDS / 2) await during();
    await page.keyboard.type(`w${word} `);
  }
}

function wordsUpTo(count: number): string {
  return Array.from({ length: count }, (_, at) => `w${at} `).join("");
}

/** Waits until the authority has everything that was typed. */
async function acknowledged(page: Page): Promise<void> {
  await page.locator("[data-testid=editor][data-acknowledged=true][data-phase=live]").waitFor();
}

async function typeThrough({ page, workspace }: Typing, kill: () => Promise<void>): Promise<void> {
  const path = write(workspace, "typed.txt", "");
  await openText(page, "typed.txt");
  for (let round = 0; round < KILLS; round += 1) {
    await typeWords(page, round * WORDS, kill);
    await acknowledged(page);
    expect(await text(page)).toBe(wordsUpTo((round + 1) * WORDS));
  }
  await save(page, "typed.txt");
  expect(readFileSync(path, "utf8")).toBe(wordsUpTo(KILLS * WORDS));
}

it(
  "ten kills of the editor's process during typing lose and double nothing",
  () =>
    withPage(async ({ page, workspace }) => {
      const kill = async (): Promise<void> => {
        process.kill(await pidOf(workspace, "editor-sync"), "SIGKILL");
      };
      await typeThrough({ page, workspace }, kill);
    }),
  300_000,
);

it(
  "ten kills of the hub during typing lose and double nothing",
  () =>
    withPage(async ({ page, workspace }) => {
      const kill = async (): Promise<void> => {
        process.kill(workspace.hubPid(), "SIGKILL");
        await eventually("another hub runs", () => workspace.hubPid() > 0 || undefined);
      };
      await typeThrough({ page, workspace }, kill);
    }),
  300_000,
);

it(
  "ten reloads of the page during typing keep all that was acknowledged, and the cursor",
  () =>
    withPage(async ({ page, workspace }) => {
      write(workspace, "typed.txt", "");
      await openText(page, "typed.txt");
      let typed = "";
      for (let round = 0; round < KILLS; round += 1) {
        const kept = `k${round} `;
        await page.keyboard.type(kept);
        await acknowledged(page);
        const sure = typed + kept;
        const hasty = `h${round} `;
        await page.keyboard.type(hasty);
        await page.reload();
        await live(page);
        typed = await text(page);
        expect(`${sure}${hasty}`.startsWith(typed), typed).toBe(true);
        expect(typed.startsWith(sure), typed).toBe(true);
        await page.keyboard.press("Control+End");
      }
    }),
  300_000,
);

it(
  "a reload brings back tab, text, cursor, scroll and folds",
  () =>
    withPage(async ({ page, workspace }) => {
      const body = Array.from({ length: 60 }, (_, at) => `  const v${at} = ${at};`).join("\n");
      const parts = Array.from({ length: 6 }, (_, at) => `function f${at}() {\n${body}\n}\n`);
      write(workspace, "big.js", parts.join("\n"));
      await openText(page, "big.js:200");
      await eventually("its language is there", async () =>
        (await page.getByTestId("status-language").textContent()) === "JavaScript"
          ? true
          : undefined,
      );
      await page.keyboard.type("// unsaved\n");
      await page.locator(".cm-foldGutter .editor-fold").first().click({ force: true });
      await page.locator(".cm-foldPlaceholder").first().waitFor();
      const place = await page.getByTestId("status-position").textContent();
      const scroll = () =>
        page.evaluate(() => document.querySelector(".cm-scroller")?.scrollTop ?? 0);
      await viewsStored(workspace, "a fold", (views) => /"folds":\[\[/.test(views));
      const before = await scroll();
      await page.reload();
      await live(page);
      await eventually("the cursor is back", async () =>
        (await page.getByTestId("status-position").textContent()) === place ? true : undefined,
      );
      await page.locator(".cm-foldPlaceholder").first().waitFor({ state: "attached" });
      await eventually("the scroll is back", async () =>
        Math.abs((await scroll()) - before) < 25 ? true : undefined,
      );
      await page.keyboard.press("ArrowLeft");
      await eventually("the unsaved line is there", async () =>
        (await text(page)).includes("// unsaved") ? true : undefined,
      );
    }),
  120_000,
);
