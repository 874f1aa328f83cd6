/** Drills of mutated frames. Each gives its breaches in words, with the seed that repeats them. */
import { join } from "node:path";
import { readToken } from "../../../bus/node/index.ts";
import type { Soak, SoakOptions, SoakResult } from "../soak/soak.ts";
import { attackWithFrames } from "./frame-attack.ts";
import { HUB_FRAMES } from "./frames.ts";
import { hubToAttack, underAttack } from "./hub-under-attack.ts";
import { randomFrom } from "./random.ts";

/** Mutated frames against `hub.sock`. */
export const hubFrames: Soak = {
  name: "frames-hub",
  what: "mutated frames against hub.sock, with and without the token",
  count: 100_000,
  unit: "mutations",
  run: attackHub,
};

async function attackHub({ count, seed, report }: SoakOptions): Promise<SoakResult> {
  const hub = await hubToAttack();
  try {
    const token = await readToken(join(hub.runtimeDir, "token"));
    const target = { to: { path: join(hub.runtimeDir, "hub.sock") }, token, frames: HUB_FRAMES };
    const { sight, breaches } = await underAttack(hub, () =>
      attackWithFrames(target, randomFrom(seed), count),
    );
    report(`${count} mutations, slowest good call ${Math.round(sight.slowestMs)} ms`);
    const { calls, slowestMs, growthMib } = sight;
    return {
      figures: { mutations: count, calls, slowestMs, growthMib },
      failures: breaches.map((words) => `seed ${seed}: ${words}`),
    };
  } finally {
    await hub.end();
  }
}
