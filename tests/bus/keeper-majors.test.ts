import { expect, test } from "vitest";
import { canAttach, KEEPER_MAJOR, OLDEST_KEEPER_MAJOR } from "../../bus/contracts/keeper-majors.ts";

test.each([
  ["ours", KEEPER_MAJOR, KEEPER_MAJOR, true],
  ["ours, which does not say since when", KEEPER_MAJOR, undefined, true],
  ["the oldest we speak", OLDEST_KEEPER_MAJOR, undefined, true],
  ["one older than that", OLDEST_KEEPER_MAJOR - 1, undefined, false],
  ["a newer one that serves us", KEEPER_MAJOR + 3, KEEPER_MAJOR, true],
  ["a newer one that serves even older ones", KEEPER_MAJOR + 3, 0, true],
  ["a newer one that serves later ones only", KEEPER_MAJOR + 3, KEEPER_MAJOR + 1, false],
  ["a newer one that does not say", KEEPER_MAJOR + 1, undefined, false],
])("%s", (_which, protocol, servesSince, expected) => {
  expect(canAttach({ protocol, servesSince })).toBe(expected);
});
