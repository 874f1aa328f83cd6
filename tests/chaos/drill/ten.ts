/** The short form of a victim's drills for `npm test`. */
import { expect } from "vitest";
import { drill } from "./drill.ts";
import { randomOf } from "./random.ts";
import { takeSeat } from "./seat.ts";
import { openStage } from "./stages.ts";
import { VICTIMS } from "./victim.ts";
import { workloadsOf } from "./workloads.ts";

const COUNT = 10;
/** The same moments in every run, as far as a machine's speed allows. */
const SEED = 1;

/** Ten drills over the victim's workloads. Repeat: `npm run drills -- --victim V --seed 1 --count 10`. */
export async function expectTenDrills(name: string): Promise<void> {
  const victim = VICTIMS.find((one) => one.name === name);
  if (victim === undefined) throw new Error(`no victim is called ${name}`);
  const workloads = workloadsOf(victim);
  const stage = await openStage(victim);
  try {
    const seat = await takeSeat(stage);
    for (let number = 1; number <= COUNT; number += 1) {
      const workload = workloads[(number - 1) % workloads.length];
      if (workload === undefined) throw new Error(`${name} has no workload`);
      const random = randomOf(SEED, name, workload.name, number);
      const { problems, gapBytes } = await drill(seat, { victim, workload, random, number });
      const label = `${name}, ${workload.name}, drill ${number} of seed ${SEED}`;
      expect({ label, problems, gapBytes }).toEqual({ label, problems: [], gapBytes: 0 });
    }
    seat.close();
  } finally {
    await stage.end();
  }
}
