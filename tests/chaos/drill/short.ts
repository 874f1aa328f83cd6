/** The short form of a victim's drills for `npm test`: ten of each kind of process. */
import { expect } from "vitest";
import { type DrillRecord, runSeries } from "./series.ts";
import { VICTIMS } from "./victim.ts";
import { WORKLOADS, workloadsOf } from "./workloads.ts";

/** The same moments in every run, as far as a machine's speed allows. */
const SEED = 1;

/**
 * Drills of one victim from number `from` on; the workloads take turns. The same again: `npm run drills -- --victim V
 * --seed 1 --count N`.
 */
export async function expectDrills(name: string, from: number, count: number): Promise<void> {
  const victim = VICTIMS.find((one) => one.name === name);
  if (victim === undefined) throw new Error(`no victim is called ${name}`);
  const records: DrillRecord[] = [];
  const onDrill = (record: DrillRecord): void => void records.push(record);
  const isOver = (): boolean => records.some(({ problems }) => problems.length > 0);
  const plan = {
    victim,
    workloads: workloadsOf(victim, WORKLOADS),
    seed: SEED,
    from,
    to: from + count - 1,
  };
  await runSeries({ ...plan, isOver, onDrill });
  expect(records.filter(({ problems }) => problems.length > 0)).toEqual([]);
  expect(records.map(({ gapBytes }) => gapBytes)).toEqual(Array(count).fill(0));
}
