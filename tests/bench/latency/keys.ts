/** Presses keys in a page that has the probe, and reads what the probe saw. */
import type { Page } from "playwright-core";
import { eventually } from "../../window/harness/processes.ts";
import type { Flow, KeySample } from "./probe.ts";

/** Presses one key and waits until its echo was parsed. */
export async function pressAndSee(page: Page, key: string): Promise<KeySample> {
  await page.keyboard.press(key);
  return eventually(`the echo of ${key} is parsed`, () =>
    page.evaluate(() => {
      const sample = globalThis.benchProbe?.key;
      return sample !== undefined && sample.parsedMs > 0 ? sample : undefined;
    }),
  );
}

/** Presses keys until one has its echo, and makes the stream that brought it the watched one. Nothing else may flow. */
export async function watchFocused(page: Page): Promise<number> {
  await stopWatching(page);
  await pressAndSee(page, "x");
  return page.evaluate(() => {
    const probe = globalThis.benchProbe;
    if (probe?.lastStream === undefined) throw new Error("no output came");
    probe.watched = probe.lastStream;
    return probe.lastStream;
  });
}

/** From now on output of any stream counts as an echo. */
export function stopWatching(page: Page): Promise<void> {
  return page.evaluate(() => {
    if (globalThis.benchProbe !== undefined) globalThis.benchProbe.watched = undefined;
  });
}

/** What one stream of output has carried until now. */
export function flowOf(page: Page, stream: number): Promise<Flow> {
  return page.evaluate((wanted) => {
    const flow = globalThis.benchProbe?.flows[wanted];
    if (flow === undefined) throw new Error(`no stream ${wanted}`);
    return { ...flow };
  }, stream);
}

/** The value below which this share of them lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
