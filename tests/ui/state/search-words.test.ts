import { expect, test } from "vitest";
import { noMatch } from "../../../ui/state/search-words.ts";

test.each([
  [0, 0, "No match in 0 files."],
  [1, 0, "No match in 1 file."],
  [12_408, 0, "No match in 12,408 files."],
  [12_408, 3, "No match in 12,408 files. 3 kept closed by rules"],
  [2, 1_200, "No match in 2 files. 1,200 kept closed by rules"],
])("%d files, %d closed: %s", (files, closed, words) => {
  expect(noMatch(files, closed)).toBe(words);
});
