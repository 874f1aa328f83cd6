/** Ten kills of the hub at random moments; `npm run drills` makes 200. */
import { test } from "vitest";
import { expectDrills } from "./drill/short.ts";

test("ten kills of the hub lose, double and mix up nothing", async () => {
  await expectDrills("hub", 1, 10);
}, 900_000);
