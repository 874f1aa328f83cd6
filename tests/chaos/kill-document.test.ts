/** Ten kills while somebody types into a document in the real window; `npm run drills` makes 200. */
import { test } from "vitest";
import { expectDrills } from "./drill/short.ts";

const KILLS = [
  ["the editor's process", "editor-sync", 3],
  ["the hub", "editor-hub", 2],
  ["the page", "editor-page", 3],
  ["everything but the keeper, at once,", "editor-all", 2],
] as const;

test.each(KILLS)(
  "kills of %s lose nothing that was acknowledged",
  async (_what, victim, count) => {
    await expectDrills(victim, 1, count);
  },
  900_000,
);
