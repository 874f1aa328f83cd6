import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parseInvocation } from "../../../bus/cli/arguments.ts";
import { readOpenRequest } from "../../../bus/cli/commands/open.ts";
import { CommandError } from "../../../bus/cli/exit.ts";

const cwd = realpathSync(mkdtempSync(join(tmpdir(), "bulkhead-open-")));
writeFileSync(join(cwd, "a.ts"), "");
writeFileSync(join(cwd, "odd:7"), "");
mkdirSync(join(cwd, "sub"));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const read = (...argv: string[]) => readOpenRequest(parseInvocation(argv), cwd);

describe("open beside a running instance", () => {
  it.each([
    ["a.ts", { path: "a.ts", line: 0, column: 0 }],
    ["a.ts:12", { path: "a.ts", line: 12, column: 0 }],
    ["a.ts:12:3", { path: "a.ts", line: 12, column: 3 }],
    ["odd:7", { path: "odd:7", line: 0, column: 0 }],
    ["odd:7:9", { path: "odd:7", line: 9, column: 0 }],
    ["./sub/../a.ts:1", { path: "a.ts", line: 1, column: 0 }],
  ])("takes %s as %j", (word, place) => {
    const expected = { ...place, path: join(cwd, place.path), newWindow: false, wait: false };
    expect(read("open", word)).toEqual(expected);
  });

  it("gives a folder a window of its own, and a browser none", () => {
    expect(read("open", "sub")).toEqual({
      path: "",
      line: 0,
      column: 0,
      newWindow: true,
      wait: false,
    });
    expect(read()).toMatchObject({ path: "", newWindow: true });
    expect(read("serve", "sub")).toMatchObject({ path: "", newWindow: false });
  });

  it("names what is not there", () => {
    expect(() => read("open", "b.ts:3")).toThrow(`no such file or folder: ${join(cwd, "b.ts")}`);
  });

  it("waits for a file, not for a folder", () => {
    expect(read("open", "--wait", "a.ts:2")).toMatchObject({ line: 2, wait: true });
    expect(() => read("open", "--wait", "sub")).toThrow(CommandError);
    expect(() => read("open", "--wait", "sub")).toThrow("a file is needed");
  });

  it("checks a port it will not use", () => {
    expect(() => read("serve", "--port", "70000")).toThrow("--port 70000");
  });
});
