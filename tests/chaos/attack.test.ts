/** Attackers at every door: what they get, and that nobody else notices. */
import { expect, test } from "vitest";
import { hubFrames } from "./hostile/attack-drills.ts";
import { seedOr } from "./hostile/random.ts";
import type { Soak, SoakResult } from "./soak/soak.ts";

/** Mutations of each drill here; the drills program sends far more. */
const MUTATIONS = 2_000;
const seed = seedOr(20_261_122);

function tryDrill(drill: Soak): Promise<SoakResult> {
  return drill.run({ count: MUTATIONS, seed, report: () => undefined });
}

test("mutated frames end the links that sent them and disturb nobody else at the hub", async () => {
  const { failures, figures } = await tryDrill(hubFrames);
  expect(failures).toEqual([]);
  expect(figures["calls"]).toBeGreaterThan(10);
});
