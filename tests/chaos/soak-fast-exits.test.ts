import { expect, test } from "vitest";
import { fastExits } from "./soak/fast-exits.ts";
import { inTest } from "./soak/in-test.ts";

test("ten programs that print 20 KiB and end at once lose no byte", async () => {
  const { failures, figures } = await fastExits.run(inTest(10));
  expect(failures).toEqual([]);
  expect(figures["lostBytes"]).toBe(0);
});
