import { describe, expect, it } from "vitest";
import { findPathLinks, placeOf } from "../../../ui/state/path-links.ts";

function check(line: string, ...places: string[]): void {
  const found = findPathLinks(line).map(
    ({ path, line: row, column }) => `${path}|${row}|${column}`,
  );
  expect(found, line).toEqual(places);
}

describe("places in output", () => {
  it("are found as compilers print them", () => {
    check("src/main.ts:12:5 - error TS2322", "src/main.ts|12|5");
    check("  --> native/keeper/src/ring.rs:40:9", "native/keeper/src/ring.rs|40|9");
    check("main.c(33,7): error C2065", "main.c|33|7");
    check("lib/a.cs(3): warning", "lib/a.cs|3|0");
    check(
      '  File "/usr/lib/python3/site.py", line 73, in <module>',
      "/usr/lib/python3/site.py|73|0",
    );
    check("./run.sh:3: command not found", "./run.sh|3|0");
    check("~/orbit/x.go:1", "~/orbit/x.go|1|0");
    check("at a.ts:1:2 and b.ts:3:4", "a.ts|1|2", "b.ts|3|4");
  });

  it("are not times, hosts or versions", () => {
    check("12:30:05 started");
    check("listening on 127.0.0.1:8080");
    check("localhost:3000");
    check("http://localhost:3000/x");
  });

  it("carry where they stand in the line", () => {
    const [link] = findPathLinks("error in src/a.ts:7");
    expect(link).toMatchObject({ start: 9, end: 19 });
  });

  it("stay cheap on a hostile line", () => {
    const line = `${"a/".repeat(20_000)}:`;
    const startMs = performance.now();
    findPathLinks(line);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });
});

describe("the selected path", () => {
  it("opens with and without a line", () => {
    expect(placeOf(" src/a.ts:3:1 ")).toEqual({ path: "src/a.ts", line: 3, column: 1 });
    expect(placeOf("README.md")).toEqual({ path: "README.md", line: 0, column: 0 });
    expect(placeOf("two\nlines")).toBeUndefined();
  });
});
