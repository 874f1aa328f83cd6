/** Settings: what is refused, with file, line and key; what stays in force; that nothing is overwritten. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parseLocatedJson } from "../../../bus/node/hub/json-lines.ts";
import { checkKeybindings, checkSettings } from "../../../bus/node/hub/settings-check.ts";
import { openSettings, type SettingsStore } from "../../../bus/node/hub/settings-store.ts";

describe("JSON with lines", () => {
  test("takes what JSON.parse takes, and gives the same", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const parsed = parseLocatedJson(text);
        expect(parsed).toMatchObject({ ok: true });
        expect(parsed.ok && parsed.value).toEqual(JSON.parse(text));
      }),
    );
  });

  test("refuses what JSON.parse refuses", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.stringMatching(/^[{}[\]:,"a1 \n\\-]{0,20}$/)),
        (text) => {
          let valid = true;
          try {
            JSON.parse(text);
          } catch {
            valid = false;
          }
          expect(parseLocatedJson(text).ok).toBe(valid);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['{\n  "a": 1,\n}', 3, 'expected a key in double quotes, found "}"'],
    ['{\n  "a": tru\n}', 2, 'expected a value, found "tru"'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 'expected "," or "}", found "\\"b\\":"'],
    ["{", 1, "expected a key in double quotes, the file ends"],
    ["[1, 2", 1, 'expected "," or "]", the file ends'],
    ["{} x", 1, 'expected nothing more, found "x"'],
    ["[".repeat(100), 1, 'expected at most 64 levels, found "[[[[[[[[[[[[[[[[[[[["'],
  ])("%j fails on line %i: %s", (text, line, message) => {
    expect(parseLocatedJson(text)).toEqual({ ok: false, line, message });
  });

  test("knows the line of every key", () => {
    const parsed = parseLocatedJson('[\n  {"key": "a"},\n  {\n    "key": 1 }\n]');
    expect(
      parsed.ok && [parsed.lines.get("0\nkey"), parsed.lines.get("1"), parsed.lines.get("1\nkey")],
    ).toEqual([2, 3, 4]);
  });
});

describe("settings.json", () => {
  test.each([
    ['{"terminal.fontSize": 14}', []],
    [
      '{\n "terminal.fontSize": "big"}',
      ['settings.json line 2: "terminal.fontSize" is "big", expected a whole number from 8 to 32.'],
    ],
    [
      '{"window.theme": "pink"}',
      [
        'settings.json line 1: "window.theme" is "pink", expected one of "system", "dark", "light", "contrast".',
      ],
    ],
    ['{"terminal.fontsize": 14}', ['settings.json line 1: "terminal.fontsize" is no setting.']],
    ["[]", ["settings.json line 1: expected an object. The last good values stay in use."]],
    [
      '{"window.theme": }',
      ['settings.json line 1: expected a value, found "}". The last good values stay in use.'],
    ],
  ])("%j has the problems %j", (text, problems) => {
    expect(checkSettings(text, {}).problems).toEqual(problems);
  });

  test("a bad value keeps the last good one, a good one beside it counts", () => {
    const { good } = checkSettings('{"terminal.fontSize": 99, "window.theme": "dark"}', {
      "terminal.fontSize": 14,
    });
    expect(good).toEqual({ "terminal.fontSize": 14, "window.theme": "dark" });
  });
});

describe("keybindings.json", () => {
  test("a bad entry is named with its line and left out", () => {
    const text =
      '[\n  {"key": "ctrl+k", "command": "terminal.new"},\n  {"key": 5, "command": "x"},\n  "no"\n]';
    const { good, problems } = checkKeybindings(text, []);
    expect(good).toEqual([{ key: "ctrl+k", command: "terminal.new", line: 2 }]);
    expect(problems).toEqual([
      'keybindings.json line 3: "key" is 5, expected a text.',
      'keybindings.json line 4: "no" is no {"key", "command"}.',
    ]);
  });
});

describe("the files", () => {
  let folder: string;
  let store: SettingsStore;
  let views: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bh-settings-"));
    views = 0;
    store = openSettings(folder, () => {
      views += 1;
    });
  });
  afterEach(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  const file = (): string => join(folder, "settings.json");

  test("a put keeps the rest of the file, its mode is 0600", () => {
    writeFileSync(file(), '{"window.theme": "dark", "later.version": 1}');
    store.put("terminal.fontSize", 15);
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual({
      "window.theme": "dark",
      "later.version": 1,
      "terminal.fontSize": 15,
    });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(store.view().values).toEqual({ "window.theme": "dark", "terminal.fontSize": 15 });
  });

  test("a file with a mistake is not overwritten by a put", () => {
    writeFileSync(file(), '{"window.theme": "dark",');
    expect(() => store.put("terminal.fontSize", 15)).toThrow(
      "settings.json line 1: expected a key in double quotes",
    );
    expect(readFileSync(file(), "utf8")).toBe('{"window.theme": "dark",');
  });

  test("a value that does not fit is refused before the file is touched", () => {
    expect(() => store.put("terminal.fontSize", 4)).toThrow(
      '"terminal.fontSize" is 4, expected a whole number from 8 to 32',
    );
  });

  test("a change by an editor is seen, and the last good values stay while it is broken", async () => {
    writeFileSync(file(), '{"terminal.fontSize": 15}');
    await expect.poll(() => store.view().values).toEqual({ "terminal.fontSize": 15 });
    writeFileSync(file(), '{"terminal.fontSize": 15');
    await expect.poll(() => store.view().problems.length).toBe(1);
    expect(store.view().values).toEqual({ "terminal.fontSize": 15 });
    expect(views).toBeGreaterThanOrEqual(2);
  });
});
