/** Messages about tabs, shells of an earlier run of the machine, and settings; the table is in messages.test.ts. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { stateGet, statePut } from "../../bus/contracts/hub.ts";
import { end, list } from "../../bus/contracts/terminal.ts";
import { prompt, row, run, withPage } from "./open-page.ts";
import { layoutStored, tabs, tabsWithShells } from "./tabs.ts";
import { eventually } from "./workspace.ts";

it("a closed tab: named by what runs in it, with Undo", () =>
  withPage(async ({ page }) => {
    await page.keyboard.type("sleep 1000\n");
    await eventually("the tab says what runs", async () =>
      (await tabs(page).first().textContent())?.includes("sleep 1000") ? true : undefined,
    );
    await page.keyboard.press("Control+Shift+W");
    const toast = page.getByTestId("toast").filter({ hasText: "Closed" });
    await toast.waitFor();
    expect(await toast.locator("strong").textContent()).toBe("Closed sleep 1000");
    await toast.getByRole("button", { name: "Undo" }).click();
    await tabsWithShells(page, 1);
    await page.keyboard.press("Control+C");
  }));

it("a close with programs: which they are, and End them ends them", () =>
  withPage(async ({ page, workspace }) => {
    await page.keyboard.type("sleep 1001\n");
    await row(page, "the first runs", (line) => line === "$ sleep 1001");
    await page.keyboard.press("Control+Shift+T");
    await tabsWithShells(page, 2);
    await prompt(page);
    await page.keyboard.type("sleep 1002\n");
    await row(page, "the second runs", (line) => line === "$ sleep 1002");
    await page.keyboard.press("Control+Shift+Q");
    const dialog = page.getByTestId("dialog");
    await dialog.waitFor();
    expect(await dialog.locator("h2").textContent()).toBe("2 programs are still running");
    expect((await dialog.locator(".dialog-line").allTextContents()).sort()).toEqual([
      "sleep 1001",
      "sleep 1002",
    ]);
    expect(await dialog.locator("button").allTextContents()).toEqual([
      "Cancel",
      "End them",
      "Keep running",
    ]);
    expect(await dialog.locator(".dialog-check").textContent()).toBe("always keep");
    await page.getByTestId("dialog-end").click();
    const peer = await workspace.attach();
    await eventually("both shells have ended", async () =>
      (await peer.request(list, {})).sessions.length === 0 ? true : undefined,
    );
    peer.close();
  }));

it("a close with prompts only: a notice the first time, none the second", () =>
  withPage(
    async ({ page }) => {
      await page.keyboard.press("Control+Shift+T");
      await tabsWithShells(page, 2);
      await prompt(page);
      const notices = () => page.evaluate(() => Reflect.get(window, "noticed"));
      const closes = () => page.evaluate(() => Reflect.get(window, "closes"));
      for (const times of [1, 2]) {
        await page.keyboard.press("Control+Shift+Q");
        await eventually("the window was to close", async () =>
          (await closes()) === times ? true : undefined,
        );
        expect(await notices()).toEqual([
          [
            "2 idle shells kept.",
            "They end after 24 h unused; `bulkhead quit --all` ends them now",
          ],
        ]);
      }
    },
    { prepare: noteNotices },
  ));

/** The desktop's side: what it was asked to show, and how often the window was to close. */
async function noteNotices(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const noticed: string[][] = [];
    let closes = 0;
    Reflect.set(window, "noticed", noticed);
    Reflect.set(window, "closes", closes);
    class Noted {
      static readonly permission = "granted";
      constructor(title: string, { body }: { body: string }) {
        noticed.push([title, body]);
      }
    }
    Reflect.set(window, "Notification", Noted);
    window.close = () => {
      closes += 1;
      Reflect.set(window, "closes", closes);
    };
  });
}

it("a shell that ended with the machine: when the machine came back, and where the new shell is", () =>
  withPage(async ({ page, workspace }) => {
    await run(page, "mkdir -p deep; cd deep");
    await layoutStored(workspace, "the folder and the run of the machine", (text) => {
      return text.includes('deep"') && /"boot":"[0-9a-f-]{36}"/.test(text);
    });
    await page.goto("about:blank");
    const peer = await workspace.attach();
    const [session] = (await peer.request(list, {})).sessions;
    await peer.request(end, { session: session?.id ?? "" });
    await eventually("the shell is gone", async () =>
      (await peer.request(list, {})).sessions.length === 0 ? true : undefined,
    );
    const { value } = await peer.request(stateGet, { key: "layout" });
    const earlier = { ...(value as object), boot: "00000000-0000-0000-0000-000000000000" };
    await peer.request(statePut, { key: "layout", value: earlier });
    peer.close();
    await page.goto(workspace.url);
    const seconds = /^btime (\d+)$/m.exec(readFileSync("/proc/stat", "utf8"))?.[1];
    const at = new Date(Number(seconds) * 1_000).toTimeString().slice(0, 5);
    await row(page, "the dim line", (line) =>
      line.startsWith(`This shell ended with the machine before ${at}. New shell in `),
    );
    expect((await run(page, "pwd")).at(-1)).toMatch(/deep$/);
  }));

it("a bad setting: file, line and mistake, the last good file stays, Open shows it", () =>
  withPage(async ({ page, workspace }) => {
    const file = join(workspace.configDir, "keybindings.json");
    writeFileSync(file, '[{ "key": "ctrl+shift+g", "command": "view.search" }]\n');
    const search = page.getByTestId("side-search");
    await eventually("the new key works", async () => {
      await page.keyboard.press("Control+Shift+G");
      return (await search.isVisible()) || undefined;
    });
    writeFileSync(file, `[\n${"\n".repeat(6)}{ "key": "f7", "command": "terminal.spilt" }\n]\n`);
    const toast = page.getByTestId("toast").filter({ hasText: "terminal.spilt" });
    await toast.waitFor();
    expect(await toast.locator("strong").textContent()).toBe(
      'keybindings.json line 8: "terminal.spilt" is no command.',
    );
    expect(await toast.locator(".toast-text").textContent()).toBe(
      "The last good file stays in use.",
    );
    await toast.getByRole("button", { name: "Open" }).click();
    const line = page.getByTestId("editor").locator(".cm-activeLine");
    await eventually("the editor is at the line", async () =>
      (await line.first().textContent())?.includes("terminal.spilt") ? true : undefined,
    );
    await page.keyboard.press("Control+Shift+G");
    await search.waitFor({ state: "detached" });
  }));
