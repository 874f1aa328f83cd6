/** Key to echo, and Ctrl+C under a flood, in a page of a served instance in Chromium. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { prompt } from "../../browser/open-page.ts";
import { type ServedPage, withServedPage } from "../../chaos/soak/served.ts";
import { eventually } from "../../window/harness/processes.ts";
import type { BenchRow } from "../row.ts";
import { openBare } from "./bare.ts";
import { flowOf, pressAndSee, quantile, watchFocused } from "./keys.ts";
import { installProbe } from "./probe.ts";

const KEYS = 300;
const INTERRUPTS = 30;
/** The flood has filled every buffer on the way. */
const FLOOD_BYTES = 2 * 1024 * 1024;
/** Nothing more comes after a prompt that stood this long, milliseconds. */
const REST_MS = 300;
const KEY_MEDIAN_MS = 3;
const KEY_TAIL_MS = 10;
const SIGNAL_MS = 50;
const PROMPT_MS = 250;

/** Four rows: echo at the median and at the tail, over a bare terminal's; Ctrl+C to the signal and to the prompt. */
export function bench(): Promise<BenchRow[]> {
  return withServedPage(
    async (served) => [...(await echoes(served)), ...(await interrupts(served))],
    installProbe,
  );
}

async function echoes({ page }: ServedPage): Promise<BenchRow[]> {
  const ours: number[] = [];
  const theirs: number[] = [];
  const bare = await openBare();
  try {
    await page.keyboard.type("cat\n");
    await watchFocused(page);
    for (let key = 0; key < KEYS; key++) {
      const { keyMs, parsedMs } = await pressAndSee(page, "x");
      ours.push(parsedMs - keyMs);
      theirs.push(await bare.echo());
    }
    await page.keyboard.press("Control+C");
    await prompt(page);
  } finally {
    bare.end();
  }
  const row = (share: number, goalMs: number): BenchRow => {
    const [mine, bareMs] = [quantile(ours, share), quantile(theirs, share)];
    const note = `${mine.toFixed(2)} ms in Chromium, ${bareMs.toFixed(2)} ms bare, ${KEYS} keys each in turn`;
    const what = `key to echo parsed in the page, p${share * 100} over a bare terminal's`;
    return limit({ what, note, goalMs, ours: mine - bareMs });
  };
  return [row(0.5, KEY_MEDIAN_MS), row(0.99, KEY_TAIL_MS)];
}

async function interrupts({ page, workspace }: ServedPage): Promise<BenchRow[]> {
  const signals: number[] = [];
  const prompts: number[] = [];
  const note = join(workspace, "sigint");
  const stream = await watchFocused(page);
  await page.keyboard.press("Backspace");
  for (let round = 0; round < INTERRUPTS; round++) {
    rmSync(note, { force: true });
    const before = (await flowOf(page, stream)).received;
    await page.keyboard.type(`node ${join(import.meta.dirname, "flood.ts")} ${note}\n`);
    await eventually("the flood is on", async () => {
      const { received } = await flowOf(page, stream);
      return received - before > FLOOD_BYTES || undefined;
    });
    await page.keyboard.press("Control+C");
    await eventually("the signal came", () => existsSync(note) || undefined);
    const keyMs = await pressedMs(page);
    signals.push(Number(readFileSync(note, "utf8")) - keyMs);
    prompts.push((await restMs(page, stream)) - keyMs);
  }
  const row = (to: string, times: readonly number[], goalMs: number): BenchRow => {
    const middle = quantile(times, 0.5).toFixed(1);
    const what = `Ctrl+C under yes, key to ${to}, p99`;
    const ours = quantile(times, 0.99);
    return limit({
      what,
      goalMs,
      ours,
      note: `${INTERRUPTS} floods in Chromium, p50 ${middle} ms`,
    });
  };
  return [row("SIGINT", signals, SIGNAL_MS), row("prompt parsed", prompts, PROMPT_MS)];
}

function pressedMs(page: Page): Promise<number> {
  return page.evaluate(() => globalThis.benchProbe?.key?.keyMs ?? Number.NaN);
}

/** Waits for the prompt and for nothing more after it; when its last byte was parsed. */
async function restMs(page: Page, stream: number): Promise<number> {
  await prompt(page);
  return eventually("the terminal is at rest", async () => {
    const { received, parsed, idleMs } = await flowOf(page, stream);
    return parsed === received && Date.now() - idleMs > REST_MS ? idleMs : undefined;
  });
}

function limit(of: { what: string; note: string; goalMs: number; ours: number }): BenchRow {
  const { what, note, goalMs, ours } = of;
  const against = `${goalMs} ms`;
  const figures = { ours, theirs: goalMs, unit: "ms", ratio: ours / goalMs };
  return { what, against, goal: { max: 1 }, ...figures, note };
}
