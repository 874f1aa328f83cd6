/** One drill: a workload begins, a victim is killed at a random moment, everything is compared. */
import { constants, onlyKnownProcesses } from "./census.ts";
import type { Random } from "./random.ts";
import type { Seat } from "./seat.ts";
import { sightOf } from "./sight.ts";
import type { Victim } from "./victim.ts";
import { pause } from "./wait.ts";
import type { Scene, Workload } from "./workload.ts";

/** What came of one drill. Times in milliseconds. */
export interface DrillResult {
  /** Output bytes that were compared. */
  readonly bytes: number;
  readonly gapBytes: number;
  /** Screens rebuilt from a checkpoint. */
  readonly rebuilds: number;
  /** From the kill until the view was attached again; undefined when it never let go. */
  readonly liveMs: number | undefined;
  /** From the kill until the view parsed its next byte. */
  readonly byteMs: number | undefined;
  readonly tookMs: number;
  readonly problems: readonly string[];
}

/** Who, what, and which random numbers. */
export interface DrillPlan {
  readonly victim: Victim;
  readonly workload: Workload;
  readonly random: Random;
  /** Counts the drills of this seat from 1. */
  readonly number: number;
}

/** Runs one. A fault of the instance is a problem of the result, not an exception. */
export async function drill(seat: Seat, plan: DrillPlan): Promise<DrillResult> {
  const startMs = performance.now();
  const { ledger } = seat;
  const before = { bytes: ledger.bytes, gap: ledger.gapBytes, rebuilds: ledger.rebuilds };
  const problems: string[] = [];
  const told = ledger.problems.length;
  seat.liveMs.length = 0;
  seat.byteMs.length = 0;
  let killedMs = Number.POSITIVE_INFINITY;
  try {
    killedMs = await act(seat, plan, (problem) => problems.push(problem));
  } catch (error) {
    problems.push(wordsOf(error), `seen: ${await sightOf(seat.stage)}`);
  }
  const after = (times: readonly number[]): number | undefined => {
    const found = times.find((atMs) => atMs >= killedMs);
    return found === undefined ? undefined : found - killedMs;
  };
  return {
    bytes: ledger.bytes - before.bytes,
    gapBytes: ledger.gapBytes - before.gap,
    rebuilds: ledger.rebuilds - before.rebuilds,
    liveMs: after(seat.liveMs),
    byteMs: after(seat.byteMs),
    tookMs: Math.round(performance.now() - startMs),
    problems: [...problems, ...ledger.problems.slice(told)],
  };
}

/** Resolves with the wall clock of the kill. */
async function act(
  seat: Seat,
  { victim, workload, random, number }: DrillPlan,
  tell: (problem: string) => void,
): Promise<number> {
  const { stage } = seat;
  const scene: Scene = { seat, random, number, tell };
  const before = await constants(stage, seat.session);
  const aim = await victim.aim(stage);
  await workload.begin(scene);
  const activity = workload.during?.(scene);
  // Looked at below; until then its failure is not unhandled.
  activity?.catch(() => undefined);
  await pause(random.next() * workload.spanMs);
  const killedMs = await aim.kill();
  await aim.back();
  await activity;
  await workload.finish(scene);
  if (workload.hasScreen) for (const problem of await seat.screenProblems()) tell(problem);
  const after = await constants(stage, seat.session);
  if (after !== before) tell(`before: ${before}, after: ${after}`);
  await seat.probe();
  await onlyKnownProcesses(stage);
  return killedMs;
}

/** An error with what caused it. */
function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message} (${wordsOf(error.cause)})`;
}
