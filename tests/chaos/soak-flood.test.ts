import { expect, test, vi } from "vitest";
import { flood } from "./soak/flood.ts";
import { inTest } from "./soak/in-test.ts";

vi.setConfig({ testTimeout: 300_000 });

test("yes floods one of four terminals: memory flat, the others echo, nothing holds anything back", async () => {
  const { failures } = await flood.run(inTest(6));
  expect(failures).toEqual([]);
});
