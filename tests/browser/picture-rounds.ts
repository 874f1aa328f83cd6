/** Rounds of pictures for a person to look at: three themes, three sizes, into dist/screenshots. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Browser, Page } from "playwright-core";
import { launch } from "./open-page.ts";

const FOLDER = resolve(import.meta.dirname, "../../dist/screenshots");
const THEMES = ["dark", "light", "contrast"] as const;
const SIZES = [
  { width: 1280, height: 800 },
  { width: 960, height: 600 },
  { width: 720, height: 480 },
] as const;

export interface Round {
  readonly browser: Browser;
  readonly theme: (typeof THEMES)[number];
  readonly size: (typeof SIZES)[number];
}

/** Takes a picture of the page as it is now and names its file. */
export type Take = (name: string) => Promise<unknown>;

/** Every round, or those of the themes the command line names. */
export async function picturesOf(draw: (round: Round) => Promise<void>): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const wanted = process.argv.slice(2);
  const browser = await launch();
  try {
    for (const theme of THEMES) {
      if (wanted.length > 0 && !wanted.includes(theme)) continue;
      for (const size of SIZES) await draw({ browser, theme, size });
    }
  } finally {
    await browser.close();
  }
}

export function takeFrom(page: Page, { theme, size }: Round): Take {
  return (name) => page.screenshot({ path: join(FOLDER, `${name}-${theme}-${size.width}.png`) });
}
