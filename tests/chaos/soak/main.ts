/**
 * Runs the long drills: node tests/chaos/soak/main.ts [NAME ...] [--count N] [--seed N]
 * Prints a line a drill and writes tests/bench/results/soak-<date>-<machine>.json and .md unless a count was given.
 */
import { parseArgs } from "node:util";
import { soaks } from "./index.ts";
import { type Ran, writeRuns } from "./record.ts";
import type { Soak } from "./soak.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { count: { type: "string" }, seed: { type: "string" } },
});
const seed = values.seed === undefined ? Date.now() % 2 ** 32 : numberOf("--seed", values.seed);
const count = values.count === undefined ? undefined : numberOf("--count", values.count);
const chosen = positionals.length === 0 ? soaks : positionals.map(named);
const ran: Ran[] = [];
for (const soak of chosen) ran.push(await runOne(soak));
const failed = ran.filter(({ failures }) => failures.length > 0).length;
say(`${ran.length - failed} passed, ${failed} failed`);
if (count === undefined) say(`written to ${writeRuns(ran)}`);
process.exitCode = failed > 0 ? 1 : 0;

async function runOne(soak: Soak): Promise<Ran> {
  const wanted = count ?? soak.count;
  say(`${soak.name}: ${wanted.toLocaleString("en")} ${soak.unit}, seed ${seed}`);
  const startedMs = performance.now();
  const result = await soak
    .run({ count: wanted, seed, report: (line) => say(`  ${line}`) })
    .catch((error: unknown) => ({ figures: {}, failures: [String(error)] }));
  const seconds = (performance.now() - startedMs) / 1_000;
  const verdict = result.failures.length === 0 ? "ok" : `FAILED: ${result.failures.join("; ")}`;
  say(`${soak.name}: ${verdict} (${Math.round(seconds)} s)`);
  const { name, what, unit } = soak;
  return { name, what, unit, count: wanted, seed, seconds, ...result };
}

function named(name: string): Soak {
  const soak = soaks.find((one) => one.name === name);
  if (soak === undefined)
    throw new Error(`no drill ${name}: ${soaks.map((one) => one.name).join(", ")}`);
  return soak;
}

function numberOf(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new Error(`${option} ${text}: a whole number from 1 on`);
  return value;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
