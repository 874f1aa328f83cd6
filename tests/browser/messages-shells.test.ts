/** Messages about tabs, shells of an earlier run of the machine, and settings; the table is in messages.test.ts. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { stateGet, statePut } from "../../bus/contracts/hub.ts";
import { end, list } from "../../bus/contracts/terminal.ts";
import { row, run, withPage } from "./open-page.ts";
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
    await tabsWithShells(page, 2);
    await row(page, "the editor shows the line", (line) => line.includes("terminal.spilt"));
    await page.keyboard.press("Control+Shift+G");
    await search.waitFor({ state: "detached" });
  }));
