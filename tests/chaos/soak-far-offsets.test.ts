import { expect, test, vi } from "vitest";
import { pourThrough } from "./soak/far-offsets.ts";
import { inTest } from "./soak/in-test.ts";

vi.setConfig({ testTimeout: 180_000 });

const MIB = 1024 * 1024;

test("output that passes 4 GiB arrives whole, also by offset, from the screen and after a kill", async () => {
  const { report } = inTest(1);
  const firstOffset = 4096 * MIB - 8 * MIB;
  const { failures, figures } = await pourThrough({ bytes: 48 * MIB, firstOffset, report });
  expect(failures).toEqual([]);
  expect(figures["lastOffset"]).toBe(4096 * MIB + 40 * MIB);
});
