/** What a run of drills leaves: a line each, and a result file. */
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import type { LongRecord } from "./long.ts";
import type { DrillOptions } from "./options.ts";
import type { DrillRecord } from "./series.ts";

const FOLDER = resolve(import.meta.dirname, "../../bench/results");
const MEGABYTE = 1_000_000;

/** What a run has come to. */
export interface Outcome {
  readonly records: readonly DrillRecord[];
  readonly long: readonly LongRecord[];
}

/** One line for people. */
export function lineOf(record: DrillRecord): string {
  const { victim, workload, number, problems, bytes, tookMs } = record;
  const verdict = problems.length === 0 ? "ok  " : "FAIL";
  const back = record.liveMs === undefined ? "not detached" : `back in ${record.liveMs} ms`;
  const head = `${verdict} ${victim} ${number} ${workload}: ${bytes} bytes compared, ${back}, took ${tookMs} ms`;
  return [head, ...problems.map((problem) => `       ${problem}`)].join("\n");
}

/** Writes both files, over those of the same day; gives the path of the page, undefined where nothing is kept. */
export function writeResults(
  options: DrillOptions,
  { records, long }: Outcome,
  tookMs: number,
): string | undefined {
  if (options.kept === undefined) return undefined;
  const date = new Date().toISOString().slice(0, 10);
  const cpu = cpus()[0]?.model ?? "unknown";
  const about = {
    date,
    cpu,
    cores: availableParallelism(),
    node: process.version,
    load: loadavg()[0] ?? 0,
    seed: options.seed,
    minutes: Math.round(tookMs / 60_000),
  };
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `drills${options.kept}-${date}-${machineName(cpu)}`);
  writeFileSync(`${path}.json`, `${JSON.stringify({ about, records, long }, null, 1)}\n`);
  writeFileSync(`${path}.md`, pageOf(about, { records, long }));
  return `${path}.md`;
}

interface About {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly load: number;
  readonly seed: number;
  readonly minutes: number;
}

function pageOf(about: About, { records, long }: Outcome): string {
  const victims = [...new Set(records.map(({ victim }) => victim))];
  const failures = records.filter(({ problems }) => problems.length > 0);
  const { date, cpu, cores, node, load, seed, minutes } = about;
  return [
    `# Drills of ${date}`,
    "",
    `${cpu}, ${cores} cores, Node ${node}, load ${load.toFixed(1)} when it ended. Seed ${seed}, ${minutes} minutes.`,
    "Back: from the kill until the view is attached again. Next byte: until it has parsed a byte written after that.",
    "",
    "| killed | drills | failed | MB compared | gap bytes | back p50 / p95 / max ms | next byte p50 / p95 / max ms |",
    "|---|---|---|---|---|---|---|",
    ...victims.map((victim) =>
      rowOf(
        victim,
        records.filter((one) => one.victim === victim),
      ),
    ),
    "",
    ...(failures.length === 0 ? ["No drill failed.", ""] : ["Failed:", ""]),
    ...failures.map(
      ({ victim, workload, number, problems }) =>
        `- ${victim} ${number}, ${workload} (seed ${seed}): ${problems.join("; ").slice(0, 1_000)}`,
    ),
    ...longLines(long),
    "",
  ].join("\n");
}

function longLines(long: readonly LongRecord[]): string[] {
  if (long.length === 0) return [];
  const rows = long.map(({ name, what, count, unit, seconds, figures, failures }) => {
    const values = Object.entries(figures).map(([key, value]) => `${key} ${value}`);
    const verdict = failures.length === 0 ? "ok" : `FAILED: ${failures.join("; ")}`;
    return `| ${[name, what, `${count} ${unit}`, seconds, values.join(", "), verdict].join(" | ")} |`;
  });
  return [
    "",
    "| drill | proves | count | s | measured | result |",
    "|---|---|---|---|---|---|",
    ...rows,
  ];
}

function rowOf(victim: string, records: readonly DrillRecord[]): string {
  const failed = records.filter(({ problems }) => problems.length > 0).length;
  const megabytes = records.reduce((sum, { bytes }) => sum + bytes, 0) / MEGABYTE;
  const gaps = records.reduce((sum, { gapBytes }) => sum + gapBytes, 0);
  const times = (pick: (record: DrillRecord) => number | undefined): string => {
    const sorted = records.flatMap((record) => pick(record) ?? []).toSorted((a, b) => a - b);
    const at = (share: number): number | string =>
      sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? "-";
    return `${at(0.5)} / ${at(0.95)} / ${at(1)}`;
  };
  const cells = [victim, records.length, failed, megabytes.toFixed(1), gaps];
  return `| ${[...cells, times(({ liveMs }) => liveMs), times(({ byteMs }) => byteMs)].join(" | ")} |`;
}

/** The kind of machine, not its name: results are published. */
function machineName(cpu: string): string {
  const words = cpu
    .toLowerCase()
    .replace(/\(r\)|\(tm\)|cpu|processor|@.*$/g, " ")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return `${words === "" ? "unknown" : words}-${availableParallelism()}`;
}
