import { expect, it } from "vitest";
import { buildKeymap } from "../../../ui/state/keymap.ts";
import { settingWords } from "../../../ui/state/setting-words.ts";

it("says file, line and mistake, and that the last good file stays in use", () => {
  const [problem = ""] = buildKeymap([{ key: "f7", command: "terminal.spilt", line: 8 }]).problems;
  expect(settingWords(problem, "last-good")).toEqual({
    title: 'keybindings.json line 8: "terminal.spilt" is no command.',
    text: "The last good file stays in use.",
    file: "keybindings.json",
    line: 8,
  });
});

it.each([
  ['settings.json line 3: "terminal.fontSize" is 99, expected a number.', "rest", "value", 3],
  [
    "settings.json line 1: expected an object. The last good values stay in use.",
    "rest",
    "file",
    1,
  ],
  ["keybindings.json: at most 500 entries, the rest is left out.", "rest", "rest", 1],
] as const)("tells what is in use beside %s", (problem, keys, used, line) => {
  const words = {
    value: "The last good value stays in use.",
    file: "The last good file stays in use.",
    rest: "The rest of the file is in use.",
  };
  const said = settingWords(problem, keys);
  expect([said.text, said.line]).toEqual([words[used], line]);
  expect(said.title).not.toContain("stay in use");
});
