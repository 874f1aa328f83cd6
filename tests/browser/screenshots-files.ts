/**
 * Pictures of the views of files for a person to look at: explorer, search, quick open, changes, differences, closed
 * files and the audit log, in three themes and sizes, into dist/screenshots.
 * Run: node tests/browser/screenshots-files.ts [theme ...]
 */
import { chmodSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";
import { look } from "../fixtures/actors/busy-agent.ts";
import { openPage } from "./open-page.ts";
import { picturesOf, type Round, type Take, takeFrom } from "./picture-rounds.ts";
import { changeMuch, git, makeRepository, write } from "./repository.ts";
import { startWorkspace, type Workspace } from "./workspace.ts";

const AGENT = {
  name: "model",
  script: resolve(import.meta.dirname, "../fixtures/actors/busy-agent.ts"),
  startTimeoutMs: 60_000,
};
const WAIT = { timeout: 40_000 };

await picturesOf(pictures);

async function pictures(round: Round): Promise<void> {
  const settings = { "window.theme": round.theme };
  const workspace = await startWorkspace(settings, [AGENT]);
  try {
    write(workspace, "a-first-file.txt", "");
    const { page } = await openPage(round.browser, workspace, { ...round.size, settings });
    const take = takeFrom(page, round);
    await changes(page, workspace, take);
    await explorer(page, workspace, take);
    await searches(page, take);
    await audit(page, workspace, take);
    await page.context().close();
  } finally {
    await workspace.end();
  }
}

/** Opens a view; in a narrow window it lies over the others and closes when they are used. */
async function side(page: Page, view: string): Promise<void> {
  if ((await page.getByTestId(`side-${view}`).count()) > 0) return;
  await page.getByTestId(`rail-${view}`).click();
  await page.getByTestId(`side-${view}`).waitFor();
}

async function changes(page: Page, workspace: Workspace, take: Take): Promise<void> {
  await side(page, "changes");
  await page.getByText("in no git repository").waitFor(WAIT);
  await take("changes-none");
  makeRepository(workspace);
  await page.getByText("Nothing has changed").or(page.getByTestId("changes-list")).waitFor(WAIT);
  git(workspace, "add", "--all");
  git(workspace, "commit", "--quiet", "--message=three");
  await page.getByText("Nothing has changed").waitFor(WAIT);
  await take("changes-empty");
  changeMuch(workspace);
  const row = (path: string) => page.locator(`.changes-row[data-path="${path}"]`).first();
  await row("src/words/new-words.ts").waitFor(WAIT);
  await take("changes");
  await row("src/parse.ts").click();
  await page.locator(".diff-body .cm-editor").first().waitFor(WAIT);
  if ((await page.locator(".diff-body .cm-mergeView").count()) === 0) {
    await page.getByRole("button", { name: "Side by side" }).click();
  }
  await page.locator(".diff-body .cm-mergeView").waitFor();
  await take("diff-beside");
  await page.getByRole("button", { name: "Side by side" }).click();
  await page.locator(".diff-body .cm-deletedChunk").first().waitFor();
  await take("diff-over");
  await side(page, "changes");
  await row(".env").click();
  await page.getByTestId("denial-dialog").waitFor(WAIT);
  await take("denial");
  await page.getByRole("button", { name: "Explain" }).click();
  await take("denial-explained");
  await page.getByRole("button", { name: "Open for me for 10 minutes" }).click();
  await page.getByTestId("status-grants").waitFor(WAIT);
  await page.locator(".diff-body").getByText("TOKEN=two").last().waitFor(WAIT);
  await take("granted");
  await page.getByTestId("status-grants").click();
  await take("granted-menu");
  await page.getByRole("menuitem").first().click();
  await page.getByTestId("diff").getByTestId("denial").waitFor(WAIT);
  await take("denied-diff");
  write(workspace, ".git/config", "[core\n");
  await side(page, "changes");
  await page.getByRole("button", { name: "Ask git again" }).click();
  await page.getByText(/bad config/).waitFor(WAIT);
  await take("changes-failed");
}

async function explorer(page: Page, workspace: Workspace, take: Take): Promise<void> {
  write(workspace, "id_rsa", "key\n");
  write(workspace, "empty/x", "");
  git(workspace, "clean", "-q");
  await side(page, "explorer");
  const row = (name: string) => page.locator(`.explorer-row[data-name="${name}"]`);
  // A row that comes moves those below it away from under the pointer.
  await row("empty").waitFor(WAIT);
  for (const name of ["src", "deep", "er", "still"]) {
    await row(name).click(WAIT);
    await page.waitForTimeout(300);
  }
  await row("leaf.ts").click(WAIT);
  await take("explorer");
  await page.keyboard.press("F2");
  await take("explorer-rename");
  await page.keyboard.press("Escape");
  await row("id_rsa").click({ button: "right" });
  await take("explorer-locked");
  await page.keyboard.press("Enter");
  await page.getByTestId("denial-dialog").waitFor(WAIT);
  await take("denial-fixed");
  await page.keyboard.press("Escape");
  await drag(page, take);
  chmodSync(join(workspace.folder, "docs"), 0);
}

async function drag(page: Page, take: Take): Promise<void> {
  const from = await page.locator('.explorer-row[data-name="leaf.ts"]').boundingBox();
  const to = await page.locator('.explorer-row[data-name="src"]').boundingBox();
  if (from === null || to === null) return;
  await page.mouse.move(from.x + 60, from.y + 12);
  await page.mouse.down();
  await page.mouse.move(to.x + 60, to.y + 12, { steps: 6 });
  await take("explorer-drag");
  await page.keyboard.press("Escape");
  await page.mouse.move(to.x + 60, to.y - 30);
  await page.mouse.up();
}

async function searches(page: Page, take: Take): Promise<void> {
  await side(page, "search");
  const status = page.getByTestId("search-status");
  await page.getByTestId("search-input").fill("word");
  await status.getByText(/hits in/).waitFor(WAIT);
  await page.waitForTimeout(500);
  await take("files-search");
  await page.getByTestId("search-input").fill("zzzqq");
  await status.getByText(/No match/).waitFor(WAIT);
  await take("files-search-none");
  await page.getByRole("button", { name: "Regular expression" }).click();
  await page.getByTestId("search-input").fill("par(se");
  await page.locator(".search-failed").waitFor(WAIT);
  await take("files-search-bad");
  await page.keyboard.press("Control+Shift+O");
  await page.getByTestId("quick-open-input").fill("pars");
  await page.locator(".palette-row").first().waitFor(WAIT);
  await take("quick-open");
  await page.keyboard.press("Escape");
}

async function audit(page: Page, workspace: Workspace, take: Take): Promise<void> {
  await page.keyboard.press("Control+Shift+Y");
  await page.getByTestId("debug-tab-audit").click();
  const peer = await workspace.attach();
  await peer.request(look, { path: "src/parse.ts", times: 4 }, { timeoutMs: 30_000 });
  await peer.request(look, { path: ".env", times: 2 }, { timeoutMs: 30_000 });
  peer.close();
  await page.locator('.audit-row[data-decision="denied"]').nth(1).waitFor(WAIT);
  await page.getByTestId("audit-verify").click();
  await page.getByTestId("audit-verdict").waitFor(WAIT);
  await take("audit");
  await page.getByTestId("audit-rows").focus();
  await page.keyboard.press("ArrowDown");
  await page.getByTestId("audit-detail").waitFor(WAIT);
  await take("audit-detail");
}
