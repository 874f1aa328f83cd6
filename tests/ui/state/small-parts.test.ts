import { describe, expect, it } from "vitest";
import type { Session } from "../../../bus/contracts/terminal.ts";
import { badgeOf, badgeWords, titleOf } from "../../../ui/state/badges.ts";
import { fuzzyFilter, fuzzyMatch } from "../../../ui/state/fuzzy.ts";
import {
  DEFAULT_LAYOUT,
  draggedBottomShare,
  draggedSideWidth,
  haveSameTabs,
  readLayout,
} from "../../../ui/state/layout.ts";
import { stepBack, touch } from "../../../ui/state/recency.ts";
import { DEFAULT_SETTINGS, readSettings, themeOf } from "../../../ui/state/settings.ts";
import { baseName, counted, duration, shortPath, size } from "../../../ui/state/words.ts";

const NOW = 1_000_000;

function session(over: Partial<Session>): Session {
  return {
    id: "s1",
    name: "",
    title: "",
    cwd: "/home/me/orbit",
    shell: "zsh",
    pid: 42,
    state: "running",
    exit: null,
    cols: 80,
    rows: 24,
    backend: "keeper",
    heldBy: "",
    createdMs: 0,
    command: null,
    job: null,
    attention: { bells: 0, notice: null },
    outputBytes: 0,
    unseenBytes: 0,
    integration: "zsh",
    ...over,
  };
}

const command = (over: Partial<NonNullable<Session["command"]>>): Session["command"] => ({
  command: "make",
  state: "running",
  exitCode: null,
  startedMs: NOW,
  durationMs: null,
  ...over,
});

describe("a tab", () => {
  it.each([
    [session({}), "zsh - orbit"],
    [session({ title: "vim a.ts" }), "vim a.ts"],
    [session({ title: "vim a.ts", command: command({}) }), "make"],
    [session({ title: "t", name: "build" }), "build"],
  ])("%# is named %s", (given, title) => {
    expect(titleOf(given)).toBe(title);
  });

  it("shows a running command only after two seconds", () => {
    const given = session({ command: command({}) });
    expect(badgeOf(given, undefined, NOW + 1_999).kind).toBe("none");
    expect(badgeOf(given, undefined, NOW + 2_000).kind).toBe("running");
  });

  it("shows how a long command ended until the person has seen it", () => {
    const ended = command({ state: "ended", exitCode: 2, durationMs: 3_000 });
    const given = session({ command: ended });
    expect(badgeWords(badgeOf(given, undefined, NOW))).toBe("ended with 2");
    expect(badgeOf(given, { commandStartedMs: NOW }, NOW).kind).toBe("none");
  });

  it("says nothing of a short command", () => {
    const given = session({ command: command({ state: "ended", exitCode: 1, durationMs: 100 }) });
    expect(badgeOf(given, undefined, NOW).kind).toBe("none");
  });

  it("puts a bell before everything else", () => {
    const given = session({ attention: { bells: 1, notice: null }, command: command({}) });
    expect(badgeOf(given, undefined, NOW + 9_000)).toEqual({ kind: "bell", says: "bell" });
  });
});

describe("fuzzy search", () => {
  it("wants all characters in order", () => {
    expect(fuzzyMatch("tnw", "Terminal: New")?.at).toEqual([0, 10, 12]);
    expect(fuzzyMatch("xyz", "Terminal: New")).toBeUndefined();
  });

  it("prefers starts of words and runs", () => {
    const titles = ["Terminal: Rename", "Tab: Recent", "Window: Reload the page"];
    const found = fuzzyFilter("wr", titles, (title) => title).map(({ item }) => item);
    expect(found[0]).toBe("Window: Reload the page");
  });

  it("finds a match that lies before a tempting start of a word", () => {
    expect(fuzzyMatch("ab", "cab acd")).toBeDefined();
  });

  it("keeps the order when nothing is typed", () => {
    expect(fuzzyFilter("", ["b", "a"], (text) => text).map(({ item }) => item)).toEqual(["b", "a"]);
  });
});

describe("the tabs of two layouts", () => {
  const withPanels = (...ids: string[]) => ({
    ...DEFAULT_LAYOUT,
    dock: { panels: Object.fromEntries(ids.map((id) => [id, { id, title: `${ids.length}` }])) },
  });

  it("are the same in any order and with any title", () => {
    expect(haveSameTabs(withPanels("a", "b"), withPanels("b", "a"))).toBe(true);
    expect(haveSameTabs(DEFAULT_LAYOUT, { ...DEFAULT_LAYOUT, focus: "side" })).toBe(true);
  });

  it("are others when one came or went", () => {
    expect(haveSameTabs(withPanels("a"), withPanels("a", "b"))).toBe(false);
    expect(haveSameTabs(withPanels("a", "b"), withPanels("a"))).toBe(false);
    expect(haveSameTabs(DEFAULT_LAYOUT, withPanels("a"))).toBe(false);
  });

  it("count a terminal from its shell on", () => {
    const withShell = (params: object) => ({
      ...DEFAULT_LAYOUT,
      dock: { panels: { "terminal-1": { params } } },
    });
    expect(haveSameTabs(DEFAULT_LAYOUT, withShell({ near: "s" }))).toBe(true);
    expect(haveSameTabs(DEFAULT_LAYOUT, withShell({ session: "s" }))).toBe(false);
  });
});

describe("a stored layout", () => {
  it("is taken when it is whole and replaced when it is not", () => {
    const stored = { ...DEFAULT_LAYOUT, side: { view: null, width: 300 } };
    expect(readLayout(stored)).toEqual(stored);
    expect(readLayout({ ...stored, version: 2 })).toEqual(DEFAULT_LAYOUT);
    expect(readLayout({ ...stored, side: { view: "explorer", width: -1 } })).toEqual(
      DEFAULT_LAYOUT,
    );
    expect(readLayout("nonsense")).toEqual(DEFAULT_LAYOUT);
  });

  it("bounds what a drag makes of it", () => {
    expect(draggedSideWidth(100, 1280)).toBeUndefined();
    expect(draggedSideWidth(130, 1280)).toBe(180);
    expect(draggedSideWidth(900, 1280)).toBe(640);
    expect(draggedBottomShare(10, 800)).toBe(0.3);
    expect(draggedBottomShare(790, 800)).toBe(0.7);
  });
});

describe("settings", () => {
  it("fall back where a value does not fit", () => {
    expect(readSettings({ "window.theme": "pink", "terminal.fontSize": "big" })).toEqual(
      DEFAULT_SETTINGS,
    );
  });

  it("are held within their bounds", () => {
    expect(readSettings({ "terminal.fontSize": 500, "terminal.scrollback": -3 })).toMatchObject({
      fontSize: 32,
      scrollback: 0,
    });
  });

  it("follow the desktop only when told to", () => {
    expect(themeOf("system", "light")).toBe("light");
    expect(themeOf("contrast", "light")).toBe("contrast");
  });
});

describe("recent tabs", () => {
  it("step back and wrap", () => {
    const recent = ["c", "b", "a"].reduceRight<string[]>((now, id) => touch(now, id), []);
    expect(recent).toEqual(["c", "b", "a"]);
    expect([1, 2, 3, -1].map((steps) => stepBack(recent, steps))).toEqual(["b", "a", "c", "a"]);
    expect(touch(recent, "a")).toEqual(["a", "c", "b"]);
    expect(stepBack([], 1)).toBeUndefined();
  });
});

describe("words", () => {
  it("are short", () => {
    expect([140, 3_000, 120_000, 7_200_000, 200_000_000].map(duration)).toEqual([
      "140 ms",
      "3 s",
      "2 min",
      "2 h",
      "2 d",
    ]);
    expect([312, 49_152, 1_258_291].map(size)).toEqual(["312 B", "48 KB", "1.2 MB"]);
    expect([counted(1, "shell"), counted(2, "process", "processes")]).toEqual([
      "1 shell",
      "2 processes",
    ]);
    expect([shortPath("/home/me/x", "/home/me"), shortPath("/home/meow", "/home/me")]).toEqual([
      "~/x",
      "/home/meow",
    ]);
    expect([baseName("/a/b/"), baseName("/")]).toEqual(["b", "/"]);
  });
});
