/**
 * Pictures of every view for a person to look at: three themes, three sizes, into dist/screenshots.
 * Run: node tests/browser/screenshots.ts [theme ...]
 */
import type { Page } from "playwright-core";
import { editorPictures } from "./editor-pictures.ts";
import { openPage, prompt, run } from "./open-page.ts";
import { picturesOf, type Round, type Take, takeFrom } from "./picture-rounds.ts";
import { write } from "./repository.ts";
import { eventually, startWorkspace, type Workspace } from "./workspace.ts";

const COLOURS = [
  "printf '\\e[31mred \\e[32mgreen \\e[33myellow \\e[34mblue \\e[35mmagenta \\e[36mcyan \\e[0mplain \\e[1mbold\\e[0m\\n'",
  "printf '\\e[91mred \\e[92mgreen \\e[93myellow \\e[94mblue \\e[95mmagenta \\e[96mcyan \\e[2mdim\\e[0m\\n'",
  "printf 'src/main.ts:12:5 - error TS2322\\n'",
  "printf '┌──┬──┐\\n│▒▒│██│\\n└──┴──┘\\n'",
];

/** Ends in failure when the person has gone to another tab, so that the first one has something to tell. */
const WAITS = "until [ -e gone-on ]; do sleep 0.2; done; sleep 2.1; false";

await picturesOf(pictures);

async function pictures(round: Round): Promise<void> {
  const settings = { "window.theme": round.theme };
  const workspace = await startWorkspace(settings);
  try {
    const { page } = await openPage(round.browser, workspace, { ...round.size, settings });
    const take = takeFrom(page, round);
    await run(page, COLOURS.join("; "));
    await take("terminal");
    await page.keyboard.press("Control+Shift+D");
    await eventually(
      "a split",
      async () => (await page.locator(".xterm-rows").count()) === 2 || undefined,
    );
    await prompt(page);
    await page.keyboard.type(`false\n${WAITS}\n`);
    await page.keyboard.press("Control+Shift+T");
    await prompt(page);
    write(workspace, "gone-on", "");
    await page.getByTestId("tab-badge").first().waitFor();
    await take("splits");
    await overlays(page, take);
    await panel(page, take);
    await editorPictures(page, workspace, take);
    await failures(page, workspace, take);
    await page.context().close();
  } finally {
    await workspace.end();
  }
}

async function overlays(page: Page, take: Take): Promise<void> {
  await page.keyboard.press("Control+Shift+P");
  await page.keyboard.type("term");
  await take("palette");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+Space");
  await page.getByTestId("leader-list").waitFor();
  await take("leader");
  await page.keyboard.press("r");
  await page.getByTestId("dialog").waitFor();
  await take("dialog");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Shift+F");
  await page.keyboard.type("o");
  await take("search");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+,");
  await page.getByTestId("settings").waitFor();
  await take("settings");
  await page.keyboard.press("Control+Shift+W");
}

async function panel(page: Page, take: Take): Promise<void> {
  await page.keyboard.press("Control+Shift+Y");
  await page.getByTestId("bottom-group").waitFor();
  await page.getByTestId("process-row-terminal").waitFor();
  await take("debug");
  await page.keyboard.press("Control+Shift+Y");
}

async function failures(page: Page, workspace: Workspace, take: Take): Promise<void> {
  await page.keyboard.type("exit 2\n");
  await page.getByTestId("terminal-ended").waitFor();
  await page.getByTestId("rail-notifications").click();
  await take("ended");
  workspace.holdHub(true);
  process.kill(workspace.hubPid(), "SIGKILL");
  await page.getByTestId("banner-link").waitFor();
  await take("reconnecting");
  workspace.holdHub(false);
  await page.getByTestId("banner-link").waitFor({ state: "detached" });
  for (let tab = 0; tab < 3; tab += 1) await page.keyboard.press("Control+Shift+W");
  await page.getByTestId("empty-dock").waitFor();
  await take("empty");
}
