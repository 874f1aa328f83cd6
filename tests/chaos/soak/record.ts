/** Keeps what the long drills measured, beside the results of the benchmarks. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, totalmem } from "node:os";
import { resolve } from "node:path";
import type { SoakResult } from "./soak.ts";

const RESULTS = resolve(import.meta.dirname, "../../bench/results");

/** One drill that was run. */
export interface Ran extends SoakResult {
  readonly name: string;
  readonly what: string;
  readonly unit: string;
  readonly count: number;
  readonly seed: number;
  readonly seconds: number;
}

/**
 * Writes both files and returns the path of the text from the checkout. What other drills left there on the same day
 * stays; the same drill is replaced.
 */
export function writeRuns(fresh: readonly Ran[]): string {
  const date = new Date().toISOString().slice(0, 10);
  const cpu = cpus()[0]?.model ?? "unknown";
  const about = {
    date,
    cpu,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    load: loadavg()[0] ?? 0,
  };
  const name = `soak-${date}-${machineName(cpu)}-${about.cores}`;
  mkdirSync(RESULTS, { recursive: true });
  const names = new Set(fresh.map((run) => run.name));
  const kept = readRuns(`${RESULTS}/${name}.json`).filter((run) => !names.has(run.name));
  const runs = [...kept, ...fresh];
  writeFileSync(`${RESULTS}/${name}.json`, `${JSON.stringify({ about, runs }, null, 2)}\n`);
  const text = [
    `# Long drills, ${date}`,
    "",
    `${cpu}, ${about.cores} cores, Node ${about.node}, load ${about.load.toFixed(1)} when the last of them ended.`,
    ...runs.flatMap(section),
    "",
  ].join("\n");
  writeFileSync(`${RESULTS}/${name}.md`, text);
  return `tests/bench/results/${name}.md`;
}

function readRuns(path: string): Ran[] {
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, "utf8")) as { runs: Ran[] }).runs;
}

function section(run: Ran): string[] {
  const { name, what, count, unit, seed, seconds, figures, failures } = run;
  const verdict = failures.length === 0 ? "passed" : "FAILED";
  return [
    "",
    `## ${name}: ${verdict}`,
    "",
    `${what}; ${count.toLocaleString("en")} ${unit}, seed ${seed}, ${Math.round(seconds)} s.`,
    ...(failures.length === 0 ? [] : ["", ...failures.map((failure) => `- ${failure}`)]),
    "",
    "| figure | value |",
    "|---|---|",
    ...Object.entries(figures).map(([figure, value]) => `| ${figure} | ${format(value)} |`),
  ];
}

function format(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString("en") : value.toPrecision(4);
}

/** The kind of machine, not its name: results are published. */
function machineName(cpu: string): string {
  return cpu
    .toLowerCase()
    .replace(/\(r\)|\(tm\)|cpu|@.*$/g, " ")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
