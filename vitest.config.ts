/**
 * Rings of tests, from cheap to whole. `unit` runs in parallel; every other ring starts real
 * processes and so takes one file at a time, with time to start them.
 */
import { defineConfig } from "vitest/config";

const RINGS = ["native", "system", "browser", "window", "chaos"] as const;

/** Tests that lie beside others of their subject and start a whole instance. */
const WHOLE = "tests/**/*.whole.test.ts";

/** A ring of its own: one file at a time, after the rings before it. */
function serialRing(name: (typeof RINGS)[number], groupOrder: number) {
  return {
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`, ...(name === "system" ? [WHOLE] : [])],
      fileParallelism: false,
      testTimeout: 60_000,
      // Only for unattended runs: `npm test` names each test that needed its second try.
      retry: process.env["CI"] === "true" ? 1 : 0,
      hookTimeout: 120_000,
      sequence: { groupOrder },
    },
  };
}

export default defineConfig({
  test: {
    allowOnly: false,
    reporters: ["default"],
    projects: [
      {
        test: {
          name: "unit",
          include: ["tests/**/*.test.ts"],
          exclude: [WHOLE, ...RINGS.map((ring) => `tests/${ring}/**`)],
          testTimeout: 10_000,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      ...RINGS.map((ring, index) => serialRing(ring, index + 1)),
    ],
  },
});
