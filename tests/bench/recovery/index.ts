/** Kills of the terminal's actor and of the hub, to the next new byte drawn in the page, in a served instance. */
import { join } from "node:path";
import type { Page } from "playwright-core";
import { connectPeer } from "../../../bus/client.ts";
import { type ProcessRow, processesList } from "../../../bus/contracts/hub.ts";
import { connectUnix, readToken } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";
import { launch } from "../../browser/open-page.ts";
import { eventually } from "../../window/harness/processes.ts";
import { type Folders, makeFolders } from "../app/folders.ts";
import { startInstance } from "../app/instance.ts";
import { PROMPT_AT } from "../app/page.ts";
import type { BenchRow } from "../row.ts";
import { watch } from "./watch.ts";

const KILLS = 20;
/** Between a recovery and the next kill, milliseconds: everything is at rest again. */
const BETWEEN_MS = 1_500;
/** Ready this long, an actor is started again without delay; a little over the policy's 10 s. */
const HEALTHY_MS = 10_200;
const ACTOR_MS = 250;
const HUB_MS = 1_000;

/** Three rows: both times, and what was lost or doubled in all kills. */
export async function bench(): Promise<BenchRow[]> {
  const folders = makeFolders();
  const app = startInstance("serve", folders, { BULKHEAD_DRILL: "1" });
  try {
    const browser = await launch();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(await app.url());
      await page.waitForURL(/\/s\//);
      return await drill(page, folders);
    } finally {
      await browser.close();
    }
  } finally {
    await app.end();
    folders.remove();
  }
}

async function drill(page: Page, folders: Folders): Promise<BenchRow[]> {
  await page.evaluate(`(() => {${PROMPT_AT}})()`);
  const baseMs = Date.now();
  await page.evaluate(watch);
  const ticker = join(import.meta.dirname, "ticker.ts");
  await page.locator(".xterm").click();
  await page.keyboard.type(`clear; node ${ticker} ${baseMs}\n`);
  await drawnAfter(page, 0);
  const actor: number[] = [];
  const hub: number[] = [];
  for (let kill = 0; kill < KILLS; kill++)
    actor.push(await oneKill(page, baseMs, () => killActor(folders)));
  for (let kill = 0; kill < KILLS; kill++)
    hub.push(await oneKill(page, baseMs, () => killHub(folders)));
  const faults = await page.evaluate(() => globalThis.benchWatch?.faults ?? []);
  return [
    row("terminal actor SIGKILL to the next new byte drawn, p95", actor, ACTOR_MS),
    row("hub SIGKILL to the next new byte drawn, p95", hub, HUB_MS),
    {
      what: "holes and doubles in the page over all kills",
      against: "kills",
      goal: { max: 0 },
      ours: faults.length,
      theirs: 2 * KILLS,
      unit: "faults",
      ratio: faults.length / (2 * KILLS),
      note: faults.slice(0, 3).join("; ") || "numbers printed every 10 ms by a shell's program",
    },
  ];
}

/** Milliseconds from the kill to the first drawn number that was printed after it. */
async function oneKill(page: Page, baseMs: number, kill: () => Promise<number>): Promise<number> {
  await new Promise((wake) => setTimeout(wake, BETWEEN_MS));
  const killedMs = await kill();
  return (await drawnAfter(page, killedMs - baseMs)) - killedMs;
}

/** Wall clock at which the first number with at least this stamp was drawn. */
function drawnAfter(page: Page, stampMs: number): Promise<number> {
  return eventually("new output is drawn", () =>
    page.evaluate(
      (least) => globalThis.benchWatch?.drawn.find(([stamp]) => stamp >= least)?.[1],
      stampMs,
    ),
  );
}

/** As soon as the actor has been ready long enough for the policy to start it again at once. */
function killActor(folders: Folders): Promise<number> {
  return withPeer(folders, (peer) =>
    eventually("the actor has been ready for 10 s", async () => {
      const row = await rowOf(peer, "terminal");
      const isHealthy = row?.state === "ready" && Date.now() - row.sinceMs > HEALTHY_MS;
      return isHealthy ? killNow(row.pid) : undefined;
    }),
  );
}

function killHub(folders: Folders): Promise<number> {
  return withPeer(folders, async (peer) => killNow((await rowOf(peer, "hub"))?.pid));
}

/** Wall clock of the kill, milliseconds. */
function killNow(pid: number | null | undefined): number {
  if (typeof pid !== "number") throw new Error("there is no pid to kill");
  const killedMs = Date.now();
  process.kill(pid, "SIGKILL");
  return killedMs;
}

async function rowOf(peer: Peer, wanted: string): Promise<ProcessRow | undefined> {
  const { processes } = await peer.request(processesList, {});
  return processes.find(({ name }) => name === wanted);
}

async function withPeer(
  { runtimeDir }: Folders,
  ask: (peer: Peer) => Promise<number>,
): Promise<number> {
  const token = await readToken(join(runtimeDir, "token"));
  const transport = await connectUnix(join(runtimeDir, "hub.sock"));
  const peer = await connectPeer(transport, { hello: { name: "cli", pid: process.pid, token } });
  try {
    return await ask(peer);
  } finally {
    peer.close();
  }
}

function row(what: string, times: readonly number[], goalMs: number): BenchRow {
  const sorted = times.toSorted((left, right) => left - right);
  const at = (share: number): number => sorted[Math.ceil(share * sorted.length) - 1] ?? Number.NaN;
  const p95 = at(0.95);
  const note = `${times.length} kills in Chromium, p50 ${Math.round(at(0.5))} ms, worst ${Math.round(at(1))} ms`;
  return {
    what,
    against: `${goalMs} ms`,
    goal: { max: 1 },
    ours: p95,
    theirs: goalMs,
    unit: "ms",
    ratio: p95 / goalMs,
    note,
  };
}
