/**
 * Pictures of every view for a person to look at: three themes, three sizes, into dist/screenshots.
 * Run: node tests/browser/screenshots.ts [theme ...]
 */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { editorPictures } from "./editor-pictures.ts";
import { launch, openPage, prompt, run } from "./open-page.ts";
import { eventually, startWorkspace, type Workspace } from "./workspace.ts";

const FOLDER = resolve(import.meta.dirname, "../../dist/screenshots");
const THEMES = ["dark", "light", "contrast"] as const;
const SIZES = [
  { width: 1280, height: 800 },
  { width: 960, height: 600 },
  { width: 720, height: 480 },
] as const;

const COLOURS = [
  "printf '\\e[31mred \\e[32mgreen \\e[33myellow \\e[34mblue \\e[35mmagenta \\e[36mcyan \\e[0mplain \\e[1mbold\\e[0m\\n'",
  "printf '\\e[91mred \\e[92mgreen \\e[93myellow \\e[94mblue \\e[95mmagenta \\e[96mcyan \\e[2mdim\\e[0m\\n'",
  "printf 'src/main.ts:12:5 - error TS2322\\n'",
  "printf '┌──┬──┐\\n│▒▒│██│\\n└──┴──┘\\n'",
];

async function main(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const wanted = process.argv.slice(2);
  const browser = await launch();
  try {
    for (const theme of THEMES) {
      if (wanted.length > 0 && !wanted.includes(theme)) continue;
      for (const size of SIZES) await pictures(browser, theme, size);
    }
  } finally {
    await browser.close();
  }
}

async function pictures(
  browser: Browser,
  theme: string,
  size: { width: number; height: number },
): Promise<void> {
  const settings = { "window.theme": theme };
  const workspace = await startWorkspace(settings);
  try {
    const { page } = await openPage(browser, workspace, { ...size, settings });
    const take = (name: string) =>
      page.screenshot({ path: join(FOLDER, `${name}-${theme}-${size.width}.png`) });
    await run(page, COLOURS.join("; "));
    await take("terminal");
    await page.keyboard.press("Control+Shift+D");
    await eventually(
      "a split",
      async () => (await page.locator(".xterm-rows").count()) === 2 || undefined,
    );
    await prompt(page);
    await page.keyboard.type("false\nsleep 2.1; false\n");
    await page.keyboard.press("Control+Shift+T");
    await prompt(page);
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

async function overlays(page: Page, take: (name: string) => Promise<unknown>): Promise<void> {
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

async function panel(page: Page, take: (name: string) => Promise<unknown>): Promise<void> {
  await page.keyboard.press("Control+Shift+Y");
  await page.getByTestId("bottom-group").waitFor();
  await page.getByTestId("process-row-terminal").waitFor();
  await take("debug");
  await page.keyboard.press("Control+Shift+Y");
}

async function failures(
  page: Page,
  workspace: Workspace,
  take: (name: string) => Promise<unknown>,
): Promise<void> {
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

await main();
