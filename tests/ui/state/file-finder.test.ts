import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createFileFinder } from "../../../ui/state/file-finder.ts";

const NAMES = [
  "src/main.ts",
  "src/terminal/main-view.ts",
  "docs/domain.md",
  "tests/main.test.ts",
  "README.md",
  "src/machine/index.ts",
];

function find(query: string, names: readonly string[] = NAMES): string[] {
  const finder = createFileFinder();
  finder.add(names);
  return finder.find(query, 10).map(({ path }) => path);
}

describe("finding files by parts of their paths", () => {
  it.each([
    ["main", "src/main.ts"],
    ["mv", "src/terminal/main-view.ts"],
    ["read", "README.md"],
    ["machine", "src/machine/index.ts"],
    ["dom", "docs/domain.md"],
    ["tmain", "tests/main.test.ts"],
  ])("%s finds %s first", (query, first) => {
    expect(find(query)[0]).toBe(first);
  });

  it("finds nothing for nothing, and nothing where a character is missing", () => {
    expect(find("")).toEqual([]);
    expect(find("mainz")).toEqual([]);
  });

  it("takes blanks and capitals for nothing", () => {
    expect(find("SRC main")).toEqual(find("srcmain"));
  });

  it("finds by a longer query what a fresh finder finds, also in names that came since", () => {
    const name = fc.string({ unit: fc.constantFrom("a", "b", "/", "."), maxLength: 8 });
    const names = fc.array(name, { maxLength: 30 });
    fc.assert(
      fc.property(
        names,
        names,
        fc.array(fc.constantFrom("a", "b", "."), { maxLength: 4 }),
        (before, after, query) => {
          const grown = createFileFinder();
          grown.add(before);
          for (let length = 1; length < query.length; length += 1)
            grown.find(query.slice(0, length).join(""), 100);
          grown.add(after);
          const fresh = createFileFinder();
          fresh.add([...before, ...after]);
          const text = query.join("");
          expect(grown.find(text, 100)).toEqual(fresh.find(text, 100));
        },
      ),
    );
  });

  it("gives the best few of many, in the same order as all of them", () => {
    const many = Array.from({ length: 500 }, (_, n) => `lib/part-${n % 7}/file-${n}.ts`);
    const finder = createFileFinder();
    finder.add(many);
    const all = finder.find("part3file", 500);
    expect(finder.find("part3file", 20)).toEqual(all.slice(0, 20));
  });
});
