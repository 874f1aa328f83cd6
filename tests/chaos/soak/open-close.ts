/**
 * Terminals opened and closed in the page, one after the other, in each way a person has: the close key, the shell's
 * own exit, an end from elsewhere. Afterwards root, hub, actors, keeper and page hold no more than before.
 */
import type { CDPSession, Page } from "playwright-core";
import * as terminal from "../../../bus/contracts/terminal.ts";
import { prompt } from "../../browser/open-page.ts";
import { eventually } from "../../window/harness/processes.ts";
import { census, counts } from "./census.ts";
import { seeded } from "./seeded.ts";
import { type ServedPage, withServedPage } from "./served.ts";
import type { Soak } from "./soak.ts";

/** Opened and closed before the first count: what is made once and kept is there then. */
const WARM_UP = 6;
/** A line of words after this many. */
const WORDS_EVERY = 100;

type Way = "close key" | "exit" | "end";
const WAYS: readonly Way[] = ["close key", "exit", "end"];

export const openClose: Soak = {
  name: "open-close",
  what: "terminals opened and closed leave nothing behind in any process or in the page",
  count: 1_000,
  unit: "terminals",
  run: ({ count, seed, report }) =>
    withServedPage(async (served) => {
      const random = seeded(seed);
      const chosen = (): Way => WAYS[Math.floor(random() * WAYS.length)] ?? "exit";
      for (const way of [...WAYS, ...WAYS].slice(0, WARM_UP)) await openAndClose(served, way);
      const before = await atRest(served);
      for (let done = 1; done <= count; done++) {
        await openAndClose(served, chosen());
        if (done % WORDS_EVERY === 0) report(`${done} of ${count} opened and closed`);
      }
      const failures: string[] = [];
      const after = await restLike(served, before, count).catch(async (error: unknown) => {
        failures.push(String(error));
        return atRest(served);
      });
      failures.push(...grown(before, after, count));
      for (const [name, value] of Object.entries(after))
        report(`${name}: ${before[name] ?? 0} before, ${value} after ${count} terminals`);
      return { figures: { ...prefixed("before", before), ...prefixed("after", after) }, failures };
    }),
};

type Counts = Record<string, number>;

/** Opens a tab with a shell, waits for its prompt and closes it; the first tab is there again. */
async function openAndClose({ page, peer }: ServedPage, way: Way): Promise<void> {
  const known = new Set(await sessionIds(peer));
  await page.keyboard.press("Control+Shift+T");
  const id = await eventually("a new session", async () =>
    (await sessionIds(peer)).find((one) => !known.has(one)),
  );
  await shown(page, id);
  await prompt(page);
  if (way === "exit") await page.keyboard.type("exit\n");
  if (way === "end") await peer.request(terminal.end, { session: id });
  if (way !== "close key") await page.getByTestId("terminal-ended").waitFor();
  await page.keyboard.press("Control+Shift+W");
  await eventually("the tab is closed", async () => (await tabCount(page)) === 1 || undefined);
  await prompt(page);
}

async function sessionIds(peer: ServedPage["peer"]): Promise<string[]> {
  return (await peer.request(terminal.list, {})).sessions.map(({ id }) => id);
}

/** Waits until the only terminal in sight shows this session. */
function shown(page: Page, id: string): Promise<unknown> {
  return page.getByTestId(`terminal-${id}`).waitFor();
}

function tabCount(page: Page): Promise<number> {
  return page.locator("[data-testid^=tab-terminal-]").count();
}

/** Counts once only the first session is left: undo times are over and shells are reaped. */
async function atRest(served: ServedPage): Promise<Counts> {
  await eventually("closed sessions are gone", async () =>
    (await sessionIds(served.peer)).length === 1 ? true : undefined,
  );
  return { ...counts(census(served.marker)), ...(await pageCounts(served.cdp)) };
}

/** Waits until nothing has grown, as descriptors are closed and toasts go a little later. */
function restLike(served: ServedPage, before: Counts, count: number): Promise<Counts> {
  return eventually("counts are as before", async () => {
    const now = await atRest(served);
    return grown(before, now, count).length === 0 ? now : undefined;
  });
}

function grown(before: Counts, after: Counts, count: number): string[] {
  return (
    Object.entries(after)
      // A part that was not there before was started meanwhile by its own rule.
      .filter(([name, value]) => value > (before[name] ?? value) + slack(name, count))
      .map(([name, value]) => `${name}: ${before[name] ?? 0} before, ${value} after`)
  );
}

/** The page draws notices and lists meanwhile: less than one node or listener a terminal is no leak of terminals. */
function slack(name: string, count: number): number {
  return name.startsWith("page ") ? count - 1 : 0;
}

async function pageCounts(cdp: CDPSession): Promise<Counts> {
  await cdp.send("Performance.enable");
  await cdp.send("HeapProfiler.collectGarbage");
  const { metrics } = await cdp.send("Performance.getMetrics");
  const value = (name: string): number => metrics.find((one) => one.name === name)?.value ?? 0;
  return { "page nodes": value("Nodes"), "page listeners": value("JSEventListeners") };
}

function prefixed(word: string, values: Counts): Counts {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${word} ${name}`, value]),
  );
}
