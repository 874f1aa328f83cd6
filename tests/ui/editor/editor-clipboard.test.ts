import { EditorSelection, EditorState } from "@codemirror/state";
import { expect, test } from "vitest";
import { selectedText } from "../../../ui/views/editor/editor-clipboard.ts";

const state = (...ranges: ReadonlyArray<readonly [from: number, to: number]>): EditorState =>
  EditorState.create({
    doc: "one\ntwo\nthree",
    selection: EditorSelection.create(ranges.map(([from, to]) => EditorSelection.range(from, to))),
    extensions: EditorState.allowMultipleSelections.of(true),
  });

test.each([
  [[[0, 3]], "one"],
  [
    [
      [0, 1],
      [4, 6],
    ],
    "o\ntw",
  ],
  [[[5, 5]], "two\n"],
  [
    [
      [0, 0],
      [2, 2],
      [9, 9],
    ],
    "one\nthree\n",
  ],
  [
    [
      [0, 0],
      [4, 6],
    ],
    "\ntw",
  ],
] as const)("%j is copied as %j", (ranges, text) => {
  expect(selectedText(state(...ranges))).toBe(text);
});
