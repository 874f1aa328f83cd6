/** Memory of every part of ours and of the page's script, looked at once a second. */
import type { CDPSession } from "playwright-core";
import { census } from "./census.ts";

/** One look: bytes by part. */
export type Look = Readonly<Record<string, number>>;

/** Memory now; the page's heap after a collection. */
export async function look(marker: string, cdp: CDPSession): Promise<Look> {
  const parts = census(marker).filter(({ role }) => role !== "program");
  await cdp.send("HeapProfiler.collectGarbage");
  const { usedSize } = await cdp.send("Runtime.getHeapUsage");
  const sizes = parts.map(({ role, pssBytes }) => [role, pssBytes] as const);
  return Object.fromEntries([...sizes, ["page", usedSize]]);
}

/** How much each part grew from the third quarter of the looks to the last one, bytes, by the middle of each. */
export function growth(looks: readonly Look[]): Record<string, number> {
  const quarter = Math.max(1, Math.floor(looks.length / 4));
  const third = looks.slice(-2 * quarter, -quarter);
  const last = looks.slice(-quarter);
  const names = Object.keys(looks.at(-1) ?? {});
  return Object.fromEntries(names.map((name) => [name, middle(last, name) - middle(third, name)]));
}

function middle(looks: readonly Look[], name: string): number {
  const values = looks.map((one) => one[name] ?? 0).toSorted((left, right) => left - right);
  return values[Math.floor(values.length / 2)] ?? 0;
}
