/** Drills of one victim one after the other, on as few stages as possible. */
import { type DrillResult, drill } from "./drill.ts";
import { randomOf } from "./random.ts";
import { type Seat, takeSeat } from "./seat.ts";
import type { Stage } from "./stage.ts";
import { endStage, openStage } from "./stages.ts";
import type { Victim } from "./victim.ts";
import type { Workload } from "./workload.ts";

/** One drill with what makes it again. */
export interface DrillRecord extends DrillResult {
  readonly victim: string;
  readonly workload: string;
  readonly seed: number;
  readonly number: number;
}

/** What is to be done. */
export interface SeriesPlan {
  readonly victim: Victim;
  readonly workloads: readonly Workload[];
  readonly seed: number;
  /** Numbers of the first drill and of the last. */
  readonly from: number;
  readonly to: number;
  /** No drill begins once this is true. */
  readonly isOver: () => boolean;
  readonly onDrill: (record: DrillRecord) => void;
}

interface Place {
  readonly stage: Stage;
  readonly seat: Seat;
}

/** Runs them. After a failed one the next has a fresh instance. */
export async function runSeries(plan: SeriesPlan): Promise<void> {
  const { victim, workloads, seed } = plan;
  let place: Place | undefined;
  try {
    for (let number = plan.from; number <= plan.to && !plan.isOver(); number += 1) {
      const workload = workloads[(number - 1) % workloads.length];
      if (workload === undefined) throw new Error("there is no workload");
      const random = randomOf(seed, victim.name, workload.name, number);
      let result: DrillResult;
      try {
        place ??= await openPlace(victim);
        result = await drill(place.seat, { victim, workload, random, number });
      } catch (error) {
        result = notBegun(error);
      }
      plan.onDrill({ ...result, victim: victim.name, workload: workload.name, seed, number });
      if (result.problems.length === 0 || place === undefined) continue;
      await leave(place);
      place = undefined;
    }
  } finally {
    if (place !== undefined) await leave(place);
  }
}

/** An instance that does not come up is a failed drill, not the end of the others. */
function notBegun(error: unknown): DrillResult {
  const words = error instanceof Error ? error.message : String(error);
  const problems = [`the instance did not come up: ${words}`];
  const none = { bytes: 0, gapBytes: 0, rebuilds: 0, tookMs: 0 };
  return { ...none, liveMs: undefined, byteMs: undefined, problems };
}

async function openPlace(victim: Victim): Promise<Place> {
  const stage = await openStage(victim);
  try {
    return { stage, seat: await takeSeat(stage) };
  } catch (error) {
    await endStage(stage);
    throw error;
  }
}

async function leave({ stage, seat }: Place): Promise<void> {
  seat.close();
  await endStage(stage);
}
