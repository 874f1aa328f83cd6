/** Ten kills of the window at random moments; `npm run drills` makes 50. */
import { test } from "vitest";
import { expectDrills } from "./drill/short.ts";

test("ten kills of the window bring it back with its terminals as they were", async () => {
  await expectDrills("window", 1, 10);
}, 900_000);
