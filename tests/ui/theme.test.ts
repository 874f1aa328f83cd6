import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const sheet = readFileSync(new URL("../../ui/theme.css", import.meta.url), "utf8");
const THEMES = ["dark", "light", "contrast"] as const;

/** Grounds text may lie on, the selection and the diff grounds with them. */
const GROUNDS = "chrome surface raised hover select field okbg warnbg errorbg infobg".split(" ");
const SYNTAX = "keyword string number comment function type invalid".split(" ");
const LOWEST = { dark: 4.67, light: 4.83, contrast: 7.2 } as const;

describe("theme.css", () => {
  it.each(THEMES)("keeps text and dim text readable on every ground in %s", (theme) => {
    const tokens = tokensOf(theme);
    const pairs = ["text", "dim"].flatMap((name) =>
      GROUNDS.map((ground) => ratio(tokens, name, ground)),
    );
    expect(Math.min(...pairs)).toBeGreaterThanOrEqual(LOWEST[theme]);
  });

  it.each(THEMES)(
    "keeps syntax colours readable on the surface and on diff grounds in %s",
    (theme) => {
      const tokens = tokensOf(theme);
      const grounds = ["surface", "select", "okbg", "errorbg"];
      for (const name of SYNTAX) {
        for (const ground of grounds) {
          expect(
            ratio(tokens, `syntax-${name}`, ground),
            `${name} on ${ground}`,
          ).toBeGreaterThanOrEqual(4.5);
        }
      }
    },
  );

  it.each(THEMES)("keeps states and accent readable as words in %s", (theme) => {
    const tokens = tokensOf(theme);
    for (const name of ["accent", "ok", "warn", "error"]) {
      for (const ground of ["chrome", "surface", "raised"]) {
        expect(ratio(tokens, name, ground), `${name} on ${ground}`).toBeGreaterThanOrEqual(4.5);
      }
    }
    expect(ratio(tokens, "onaccent", "accent")).toBeGreaterThanOrEqual(4.5);
  });

  it.each(THEMES)("draws borders of controls with at least 3:1 in %s", (theme) => {
    const tokens = tokensOf(theme);
    for (const ground of ["chrome", "surface", "raised", "field"]) {
      expect(ratio(tokens, "edge", ground), ground).toBeGreaterThanOrEqual(3);
    }
  });

  it("defines the same colours in every theme", () => {
    const names = [...tokensOf("dark").keys()].sort();
    for (const theme of THEMES) expect([...tokensOf(theme).keys()].sort()).toEqual(names);
  });
});

function tokensOf(theme: (typeof THEMES)[number]): Map<string, string> {
  const tokens = new Map(declarations(blockOf(":root {")));
  if (theme === "dark") return tokens;
  for (const [name, value] of declarations(blockOf(`:root[data-theme="${theme}"] {`)))
    tokens.set(name, value);
  return tokens;
}

function blockOf(head: string): string {
  const start = sheet.indexOf(head);
  expect(start, head).toBeGreaterThanOrEqual(0);
  return sheet.slice(start + head.length, sheet.indexOf("}", start));
}

function declarations(block: string): Array<[string, string]> {
  return [...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6});/g)].map((hit) => [
    hit[1] ?? "",
    hit[2] ?? "",
  ]);
}

function ratio(tokens: ReadonlyMap<string, string>, front: string, ground: string): number {
  const [a, b] = [luminance(tokens.get(front)), luminance(tokens.get(ground))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Relative luminance of WCAG 2.2. */
function luminance(hex: string | undefined): number {
  if (hex === undefined) throw new Error("unknown token");
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
