/** The drill of hub deaths: every moment in turn, one instance, everything back each time. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Soak, SoakOptions, SoakResult } from "../soak/soak.ts";
import { killHub, MOMENTS, startForKills } from "./hub-kills.ts";
import { randomFrom } from "./random.ts";
import { leftAfterRoot, type Whole } from "./whole.ts";

/** Reports the crash store keeps. */
const REPORTS_MAX = 100;

/** Kills of the hub in all moments of its life. */
export const hubDeath: Soak = {
  name: "hub-death",
  what: "a hub killed at start, idle, flooded, or while an actor backs off, is parked, or is stopped",
  count: 100,
  unit: "kills",
  run,
};

async function run({ count, seed, report }: SoakOptions): Promise<SoakResult> {
  const random = randomFrom(seed);
  const failures: string[] = [];
  const backMs: number[] = [];
  const whole = await startForKills();
  try {
    for (let turn = 0; turn < count; turn += 1) {
      const moment = MOMENTS[turn % MOMENTS.length] ?? "idle";
      const words = `seed ${seed}, kill ${turn + 1} (${moment})`;
      const sight = await killHub(whole, moment, random).catch((error: unknown) => {
        throw new Error(`${words}: ${String(error)}\n${whole.log().slice(-2_000)}`);
      });
      report(`${words}: back in ${Math.round(sight.backMs)} ms`);
      backMs.push(sight.backMs);
      failures.push(...sight.breaches.map((breach) => `${words}: ${breach}`));
    }
    failures.push(...reportsOf(whole, count));
    failures.push(...(await leftAfterRoot(whole)));
  } finally {
    await whole.end();
  }
  const sorted = backMs.toSorted((one, other) => one - other);
  const at = (share: number): number => sorted[Math.floor(share * (sorted.length - 1))] ?? 0;
  return { figures: { kills: count, p50Ms: at(0.5), p95Ms: at(0.95), maxMs: at(1) }, failures };
}

/** The root writes a report for each death, which says that the recorder is lost with it. */
function reportsOf(whole: Whole, count: number): string[] {
  const folder = join(whole.place.stateDir, "crashes");
  const reports = readdirSync(folder)
    .filter((name) => name.includes("-hub-root"))
    .map((name): { head: { class: string }; stack: string } =>
      JSON.parse(readFileSync(join(folder, name), "utf8")),
    );
  // A hub that was being stopped may have ended in order before the kill.
  const expected = Math.floor((count * (MOMENTS.length - 1)) / MOMENTS.length);
  const silent = reports.filter(({ stack }) => !stack.includes("its recorder with it"));
  return [
    ...(reports.length < Math.min(expected, REPORTS_MAX / 2)
      ? [`${reports.length} reports of the hub for ${count} kills`]
      : []),
    ...(silent.length > 0 ? [`${silent.length} reports do not say that the recorder is lost`] : []),
  ];
}
