/** Ten kills of the root at random moments; `npm run drills` makes 50. */
import { test } from "vitest";
import { expectDrills } from "./drill/short.ts";

test("after ten kills of the root the next open finds the terminals as they were", async () => {
  await expectDrills("root", 1, 10);
}, 900_000);
