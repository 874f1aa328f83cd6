/**
 * `npm run drills`: kills everything, a line per drill, and writes tests/bench/results/drills-<date>-<machine>.md and
 * .json. Options: --victim, --workload (both repeatable), --seed, --count, --minutes; --long NAME or --long all runs the
 * soaks and attacks instead.
 */
import { type LongRecord, runLong } from "./long.ts";
import { readOptions } from "./options.ts";
import { lineOf, writeResults } from "./report.ts";
import { type DrillRecord, runSeries } from "./series.ts";
import { endWithProcess } from "./stages.ts";
import { workloadsOf } from "./workloads.ts";

const options = readOptions(process.argv.slice(2));
endWithProcess();
const { seed, count, minutes } = options;
const plans = options.victims
  .map((victim) => ({ victim, workloads: workloadsOf(victim, options.workloads), seed }))
  .filter(({ workloads }) => workloads.length > 0);
if (options.victims.length > 0 && plans.length === 0) {
  const [victims, workloads] = [options.victims, options.workloads].map((all) =>
    all.map(({ name }) => name).join(", "),
  );
  throw new Error(`no workload of ${workloads} is for any victim of ${victims}`);
}
const records: DrillRecord[] = [];
const startMs = performance.now();
const endMs = minutes === undefined ? Number.POSITIVE_INFINITY : startMs + minutes * 60_000;
/** In an hour of random kills each victim has so many turns before the next. */
const TURN = Math.max(...plans.map(({ workloads }) => workloads.length), 0);

process.stdout.write(`seed ${seed}\n`);
const onDrill = (record: DrillRecord): void => {
  records.push(record);
  process.stdout.write(`${lineOf(record)}\n`);
};
const isOver = (): boolean => performance.now() > endMs;
if (minutes === undefined) {
  for (const plan of plans) {
    const to = count ?? plan.victim.full;
    await runSeries({ ...plan, from: 1, to, isOver, onDrill });
    // What is known is kept, should the run be ended.
    writeResults(options, { records, long: [] }, performance.now() - startMs);
  }
} else {
  for (let from = 1; plans.length > 0 && !isOver(); from += TURN) {
    for (const plan of plans) {
      await runSeries({ ...plan, from, to: from + TURN - 1, isOver, onDrill });
    }
  }
}
const long: LongRecord[] = [];
const say = (line: string): void => void process.stdout.write(`${line}\n`);
for (const soak of options.long) long.push(await runLong(soak, { seed, count, say }));

const all = [...records.map(({ problems }) => problems), ...long.map(({ failures }) => failures)];
const failed = all.filter((problems) => problems.length > 0).length;
const path = writeResults(options, { records, long }, performance.now() - startMs);
say(path === undefined ? "a part: no result file" : `written to ${path}`);
process.stdout.write(`${all.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed > 0 ? 1 : 0;
