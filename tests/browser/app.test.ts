import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { list } from "../../bus/contracts/terminal.ts";
import { prompt, row, rows, run, withPage } from "./open-page.ts";
import { layoutSaved, pidOf, tabs, terminals } from "./tabs.ts";
import { eventually } from "./workspace.ts";

/** Fits one screen, so that a hole or a doubled line would show. */
const COUNTED = "for i in $(seq 1 30); do echo line $i; sleep 0.1; done";
const ALL_LINES = Array.from({ length: 30 }, (_, at) => `line ${at + 1}`);

describe("a terminal in the page", () => {
  it("runs a real shell in the workspace's folder", () =>
    withPage(async ({ page, workspace, errors }) => {
      expect(await run(page, "pwd; echo $TERM $COLORTERM")).toEqual([
        workspace.folder,
        "xterm-256color truecolor",
      ]);
      expect(errors).toEqual([]);
    }));

  it("splits into a shell in the same folder and keeps both on a page reload", () =>
    withPage(async ({ page, workspace, errors }) => {
      await run(page, "mkdir -p deep/er; cd deep/er; echo first");
      await page.keyboard.press("Control+Shift+D");
      await terminals(page, 2);
      await prompt(page);
      expect((await run(page, "pwd")).at(-1)).toMatch(/deep\/er$/);
      await layoutSaved(workspace, 2);
      await page.reload();
      await terminals(page, 2);
      await row(page, "the screen is back", (line) => line.endsWith("deep/er"));
      const boxes = await page
        .locator(".terminal-view")
        .evaluateAll((all) => all.map((one) => one.getBoundingClientRect().left));
      expect(new Set(boxes).size).toBe(2);
      expect(errors).toEqual([]);
    }));

  it("says how a program ended, and Enter starts it again", () =>
    withPage(async ({ page }) => {
      await page.keyboard.type("exit 3\n");
      const strip = page.getByTestId("terminal-ended");
      await strip.waitFor();
      expect(await strip.textContent()).toMatch(/^Ended with code 3 after \d+ m?s\./);
      await page.keyboard.press("Enter");
      await strip.waitFor({ state: "detached" });
      await prompt(page);
      expect(await run(page, "echo again")).toEqual(["again"]);
    }));

  it("closes with Undo and comes back as the same shell", () =>
    withPage(async ({ page }) => {
      const [pid] = await run(page, "echo $$");
      await page.keyboard.press("Control+Shift+W");
      await page.getByTestId("empty-dock").waitFor();
      await page.getByTestId("toast").getByRole("button", { name: "Undo" }).click();
      await prompt(page);
      expect(await run(page, "echo $$")).toEqual([pid]);
    }));

  it("asks before several lines go to a program that cannot tell a paste", () =>
    withPage(async ({ page }) => {
      await page.evaluate(() => navigator.clipboard.writeText("one\ntwo\u001b[201~\n"));
      await page.keyboard.type("cat\n");
      await row(page, "cat runs", (line) => line === "$ cat");
      await page.keyboard.press("Control+Shift+V");
      await page.getByTestId("dialog").waitFor();
      await page.keyboard.press("Enter");
      await page.getByTestId("dialog").waitFor({ state: "detached" });
      expect((await rows(page)).filter((line) => line === "one")).toEqual([]);
      await page.keyboard.press("Control+Shift+V");
      await page.getByTestId("dialog-paste").click();
      await row(page, "the paste", (line) => line === "two");
      await page.keyboard.press("Control+C");
    }));

  it("finds text on the screen", () =>
    withPage(async ({ page }) => {
      await run(page, "seq 100 130");
      await page.keyboard.press("Control+Shift+F");
      await page.keyboard.type("12");
      await eventually("hits are counted", async () => {
        const words = await page.locator(".search-count").textContent();
        return /^\d+ of 1\d$/.test(words ?? "") || undefined;
      });
      await page.keyboard.press("Escape");
      expect(await run(page, "echo back")).toEqual(["back"]);
    }));
});

describe("a part that dies", () => {
  it("terminal: same shell, every line once, the toast says what was measured", () =>
    withPage(async ({ page, workspace }) => {
      const [shell] = await run(page, "echo $$");
      await page.keyboard.type(`clear; ${COUNTED}\n`);
      await row(page, "line 5", (line) => line === "line 5");
      process.kill(await pidOf(workspace, "terminal"), "SIGKILL");
      await row(page, "line 30", (line) => line === "line 30");
      expect((await rows(page)).filter((line) => line.startsWith("line"))).toEqual(ALL_LINES);
      const toast = page.getByTestId("toast").filter({ hasText: "terminal restarted" });
      await toast.waitFor();
      expect(await toast.textContent()).toMatch(
        /terminal restarted in \d+ ms.*1 shell kept, 0 bytes lost/,
      );
      expect(await run(page, "echo $$")).toEqual([shell]);
    }));

  it("terminal: keys typed while it is away arrive once and in order", () =>
    withPage(async ({ page, workspace }) => {
      const terminal = await pidOf(workspace, "terminal");
      process.kill(terminal, "SIGKILL");
      await page.keyboard.type("echo a-b-c-d-e-f-$((40+2))\n");
      await row(page, "the output", (line) => line === "a-b-c-d-e-f-42");
      const typed = (await rows(page)).filter((line) => line.includes("$((40+2))"));
      expect(typed).toHaveLength(1);
    }));

  it("terminal: that keys wait is said without taking rows from the program", () =>
    withPage(async ({ page, workspace }) => {
      const terminal = await pidOf(workspace, "terminal");
      const [size] = await run(page, "stty size");
      process.kill(terminal, "SIGSTOP");
      await page.keyboard.type("stty size\n");
      await page.getByTestId("terminal-held").waitFor();
      expect(`${(await rows(page)).length}`).toBe(size?.split(" ")[0]);
      process.kill(terminal, "SIGCONT");
      await page.getByTestId("terminal-held").waitFor({ state: "detached" });
      await eventually("the size once more", async () =>
        (await rows(page)).filter((line) => line === size).length === 2 ? true : undefined,
      );
    }));

  it("hub: every line once, and the banner goes again", () =>
    withPage(async ({ page, workspace, errors }) => {
      await page.keyboard.type(`clear; ${COUNTED}\n`);
      await row(page, "line 5", (line) => line === "line 5");
      process.kill(workspace.hubPid(), "SIGKILL");
      await row(page, "line 30", (line) => line === "line 30");
      expect((await rows(page)).filter((line) => line.startsWith("line"))).toEqual(ALL_LINES);
      await page.getByTestId("banner-link").waitFor({ state: "detached" });
      expect(errors).toEqual([]);
    }));

  it("hub: keys older than two seconds wait for the person", () =>
    withPage(async ({ page, workspace }) => {
      workspace.holdHub(true);
      process.kill(workspace.hubPid(), "SIGKILL");
      await page.getByTestId("banner-link").waitFor();
      expect(await page.getByTestId("banner-link").textContent()).toContain("Reconnecting.");
      await page.keyboard.type("echo late\n");
      await page.getByTestId("terminal-held").waitFor();
      const strip = page.getByTestId("terminal-not-sent");
      await strip.waitFor();
      expect(await strip.textContent()).toContain(
        "Not sent: 10 keys typed while the terminal was away.",
      );
      workspace.holdHub(false);
      await page.getByTestId("banner-link").waitFor({ state: "detached" });
      expect((await rows(page)).filter((line) => line.includes("late"))).toEqual([]);
      // The terminal itself may take longer to come back than the hub: Send waits for it.
      await strip.getByRole("button", { name: "Send" }).click();
      await row(page, "the late output", (line) => line === "late");
      await page.keyboard.type("echo after\n");
      await row(page, "the next line, typed without a click", (line) => line === "after");
    }));
});

describe("the window around it", () => {
  it("runs commands from the palette and after the leader", () =>
    withPage(async ({ page }) => {
      await page.keyboard.press("Control+Shift+P");
      await page.getByTestId("palette-input").fill("split down");
      await page.keyboard.press("Enter");
      await terminals(page, 2);
      await page.keyboard.press("Control+Shift+Space");
      await page.getByTestId("leader-list").waitFor();
      await page.keyboard.press("t");
      await eventually("a third tab", async () => (await tabs(page).count()) === 3 || undefined);
    }));

  it("writes settings and takes them at once", () =>
    withPage(async ({ page, workspace }) => {
      await page.keyboard.press("Control+,");
      await page.getByTestId("setting-theme").selectOption("contrast");
      expect(await page.evaluate(() => document.documentElement.dataset["theme"])).toBe("contrast");
      await eventually("settings.json holds it", () => {
        const text = readFileSync(join(workspace.configDir, "settings.json"), "utf8");
        return JSON.parse(text)["window.theme"] === "contrast" || undefined;
      });
    }));

  it("calls by a bell in a tab that is not in view", () =>
    withPage(async ({ page }) => {
      await page.keyboard.type("sleep 1; printf '\\a'\n");
      await page.keyboard.press("Control+Shift+T");
      await page
        .getByTestId("tab-badge")
        .filter({ has: page.locator("use[href='#icon-bell']") })
        .waitFor();
      await page.keyboard.press("Control+Shift+J");
      await page.getByTestId("tab-badge").waitFor({ state: "detached" });
    }));

  it("marks a tab whose command was seen running and ended out of sight", () =>
    withPage(async ({ page, workspace }) => {
      const go = join(workspace.folder, "go");
      await page.keyboard.type(`until [ -e ${go} ]; do sleep 0.2; done; sleep 2.1; false\n`);
      await eventually("the tab says what runs", async () =>
        (await tabs(page).first().textContent())?.includes("until") ? true : undefined,
      );
      await page.keyboard.press("Control+Shift+T");
      await prompt(page);
      writeFileSync(go, "");
      await page.locator(".tab-badge-ended-badly").waitFor();
      await tabs(page).first().click();
      await page.getByTestId("tab-badge").waitFor({ state: "detached" });
    }));

  it("asks before closing only when a program runs, and Cancel changes nothing", () =>
    withPage(async ({ page }) => {
      expect(await page.title()).toBe("orbit - Bulkhead");
      await page.keyboard.type("sleep 1000\n");
      await row(page, "sleep runs", (line) => line === "$ sleep 1000");
      await page.keyboard.press("Control+Shift+Q");
      const dialog = page.getByTestId("dialog");
      await dialog.waitFor();
      expect(await dialog.textContent()).toContain("1 program is still runningsleep 1000");
      expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Keep running");
      await page.keyboard.press("Escape");
      await page.keyboard.press("Control+C");
      await prompt(page);
    }));

  it("moves a tab into another group by dragging it", () =>
    withPage(async ({ page, errors }) => {
      await page.keyboard.press("Control+Shift+D");
      await terminals(page, 2);
      const tabs = page.locator(".dv-tab");
      await tabs.nth(1).hover();
      await page.mouse.down();
      const target = await tabs.nth(0).boundingBox();
      if (target === null) throw new Error("the first tab is not drawn");
      await page.mouse.move(target.x + 60, target.y + 16, { steps: 8 });
      await page.mouse.move(target.x + 90, target.y + 16, { steps: 4 });
      await page.mouse.up();
      await terminals(page, 1);
      expect(await tabs.count()).toBe(2);
      expect(errors).toEqual([]);
    }));

  it("evens out the panes of a row by a double-click on a sash", () =>
    withPage(async ({ page }) => {
      for (const count of [2, 3]) {
        await page.keyboard.press("Control+Shift+D");
        await terminals(page, count);
      }
      await page.keyboard.press("Control+Shift+Enter");
      await terminals(page, 4);
      const widths = () =>
        page
          .locator(".dv-groupview")
          .evaluateAll((all) => all.map((one) => Math.round(one.getBoundingClientRect().width)));
      const sash = page.locator(".dv-horizontal > .dv-sash-container > .dv-sash").first();
      const middle = async () => {
        const box = await sash.boundingBox();
        if (box === null) throw new Error("the sash is not drawn");
        return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      };
      const from = await middle();
      await page.mouse.move(from.x, from.y);
      await page.mouse.down();
      await page.mouse.move(from.x - 150, from.y, { steps: 4 });
      await page.mouse.up();
      expect(Math.max(...(await widths())) - Math.min(...(await widths()))).toBeGreaterThan(100);
      const now = await middle();
      await page.mouse.dblclick(now.x, now.y);
      await eventually("three equal columns", async () => {
        const all = await widths();
        return all.length === 4 && Math.max(...all) - Math.min(...all) <= 3 ? true : undefined;
      });
    }));

  it("leaves no session behind that has no tab", () =>
    withPage(async ({ page, workspace }) => {
      await page.keyboard.press("Control+Shift+T");
      await eventually("two tabs", async () => (await tabs(page).count()) === 2 || undefined);
      const peer = await workspace.attach();
      const sessions = await eventually("two sessions", async () => {
        const known = (await peer.request(list, {})).sessions;
        return known.length === 2 ? known : undefined;
      });
      const shown = await tabs(page).evaluateAll((all) =>
        all.map((one) => one.getAttribute("data-session")),
      );
      expect(shown.sort()).toEqual(sessions.map(({ id }) => id).sort());
      peer.close();
    }));
});
