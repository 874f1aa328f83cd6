/** Output of a shell's program to parsed in the page's xterm, against the same bytes fed to an xterm from memory there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launch } from "../../browser/open-page.ts";
import { eventually } from "../../window/harness/processes.ts";
import { makeFolders } from "../app/folders.ts";
import { startInstance } from "../app/instance.ts";
import { PROMPT_AT } from "../app/page.ts";
import { type BenchRow, median } from "../row.ts";
import { armShown, feedFromMemory, hasPrompt, keepTerminal } from "./page.ts";

const RUNS = 3;
/** Two sizes: what both runs have in common, a program's start and the last frame, falls out. */
const LINES = { small: 10_000, large: 130_000 };

/** One row, bytes per second. */
export async function bench(): Promise<BenchRow[]> {
  const folders = makeFolders();
  for (const [name, lines] of Object.entries(LINES))
    writeFileSync(join(folders.workspace, name), text(lines));
  const app = startInstance("serve", folders, { BULKHEAD_DRILL: "1" });
  try {
    const browser = await launch();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(await app.url());
      await page.waitForURL(/\/s\//);
      await page.evaluate(`(() => {${PROMPT_AT}})()`);
      return [await measure(page)];
    } finally {
      await browser.close();
    }
  } finally {
    await app.end();
    folders.remove();
  }
}

async function measure(page: Page): Promise<BenchRow> {
  await page.evaluate(keepTerminal);
  // The tab that is measured opens after the drill's notes have ended: they would cost it time.
  await page.keyboard.press("Control+Shift+T");
  await eventually("the second tab has a prompt", () => page.evaluate(hasPrompt));
  const bytes = text(LINES.large).length - text(LINES.small).length;
  const piped: number[] = [];
  const fed: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const large = await shown(page, "large", run);
    const small = await shown(page, "small", run);
    piped.push((bytes * 1_000) / (large - small));
    fed.push((bytes * 1_000) / ((await parsed(page, "large")) - (await parsed(page, "small"))));
  }
  const [ours, theirs] = [median(piped.slice(1)), median(fed.slice(1))];
  return {
    what: "PTY to parsed in xterm",
    against: "xterm fed from memory in the same page",
    goal: { min: 0.95 },
    ours,
    theirs,
    unit: "bytes/s",
    ratio: ours / theirs,
    note: `medians of ${RUNS} alternating runs in Chromium, ${(bytes / 1e6).toFixed(0)} MB of coloured lines`,
  };
}

/** Milliseconds from Enter to the end of `cat FILE` on the screen. */
async function shown(page: Page, file: keyof typeof LINES, run: number): Promise<number> {
  await page.locator(".xterm:visible").click();
  // The typed line must not hold the words that are waited for.
  await page.keyboard.type(`clear; cat ${file}; echo "The end"" of ${file} ${run}."`);
  await page.evaluate(armShown, `The end of ${file} ${run}.`);
  await page.keyboard.press("Enter");
  return page.evaluate(() => globalThis.benchShown ?? Number.NaN);
}

function parsed(page: Page, file: keyof typeof LINES): Promise<number> {
  return page.evaluate(feedFromMemory, text(LINES[file]));
}

/** Lines like those of a build: numbers, colours, words. */
function text(lines: number): string {
  const parts: string[] = [];
  for (let line = 0; line < lines; line++) {
    const colour = 31 + (line % 6);
    parts.push(
      `[${line}] \u001b[${colour}mcompiled\u001b[0m src/module-${line % 97}/part.ts in ${line % 400} ms\r\n`,
    );
  }
  return parts.join("");
}
