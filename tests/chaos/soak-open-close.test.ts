import { expect, test, vi } from "vitest";
import { inTest } from "./soak/in-test.ts";
import { openClose } from "./soak/open-close.ts";

// Fifty shells and their tabs; on a busy machine one of them takes seconds.
vi.setConfig({ testTimeout: 300_000 });

test("fifty terminals opened and closed leave nothing in any process or the page", async () => {
  const { failures } = await openClose.run(inTest(50));
  expect(failures).toEqual([]);
});
