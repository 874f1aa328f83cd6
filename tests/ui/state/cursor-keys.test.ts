import { expect, it } from "vitest";
import { cursorKeyIn } from "../../../ui/state/cursor-keys.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it.each([
  ["application", "\u001b[A", "\u001bOA"],
  ["application", "\u001b[H", "\u001bOH"],
  ["application", "\u001bOF", "\u001bOF"],
  ["normal", "\u001bOD", "\u001b[D"],
  ["normal", "\u001b[B", "\u001b[B"],
  // A modified key, F1, Page Down, text and a paste are the same in both.
  ["application", "\u001b[1;5A", "\u001b[1;5A"],
  ["normal", "\u001bOP", "\u001bOP"],
  ["application", "\u001b[6~", "\u001b[6~"],
  ["application", "[A", "[A"],
  ["application", "\u001b[Als", "\u001b[Als"],
  ["application", "", ""],
] as const)("in %s mode %j is %j", (mode, typed, sent) => {
  expect(cursorKeyIn(mode, bytes(typed))).toEqual(bytes(sent));
});
