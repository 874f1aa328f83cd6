/** Ten kills of the page's process, in Chromium and in the real window; `npm run drills` makes 50. */
import { test } from "vitest";
import { expectDrills } from "./drill/short.ts";

test("five kills of the page in Chromium bring the terminals back as they were", async () => {
  await expectDrills("renderer", 1, 5);
}, 900_000);

test("five kills of the page in the window bring the terminals back as they were", async () => {
  await expectDrills("web-process", 6, 5);
}, 900_000);
