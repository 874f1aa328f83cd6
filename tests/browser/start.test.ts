/** The first moments of a page: what is pressed before the hub and the tabs are there is kept. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { stateGet } from "../../bus/contracts/hub.ts";
import { list, type Session } from "../../bus/contracts/terminal.ts";
import { prompt, row, rows, withPage } from "./open-page.ts";
import { layoutSaved, tabs, tabsWithShells } from "./tabs.ts";
import { eventually, type Workspace } from "./workspace.ts";

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

it("shows the hint of the palette in the first three sessions", () =>
  withPage(async ({ page, workspace }) => {
    const hint = page.getByTestId("start-hint");
    await hint.waitFor();
    await page.reload();
    await hint.waitFor();
    for (let session = 2; session <= 4; session += 1) {
      const other = await page.context().newPage();
      await other.goto(workspace.url);
      await prompt(other);
      await sessionCounted(workspace, session);
      const isShown = await other.getByTestId("start-hint").isVisible();
      expect(isShown, `session ${session}`).toBe(session <= 3);
      await other.close();
    }
  }));

it("tells which shells are still there and how much they said meanwhile", () =>
  withPage(async ({ page, workspace }) => {
    await page.keyboard.type(
      "until [ -e go ]; do sleep 0.05; done; head -c 50000 /dev/zero; touch done\n",
    );
    await row(page, "the command runs", (line) => line.startsWith("$ until"));
    const seen = await onlySession(workspace, () => true);
    await page.goto("about:blank");
    await onlySession(workspace, () => true);
    writeFileSync(join(workspace.folder, "go"), "");
    await eventually("the output is written", () =>
      existsSync(join(workspace.folder, "done")) ? true : undefined,
    );
    // A page that comes within five seconds of the first shell says nothing.
    await eventually("the shell is older than that", () =>
      Date.now() - seen.createdMs > 5_500 ? true : undefined,
    );
    const session = await onlySession(workspace, ({ unseenBytes }) => unseenBytes > 50_000);
    expect(session.unseenBytes).toBeLessThan(51_000);
    expect(session.unseenBytes).toBeGreaterThanOrEqual(
      session.outputBytes - seen.outputBytes - 200,
    );
    await page.goto(workspace.url);
    const toast = page.getByTestId("toast").filter({ hasText: "reattached" });
    await toast.waitFor();
    const kilobytes = Math.round(session.unseenBytes / 1_024);
    const at = new Date(session.createdMs).toTimeString().slice(0, 5);
    expect(await toast.locator("strong").textContent()).toBe("1 shell reattached");
    expect(await toast.locator(".toast-text").textContent()).toBe(
      `running since ${at}, ${kilobytes} KB of output while you were away`,
    );
  }));

/** The only session, once it satisfies `test`. */
async function onlySession(
  workspace: Workspace,
  test: (session: Session) => boolean,
): Promise<Session> {
  const peer = await workspace.attach();
  const found = await eventually("the session", async () => {
    const [session] = (await peer.request(list, {})).sessions;
    return session !== undefined && test(session) ? session : undefined;
  });
  peer.close();
  return found;
}

/** Waits until the hub keeps that number of sessions. */
async function sessionCounted(workspace: Workspace, session: number): Promise<void> {
  const peer = await workspace.attach();
  await eventually(`session ${session} is counted`, async () => {
    const { value } = await peer.request(stateGet, { key: "hints" });
    return JSON.stringify(value) === JSON.stringify({ sessions: session }) || undefined;
  });
  peer.close();
}

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
