/**
 * Runs every tests/bench/<name>/index.ts (or those named as arguments), prints the ratios and writes
 * tests/bench/results/<date>-<machine>.md and .json. A benchmark exports `bench(): Promise<BenchRow[]>`.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, hostname, loadavg, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { type BenchRow, reaches } from "./row.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

interface Failure {
  readonly bench: string;
  readonly message: string;
}

const wanted = process.argv.slice(2);
const rows: BenchRow[] = [];
const failures: Failure[] = [];
for (const name of readdirSync(here).sort()) {
  const entry = `${here}${name}/index.ts`;
  if (!existsSync(entry) || (wanted.length > 0 && !wanted.includes(name))) continue;
  await runOne(name, entry);
}
writeResults();
process.exitCode = failures.length > 0 ? 1 : 0;

async function runOne(name: string, entry: string): Promise<void> {
  process.stdout.write(`\n${name}\n`);
  try {
    const module = (await import(entry)) as { bench(): Promise<BenchRow[]> };
    for (const row of await module.bench()) {
      rows.push(row);
      process.stdout.write(`  ${lineOf(row)}\n`);
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    failures.push({ bench: name, message });
    process.stdout.write(`  could not run: ${message}\n`);
  }
}

function lineOf(row: BenchRow): string {
  const figures = `${format(row.ours)} against ${format(row.theirs)} ${row.unit}`;
  return `${reaches(row) ? "ok  " : "MISS"} ${row.ratio.toFixed(2)}x ${goalOf(row)}  ${row.what} / ${row.against}: ${figures}`;
}

function goalOf(row: BenchRow): string {
  if (row.goal === undefined) return "";
  return "min" in row.goal ? `(goal >= ${row.goal.min}x)` : `(goal <= ${row.goal.max}x)`;
}

function format(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}

function writeResults(): void {
  const date = new Date().toISOString().slice(0, 10);
  const cpu = cpus()[0]?.model ?? "unknown";
  const machine = machineName(cpu);
  const about = {
    date,
    cpu,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    node: process.version,
    load: loadavg()[0] ?? 0,
  };
  mkdirSync(`${here}results`, { recursive: true });
  const path = `${here}results/${date}-${machine}`;
  writeFileSync(`${path}.json`, `${JSON.stringify({ about, rows, failures }, null, 2)}\n`);
  const table = rows.map(
    (row) =>
      `| ${row.what} | ${row.against} | ${goalOf(row).replace(/[()]|goal /g, "")} | ${row.ratio.toFixed(2)}x${reaches(row) ? "" : " **missed**"} | ${format(row.ours)} | ${format(row.theirs)} | ${row.unit} | ${row.note ?? ""} |`,
  );
  const missing = failures.map(({ bench, message }) => `- ${bench}: ${message}`);
  const text = [
    `# ${date}`,
    "",
    `${cpu}, ${about.cores} cores, ${Math.round(about.memoryBytes / 2 ** 30)} GiB, Node ${about.node}, load ${about.load.toFixed(1)} when it ended. Every row is one run of both sides.`,
    "",
    "| what | against | goal | ratio | ours | theirs | unit | note |",
    "|---|---|---|---|---|---|---|---|",
    ...table,
    ...(missing.length === 0 ? [] : ["", "Could not run:", "", ...missing]),
    "",
  ].join("\n");
  writeFileSync(`${path}.md`, text);
  process.stdout.write(`\nwritten to tests/bench/results/${date}-${machine}.md\n`);
}

/** The kind of machine, not its name: results are published. */
function machineName(cpu: string): string {
  const words = cpu
    .toLowerCase()
    .replace(/\(r\)|\(tm\)|cpu|@.*$/g, " ")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
  return words === "" ? hostname() : `${words}-${availableParallelism()}`;
}
