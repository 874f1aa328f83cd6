import { describe, expect, it } from "vitest";
import { type KeyPress, matches, parseChord } from "../../../ui/state/chord.ts";
import { allCommands } from "../../../ui/state/commands.ts";
import {
  buildKeymap,
  commandFor,
  isSwallowed,
  keyOf,
  ownedByTerminal,
} from "../../../ui/state/keymap.ts";
import { leaderCommand, leaderRows } from "../../../ui/state/leader.ts";

const keymap = buildKeymap([]);

function press(text: string, over: Partial<KeyPress> = {}): KeyPress {
  const parts = text.split("+");
  const name = parts.at(-1) ?? "";
  const isLetter = /^[a-z]$/.test(name);
  const shiftKey = parts.includes("shift");
  return {
    key: isLetter && shiftKey ? name.toUpperCase() : name,
    code: isLetter ? `Key${name.toUpperCase()}` : name,
    ctrlKey: parts.includes("ctrl"),
    shiftKey,
    altKey: parts.includes("alt"),
    metaKey: false,
    ...over,
  };
}

describe("the key table", () => {
  it("reads every chord of the table", () => {
    for (const { chord } of keymap.bindings) expect(chord.key).not.toBe("");
  });

  it("binds nothing in a terminal that a program in it needs", () => {
    for (const { chord, text, where } of keymap.bindings) {
      if (where === "everywhere") expect(ownedByTerminal(chord), text).toBeUndefined();
    }
  });

  it("gives each chord to one command only", () => {
    const texts = keymap.bindings.map(({ text }) => text);
    expect(texts.length).toBe(new Set(texts).size);
  });

  it("gives each leader key to one command only", () => {
    const keys = leaderRows().map(({ key }) => key);
    expect(keys.length).toBe(new Set(keys).size);
  });

  it.each([
    "ctrl+c",
    "ctrl+w",
    "alt+f",
    "f5",
    "ctrl+5",
    "ctrl+pageup",
    "ctrl+shift+2",
    "ctrl+shift+-",
    "ctrl+shift+left",
    "ctrl+shift+u",
    "ctrl+alt+x",
  ])("leaves %s to the terminal", (text) => {
    const chord = parseChord(text);
    expect(typeof chord === "string" ? chord : ownedByTerminal(chord)).toBeTypeOf("string");
    const bound =
      typeof chord !== "string" &&
      keymap.bindings.some((binding) => binding.where === "everywhere" && binding.text === text);
    expect(bound).toBe(false);
  });

  it("takes letters by layout: Ctrl+Shift+P on a Dvorak board is where R lies", () => {
    expect(commandFor(keymap, press("ctrl+shift+p", { code: "KeyR" }), "terminal")).toBe(
      "palette.show",
    );
  });

  it("takes letters by position where the layout is not Latin", () => {
    expect(commandFor(keymap, press("ctrl+shift+t", { key: "Е" }), "terminal")).toBe(
      "terminal.new",
    );
  });

  it("takes digits and signs by position", () => {
    expect(commandFor(keymap, press("ctrl+alt+1", { key: "&", code: "Digit1" }), "terminal")).toBe(
      "tab.1",
    );
    expect(commandFor(keymap, press("ctrl+`", { key: "²", code: "Backquote" }), "terminal")).toBe(
      "terminal.last",
    );
  });

  it("keeps the right column for places outside of a terminal", () => {
    const close = press("ctrl+w");
    expect(commandFor(keymap, close, "terminal")).toBeUndefined();
    expect(commandFor(keymap, close, "outside")).toBe("tab.close");
  });

  it("swallows the keys of GTK's emoji list and nothing near them", () => {
    expect(isSwallowed(press("ctrl+.", { code: "Period" }))).toBe(true);
    expect(isSwallowed(press("ctrl+;", { code: "Semicolon" }))).toBe(true);
    expect(isSwallowed(press("ctrl+,", { code: "Comma" }))).toBe(false);
  });

  it("never matches with the Super key down", () => {
    const chord = parseChord("ctrl+shift+p");
    expect(
      typeof chord !== "string" && matches(chord, press("ctrl+shift+p", { metaKey: true })),
    ).toBe(false);
  });
});

describe("keybindings.json", () => {
  it("puts the person's chord before the table's", () => {
    const own = buildKeymap([{ key: "ctrl+shift+h", command: "terminal.new" }]);
    expect(commandFor(own, press("ctrl+shift+h"), "terminal")).toBe("terminal.new");
    expect(keyOf(own, "terminal.new")).toBe("ctrl+shift+h");
  });

  it("takes a key away with a leading minus", () => {
    const own = buildKeymap([{ key: "Ctrl+Shift+T", command: "-terminal.new" }]);
    expect(commandFor(own, press("ctrl+shift+t"), "terminal")).toBeUndefined();
  });

  it("says what is wrong and keeps the rest", () => {
    const own = buildKeymap([
      { key: "ctrl+shift+h", command: "terminal.spilt" },
      { key: "hyper+x", command: "terminal.new" },
      { key: "ctrl+shift+h", command: "zoom.in" },
    ]);
    expect(own.problems).toEqual([
      'keybindings.json: "terminal.spilt" is no command.',
      'keybindings.json: "hyper" is no modifier; ctrl, shift and alt are (in "hyper+x").',
    ]);
    expect(commandFor(own, press("ctrl+shift+h"), "terminal")).toBe("zoom.in");
  });

  it("keeps a chord a terminal owns for places outside of one", () => {
    const own = buildKeymap([{ key: "ctrl+k", command: "terminal.clear" }]);
    expect(commandFor(own, press("ctrl+k"), "terminal")).toBeUndefined();
    expect(commandFor(own, press("ctrl+k"), "outside")).toBe("terminal.clear");
  });
});

describe("the leader", () => {
  it("runs T W N, digits and arrows", () => {
    expect(leaderCommand(press("t"))).toBe("terminal.new");
    expect(leaderCommand(press("w"))).toBe("tab.close");
    expect(leaderCommand(press("n"))).toBe("window.new");
    expect(leaderCommand(press("3", { code: "Digit3" }))).toBe("tab.3");
    expect(leaderCommand(press("left", { code: "ArrowLeft" }))).toBe("pane.left");
    expect(leaderCommand(press("shift+left", { code: "ArrowLeft" }))).toBe("tab.move-left");
  });

  it("ignores a key that means nothing", () => {
    expect(leaderCommand(press("g"))).toBeUndefined();
  });

  it("names only commands of the table", () => {
    const known = allCommands().map(({ id }) => id);
    for (const { command } of leaderRows()) expect(known).toContain(command.id);
  });
});
