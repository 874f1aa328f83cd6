/** The audit tab on a real log: an agent's operations, the person's grants, and the chain looked through. */
import { resolve } from "node:path";
import type { Page } from "playwright-core";
import { expect, it } from "vitest";
import { grant } from "../../bus/contracts/file-guard.ts";
import { look } from "../fixtures/actors/busy-agent.ts";
import { withPage } from "./open-page.ts";
import { write } from "./repository.ts";
import { eventually, type Workspace } from "./workspace.ts";

const WAIT = { timeout: 30_000 };
const AGENT = {
  name: "model",
  script: resolve(import.meta.dirname, "../fixtures/actors/busy-agent.ts"),
  startTimeoutMs: 60_000,
};

async function withAgent(test: (page: Page, workspace: Workspace) => Promise<void>): Promise<void> {
  await withPage(
    async ({ page, workspace, errors }) => {
      write(workspace, "open.txt", "plain\n");
      write(workspace, ".env", "TOKEN=one\n");
      await page.keyboard.press("Control+Shift+Y");
      await page.getByTestId("debug-tab-audit").click();
      await test(page, workspace);
      expect(errors).toEqual([]);
    },
    { children: [AGENT] },
  );
}

async function asAgent(workspace: Workspace, path: string, times: number): Promise<void> {
  const peer = await workspace.attach();
  await peer.request(look, { path, times }, { timeoutMs: 30_000 });
  peer.close();
}

const rows = (page: Page) => page.getByTestId("audit-rows").getByRole("option");

function decisions(page: Page, wanted: readonly string[]): Promise<true> {
  return eventually(`records are ${wanted.join(", ")}`, async () => {
    const now = await rows(page).evaluateAll((all) =>
      all.map((row) => row.getAttribute("data-decision")),
    );
    return JSON.stringify(now) === JSON.stringify(wanted) || undefined;
  });
}

it("follows the log, newest first, and narrows it by principal and decision", () =>
  withAgent(async (page, workspace) => {
    await page.getByTestId("audit-says").getByText("No record yet.").waitFor(WAIT);
    await asAgent(workspace, "open.txt", 2);
    await asAgent(workspace, ".env", 1);
    await decisions(page, ["denied", "allowed", "allowed"]);
    await page.getByTestId("audit-decision").selectOption("denied");
    await decisions(page, ["denied"]);
    await page.getByTestId("audit-principal").selectOption("person");
    await page.getByTestId("audit-says").getByText("No record fits.").waitFor(WAIT);
    await page.getByTestId("audit-decision").selectOption("");
    const peer = await workspace.attach();
    await peer.request(grant, { path: ".env" });
    peer.close();
    await decisions(page, ["allowed"]);
    expect(await rows(page).first().textContent()).toContain("grant");
  }));

it("opens a record by keys, and says whether the chain is whole", () =>
  withAgent(async (page, workspace) => {
    await asAgent(workspace, ".env", 3);
    await decisions(page, ["denied", "denied", "denied"]);
    await page.getByTestId("audit-rows").focus();
    await page.keyboard.press("ArrowDown");
    const detail = page.getByTestId("audit-detail");
    await detail.waitFor();
    expect(await detail.textContent()).toContain("built-in/dotenv");
    await detail.getByRole("button", { name: "Close details" }).click();
    await detail.waitFor({ state: "detached" });
    await page.getByTestId("audit-verify").click();
    await page.getByTestId("audit-verdict").getByText("Whole: 6 records, 1 to 6").waitFor(WAIT);
    expect(await page.getByTestId("audit-head").textContent()).toMatch(
      /^6 records, head [0-9a-f]{8}$/,
    );
  }));

it("reads older pages as they are scrolled to", () =>
  withAgent(async (page, workspace) => {
    await asAgent(workspace, "open.txt", 260);
    const list = page.getByTestId("audit-rows");
    await eventually("a page is there", async () => (await rows(page).count()) > 5 || undefined);
    await eventually("all are there", async () => {
      await page.getByTestId("debug-maximize").focus();
      const height = await list.evaluate((box) => {
        box.scrollTop = box.scrollHeight;
        return box.scrollHeight;
      });
      return height >= 260 * 22 || undefined;
    });
  }));
