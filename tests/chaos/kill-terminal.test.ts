/** Ten kills of the terminal's process at random moments; `npm run drills` makes 200. */
import { test } from "vitest";
import { expectDrills } from "./drill/short.ts";

test("ten kills of the terminal actor lose, double and mix up nothing", async () => {
  await expectDrills("terminal", 1, 10);
}, 900_000);
