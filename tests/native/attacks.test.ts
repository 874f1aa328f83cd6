/** The table of attacks names tests that exist, and leaves out none of the 44. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDERS = [
  "native/guard/tests",
  "native/sandbox/tests",
  "native/sandbox/src",
  "native/policy/tests",
  "tests/actors/file-guard",
];
const TABLE = readFileSync(join(ROOT, "native/guard/ATTACKS.md"), "utf8");
const ROWS = [...TABLE.matchAll(/^\| (\d+) \|(.+)\|$/gm)].map(([, number, rest = ""]) => ({
  number: Number(number),
  cells: rest
    .split("|")
    .slice(1)
    .map((cell) => cell.trim()),
}));

function source(file: string): string {
  for (const folder of FOLDERS) {
    try {
      return readFileSync(join(ROOT, folder, file), "utf8");
    } catch {
      // In another folder.
    }
  }
  throw new Error(`${file} is in none of ${FOLDERS.join(", ")}`);
}

test("every attack has its row, and a test somewhere", () => {
  expect(ROWS.map(({ number }) => number)).toEqual(Array.from({ length: 44 }, (_, at) => at + 1));
  for (const { number, cells } of ROWS) {
    expect([number, cells.some((cell) => cell !== "")]).toEqual([number, true]);
  }
});

test("every test of the table exists", () => {
  for (const { number, cells } of ROWS) {
    for (const cell of cells.filter((one) => one !== "")) {
      const [, file = "", name = ""] = /^(\S+) (.+)$/.exec(cell) ?? [];
      const call = file.endsWith(".rs") ? `fn ${name}` : `"${name}`;
      expect([number, cell, source(file).includes(call)]).toEqual([number, cell, true]);
    }
  }
});
