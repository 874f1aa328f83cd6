/** The debug panel while 50,000 frames a second pass the hub: frames it draws, and what it costs the traffic. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { launch } from "../../browser/open-page.ts";
import { eventually } from "../../window/harness/processes.ts";
import { type Folders, makeFolders } from "../app/folders.ts";
import { startInstance } from "../app/instance.ts";
import { PROMPT_AT } from "../app/page.ts";
import { endProgram, type Program, startProgram } from "../app/program.ts";
import { type BenchRow, median } from "../row.ts";

const FRAMES_PER_S = 50_000;
/** What a browser without a screen draws at most, frames per second, and what is asked. */
const FPS = { most: 60, goal: 55 };
/** Closed and open in turn, so often each. */
const RUNS = 3;
const RUN_MS = 3_000;
/** After the panel opened or closed, milliseconds. */
const SETTLE_MS = 1_500;

/** Two rows. */
export async function bench(): Promise<BenchRow[]> {
  const folders = makeFolders();
  const app = startInstance("serve", folders);
  try {
    const browser = await launch();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(await app.url());
      await page.waitForURL(/\/s\//);
      await page.evaluate(`(() => {${PROMPT_AT}})()`);
      return await withTraffic(folders, (traffic) => measure(page, traffic));
    } finally {
      await browser.close();
    }
  } finally {
    await app.end();
    folders.remove();
  }
}

async function withTraffic(
  folders: Folders,
  work: (traffic: Program) => Promise<BenchRow[]>,
): Promise<BenchRow[]> {
  const script = join(import.meta.dirname, "traffic.ts");
  const args = [script, folders.runtimeDir, String(FRAMES_PER_S)];
  const traffic = startProgram(process.execPath, args, folders.env);
  try {
    await eventually("traffic flows", () => (framesAt(traffic) > 0 ? true : undefined));
    return await work(traffic);
  } finally {
    await endProgram(traffic);
  }
}

interface Figures {
  readonly fps: number[];
  readonly framesPerS: number[];
}

async function measure(page: Page, traffic: Program): Promise<BenchRow[]> {
  const closed: Figures = { fps: [], framesPerS: [] };
  const open: Figures = { fps: [], framesPerS: [] };
  for (let run = 0; run < RUNS; run++) {
    await look(page, traffic, closed);
    await page.keyboard.press("Control+Shift+Y");
    await page.getByTestId("debug-tab-traffic").click();
    await page.getByTestId("traffic-row").first().waitFor();
    await look(page, traffic, open);
    await page.keyboard.press("Control+Shift+Y");
  }
  return rows(closed, open);
}

/** Both figures of one stretch of time. */
async function look(page: Page, traffic: Program, into: Figures): Promise<void> {
  await new Promise((wake) => setTimeout(wake, SETTLE_MS));
  const [before, startMs] = [framesAt(traffic), performance.now()];
  into.fps.push(await page.evaluate(drawnFrames, RUN_MS));
  const frames = framesAt(traffic) - before;
  into.framesPerS.push((frames * 1_000) / (performance.now() - startMs));
}

/** Frames the traffic has passed when it last said so. */
function framesAt(traffic: Program): number {
  const last = traffic.stdout().trimEnd().split("\n").at(-1) ?? "";
  return last === "" ? 0 : (JSON.parse(last) as { frames: number }).frames;
}

/** Runs in the page: animation frames per second over `ms`. */
function drawnFrames(ms: number): Promise<number> {
  return new Promise((resolve) => {
    const startMs = performance.now();
    let frames = 0;
    const next = (): void => {
      const passedMs = performance.now() - startMs;
      if (passedMs >= ms) return resolve((frames * 1_000) / passedMs);
      frames++;
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
}

function rows(closed: Figures, open: Figures): BenchRow[] {
  const fps = { open: median(open.fps), closed: median(closed.fps) };
  const passed = { open: median(open.framesPerS), closed: median(closed.framesPerS) };
  const what = `debug panel open, traffic listed, ${FRAMES_PER_S} frames/s asked`;
  return [
    {
      what: `${what}: frames drawn`,
      against: `${FPS.goal} of ${FPS.most} a second`,
      goal: { min: 1 },
      ours: fps.open,
      theirs: FPS.goal,
      unit: "fps",
      ratio: fps.open / FPS.goal,
      note: `medians of ${RUNS} in Chromium; ${fps.closed.toFixed(0)} fps while it is closed`,
    },
    {
      what: `${what}: traffic`,
      against: "the same with the panel closed",
      goal: { min: 0.95 },
      ours: passed.open,
      theirs: passed.closed,
      unit: "frames/s",
      ratio: passed.open / passed.closed,
      note: `medians of ${RUNS} in turn, calls between two late attachers`,
    },
  ];
}
