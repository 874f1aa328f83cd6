/** A hub that dies: everything comes back as it was, and what was under way is told. */
import { expect, test } from "vitest";
import { hubDeath } from "./hostile/hub-drills.ts";
import { seedOr } from "./hostile/random.ts";

// The drills program kills far more.
test(hubDeath.what, { timeout: 300_000 }, async () => {
  const { failures } = await hubDeath.run({
    count: 12,
    seed: seedOr(20_261_122),
    report: (line) =>
      process.env["BULKHEAD_SOAK_WORDS"] === undefined || process.stderr.write(`${line}\n`),
  });
  expect(failures).toEqual([]);
});
