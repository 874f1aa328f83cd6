/** Idle memory of the app with one terminal, against the goals, and against the same page in Chromium. */
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { eventually } from "../../eventually.ts";
import { startDisplay } from "../../window/harness/display.ts";
import { type Folders, makeFolders } from "../app/folders.ts";
import { inPage, startInstance } from "../app/instance.ts";
import { atRest, ofInstance, ofTree, type Sample, total } from "../app/memory.ts";
import { PROMPT_AT } from "../app/page.ts";
import type { BenchRow } from "../row.ts";

const WINDOW_BYTES = 230_000_000;
const REST_BYTES = 120_000_000;

const WEBVIEW = /bulkhead-window|WebKit|bwrap|xdg-dbus-proxy/;
const OURS = /\/bulkhead (open|serve)|bulkhead-keeper|\/node\/[a-z-]+\.mjs/;

/** Three rows. All figures are PSS, one run. */
export async function bench(): Promise<BenchRow[]> {
  const app = await measureApp();
  const browser = await measureBrowser();
  const view = app.filter(({ command }) => WEBVIEW.test(command));
  const rest = app.filter((one) => !view.includes(one) && OURS.test(one.command));
  const what = "idle PSS, window + webview, one terminal";
  return [
    row(what, "230 MB", [total(view), WINDOW_BYTES], partsOf(view)),
    row("idle PSS, root, hub, actors, keeper", "120 MB", [total(rest), REST_BYTES], partsOf(rest)),
    row(what, "the same page in headless Chromium", [total(view), total(browser)], "one run each"),
  ];
}

/** A copy of Node of its own, so that other programs on the same Node do not share its pages. */
function privateNode(folder: string): string {
  mkdirSync(join(folder, "node"));
  const copy = join(folder, "node/node");
  copyFileSync(process.execPath, copy);
  return copy;
}

async function measureApp(): Promise<Sample[]> {
  const display = await startDisplay({ PATH: "/usr/bin:/bin" });
  const folders = makeFolders();
  const node = { BULKHEAD_NODE: privateNode(folders.base) };
  const app = startInstance("open", folders, { ...display.env, ...node });
  try {
    await inPage(folders.runtimeDir, PROMPT_AT);
    // It is asked once, soon after the start, and ends 20 s after the last question.
    await eventually("git was asked", () => (hasGit(folders) ? true : undefined));
    await eventually("git has ended again", () => (hasGit(folders) ? undefined : true));
    return await atRest(() => ofInstance(folders.marker));
  } finally {
    await app.end();
    await display.end();
    folders.remove();
  }
}

function hasGit(folders: Folders): boolean {
  return ofInstance(folders.marker).some(({ command }) => command.includes("/node/git.mjs"));
}

async function measureBrowser(): Promise<Sample[]> {
  const folders = makeFolders();
  const app = startInstance("serve", folders);
  try {
    return await inChromium(folders, await app.url());
  } finally {
    await app.end();
    folders.remove();
  }
}

async function inChromium(folders: Folders, url: string): Promise<Sample[]> {
  const server = await chromium.launchServer({
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
    env: { PATH: "/usr/bin:/bin", HOME: join(folders.base, "home") },
  });
  try {
    const pid = server.process().pid;
    if (pid === undefined) throw new Error("Chromium has no pid");
    const browser = await chromium.connect(server.wsEndpoint());
    const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
    await page.goto(url);
    await page.waitForURL(/\/s\//);
    await page.waitForLoadState();
    await page.evaluate(`(() => {${PROMPT_AT}})()`);
    return await atRest(() => ofTree(pid));
  } finally {
    await server.close();
  }
}

function partsOf(samples: readonly Sample[]): string {
  return samples
    .map(({ command, pssBytes }) => `${nameOf(command)} ${megabytes(pssBytes)}`)
    .join(", ");
}

function nameOf(command: string): string {
  const actor = /\/node\/([a-z-]+)\.mjs/.exec(command)?.[1];
  const [program = command] = command.split(" ");
  return actor ?? program.slice(program.lastIndexOf("/") + 1);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function row(
  what: string,
  against: string,
  [ours, theirs]: readonly [number, number],
  note: string,
): BenchRow {
  const about = { what, against, goal: { max: 1 }, unit: "bytes", note };
  return { ...about, ours, theirs, ratio: ours / theirs };
}
