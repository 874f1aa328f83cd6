/** Ten kills of the terminal's process at random moments; `npm run drills` makes 200. */
import { test } from "vitest";
import { expectTenDrills } from "./drill/ten.ts";

test("ten kills of the terminal actor lose, double and mix up nothing", async () => {
  await expectTenDrills("terminal");
}, 240_000);
