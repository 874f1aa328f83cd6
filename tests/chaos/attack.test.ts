/** Attackers at every door: what they get, and that nobody else notices. */
import { expect, test } from "vitest";
import {
  hubCrowd,
  hubFlood,
  hubFrames,
  keeperCrowd,
  keeperFlood,
  keeperFrames,
} from "./hostile/attack-drills.ts";
import { httpCrowd, httpRequests } from "./hostile/http-drills.ts";
import { seedOr } from "./hostile/random.ts";
import { rootLink } from "./hostile/root-drills.ts";

const seed = seedOr(20_261_122);

// The drills program sends far more of each.
test.each([
  [hubFrames, 2_000],
  [keeperFrames, 2_000],
  [hubFlood, 20_000],
  [keeperFlood, 20_000],
  [hubCrowd, 1_000],
  [keeperCrowd, 1_000],
  [httpRequests, 2_000],
  [httpCrowd, 1_000],
  [rootLink, 10],
])("$name disturbs nobody else", { timeout: 240_000 }, async (drill, count) => {
  const words: string[] = [];
  const { failures, figures } = await drill.run({
    count,
    seed,
    report: (line) => words.push(line),
  });
  if (process.env["BULKHEAD_SOAK_WORDS"] !== undefined)
    process.stderr.write(`${drill.name}: ${words.join("; ")} ${JSON.stringify(figures)}\n`);
  expect(failures).toEqual([]);
  expect(figures["calls"] ?? figures["hubs"]).toBeGreaterThan(0);
});
