import { expect, it } from "vitest";
import { lineRanges } from "../../ui/terminal/line-contrast.ts";

it("makes every box line a run of its own and leaves blocks and text alone", () => {
  expect(lineRanges("\u2502UP\u2500\u2510\u2588 x")).toEqual([
    [0, 1],
    [3, 4],
    [4, 5],
  ]);
  expect(lineRanges("\u2580\u2591 plain")).toEqual([]);
});
