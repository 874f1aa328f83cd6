import { describe, expect, it } from "vitest";
import { settingPut } from "../../bus/contracts/hub.ts";
import { prompt, row, run, sayCrashed, withPage } from "./open-page.ts";
import { eventually, type Workspace } from "./workspace.ts";

describe("what a terminal shows", () => {
  it("marks the prompt of a failed command, where nothing clips the mark", () =>
    withPage(async ({ page }) => {
      await page.keyboard.type("ls /nonexistent\n");
      const mark = page.locator(".failed-prompt");
      await mark.waitFor({ state: "attached" });
      expect(await mark.getAttribute("title")).toBe("ended with code 2");
      const seen = await mark.evaluate((element) => {
        const box = element.getBoundingClientRect();
        const clips: string[] = [];
        for (let up = element.parentElement; up !== null; up = up.parentElement) {
          const isClip = getComputedStyle(up).overflowX !== "visible";
          if (isClip && up.getBoundingClientRect().left > box.left) clips.push(up.className);
        }
        const { borderLeftWidth, borderLeftStyle } = getComputedStyle(element);
        return { clips, height: box.height, line: `${borderLeftWidth} ${borderLeftStyle}` };
      });
      expect(seen.clips).toEqual([]);
      expect(seen.height).toBeGreaterThan(8);
      expect(seen.line).toBe("2px solid");
    }));

  it("marks it also when the prompt came with a restored screen", () =>
    withPage(async ({ page }) => {
      await page.reload();
      await prompt(page);
      await page.keyboard.type("ls /nonexistent\n");
      await page.locator(".failed-prompt").waitFor({ state: "attached", timeout: 10_000 });
    }));

  it("marks it again after the page came back, also under a full-screen program", () =>
    withPage(async ({ page }) => {
      const marks = page.locator(".failed-prompt");
      await page.keyboard.type("false\nls /nonexistent\n");
      await eventually("two marks", async () => (await marks.count()) === 2 || undefined);
      await page.reload();
      await row(page, "the screen is back", (line) => line.includes("cannot access"));
      await eventually("both marks again", async () => (await marks.count()) === 2 || undefined);
      expect(await marks.last().getAttribute("title")).toBe("ended with code 2");
      await page.keyboard.type("less +G /etc/services\n");
      await row(page, "less", (line) => line.endsWith("(END)"));
      await page.reload();
      await row(page, "less again", (line) => line.endsWith("(END)"));
      await page.keyboard.type("q");
      await eventually("both marks below it", async () => (await marks.count()) === 2 || undefined);
    }));

  it("takes the colours of a theme that is chosen while it is open", () =>
    withPage(async ({ page, workspace }) => {
      for (const [theme, colour] of [
        ["light", "rgb(26, 33, 41)"],
        ["contrast", "rgb(255, 255, 255)"],
        ["dark", "rgb(228, 233, 238)"],
      ] as const) {
        await setTheme(workspace, theme);
        await eventually(`the text of ${theme}`, async () => {
          const now = await page
            .locator(".xterm-rows")
            .evaluate((element) => getComputedStyle(element).color);
          return now === colour || undefined;
        });
      }
    }));

  it("keeps box lines and the text after them apart from their ground", () =>
    withPage(
      async ({ page }) => {
        await run(page, "printf '\\033[37;44m\\u2502UP--DIR\\u2500\\u2500\\u2510 x\\033[0m\\n'");
        await row(page, "the frame", (line) => line.includes("UP--DIR"));
        const ratios = await page.locator(".xterm-rows").evaluate((rows) => {
          const luminance = (css: string): number => {
            const parts = (css.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => {
              const share = Number(part) / 255;
              return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * (parts[0] ?? 0) + 0.7152 * (parts[1] ?? 0) + 0.0722 * (parts[2] ?? 0);
          };
          const line = [...rows.children].find(
            (one) => one.textContent?.startsWith("\u2502UP--DIR") === true,
          );
          return [...(line?.children ?? [])]
            .filter((span) => span.classList.contains("xterm-bg-4"))
            .map((span) => {
              const style = getComputedStyle(span);
              const [a, b] = [luminance(style.color), luminance(style.backgroundColor)];
              return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            });
        });
        expect(ratios.length).toBeGreaterThan(2);
        expect(Math.min(...ratios)).toBeGreaterThan(4.4);
      },
      { settings: { "window.theme": "light" } },
    ));

  it("keeps the words of a notice in the list, and its badge only until it is looked at", () =>
    withPage(async ({ page }) => {
      await page.keyboard.type("sleep 1; printf '\\033]9;build is done\\a'\n");
      await page.keyboard.press("Control+Shift+T");
      const bell = page.getByTestId("rail-notifications");
      await eventually("the rail calls", async () =>
        /1 new/.test((await bell.getAttribute("aria-label")) ?? "") ? true : undefined,
      );
      await bell.click();
      const list = page.getByTestId("notification-list");
      await list.getByText("build is done", { exact: true }).waitFor();
      await page.keyboard.press("Control+Shift+J");
      await eventually("the rail is quiet", async () =>
        (await bell.getAttribute("aria-label")) === "Notifications" ? true : undefined,
      );
      expect(await list.getByText("build is done", { exact: true }).count()).toBe(1);
    }));
});

describe("the window after its page crashed", () => {
  it("brings every terminal back, also those in hidden tabs", () =>
    withPage(async ({ page }) => {
      await page.keyboard.press("Control+Shift+T");
      await eventually("two tabs with shells", async () => {
        const shown = await page.locator("[data-testid^=tab-terminal-][data-session]").count();
        return shown === 2 || undefined;
      });
      await sayCrashed(page);
      await page.reload();
      const toast = page.getByTestId("toast").filter({ hasText: "The window came back" });
      await toast.waitFor();
      expect(await toast.textContent()).toContain("layout, text and terminals restored");
    }));
});

describe("the debug panel by keys", () => {
  it("keeps the Result column in the smallest window, and goes from the tab to the filter", () =>
    withPage(
      async ({ page }) => {
        await page.keyboard.press("Control+Shift+Y");
        await page.getByTestId("debug-tab-traffic").click();
        const result = page.locator(".traffic-window .cell-result").first();
        await result.waitFor();
        const right = await result.evaluate((cell) => cell.getBoundingClientRect().right);
        expect(right).toBeLessThanOrEqual(720);
        await page.getByTestId("debug-tab-traffic").focus();
        await page.keyboard.press("/");
        const focused = () => page.evaluate(() => document.activeElement?.id);
        expect(await focused()).toBe("traffic-filter");
      },
      { width: 720, height: 480 },
    ));

  it("is not covered by the side bar of a narrow window, whose overlay ends where the focus leaves it", () =>
    withPage(
      async ({ page }) => {
        await page.getByTestId("rail-search").click();
        const side = page.getByTestId("side-search");
        await side.waitFor();
        await side.locator("input").first().fill("parse");
        await page.keyboard.press("Control+Shift+Y");
        await page.getByTestId("debug-tab-audit").click({ timeout: 5_000 });
        expect(await side.count()).toBe(0);
      },
      { width: 720, height: 480 },
    ));

  it("has the focus when it opens, and is one of the panes", () =>
    withPage(async ({ page }) => {
      const isIn = () =>
        page.evaluate(
          () => document.getElementById("debug-panel")?.contains(document.activeElement) === true,
        );
      await page.keyboard.press("Control+Shift+Y");
      expect(await isIn()).toBe(true);
      await page.keyboard.press("Control+Shift+BracketRight");
      expect(await isIn()).toBe(false);
      expect(await run(page, "echo here")).toEqual(["here"]);
      await page.keyboard.press("Control+Shift+BracketRight");
      expect(await isIn()).toBe(true);
      await page.keyboard.press("Control+Shift+Y");
      expect(await run(page, "echo back")).toEqual(["back"]);
    }));
});

async function setTheme(workspace: Workspace, theme: string): Promise<void> {
  const peer = await workspace.attach();
  await peer.request(settingPut, { key: "window.theme", value: theme });
  peer.close();
}
