/** How git is called, and what its answers about one file mean. */
import { expect, test } from "vitest";
import { filterDrivers, gitCommand, STATUS } from "../../../actors/git/command.ts";
import { isAskable, sideOf } from "../../../actors/git/object.ts";
import { TEXT_BYTES_MAX } from "../../../bus/contracts/git.ts";

const OID = "65ec2679eeaac690801f2a00b7de9baebbef7a2d";
const around = (variables: Record<string, string>) => ({ workspace: "/w", home: "/h", variables });

test("git is looked for outside the workspace alone, and gets no variable of the person's but a few", () => {
  const { env } = gitCommand(
    around({
      PATH: "/w/bin:./x::/usr/bin:/w",
      GIT_DIR: "/elsewhere",
      GIT_EXTERNAL_DIFF: "evil",
      HOME: "/home/u",
    }),
    STATUS,
  );
  expect(env).toEqual({
    GIT_NO_LAZY_FETCH: "1",
    GIT_TERMINAL_PROMPT: "0",
    LC_ALL: "C",
    PATH: "/usr/bin",
    HOME: "/home/u",
  });
  expect(gitCommand(around({ PATH: "/w/bin" }), STATUS).env["PATH"]).toMatch(/^\/usr/);
});

test("filters of the settings are off by name", () => {
  const names = ["filter.lfs.clean", "filter.lfs.process", "filter.a.b.smudge", "filter.x=y.clean"];
  const drivers = filterDrivers([...names, "core.pager", ""]);
  expect(drivers).toEqual(["lfs", "a.b"]);
  const { argv } = gitCommand(around({}), STATUS, drivers);
  expect(argv).toContain("filter.lfs.process=");
  expect(argv).toContain("filter.a.b.required=false");
});

test("only a plain path from the workspace on can be asked for", () => {
  for (const path of ["a", "a/b", "-a", "a:b", "HEAD:x", "a b"])
    expect([path, isAskable(path)]).toEqual([path, true]);
  for (const path of ["", "/a", "a/", "a//b", "./a", "a/../b", "..", "a\nb", "a\0b"]) {
    expect([path, isAskable(path)]).toEqual([path, false]);
  }
});

test("an answer is a text, bytes that are none, or nothing", () => {
  const side = (text: string | Uint8Array) =>
    sideOf(typeof text === "string" ? new TextEncoder().encode(text) : text);
  expect(side(`${OID} blob 3\na\u00e9\n`)).toEqual({ is: "text", text: "a\u00e9" });
  expect(side(`${OID} blob 0\n\n`)).toEqual({ is: "text", text: "" });
  expect(side(`${OID} blob 2\na\0\n`)).toEqual({ is: "binary", bytes: 2 });
  expect(side(Buffer.concat([Buffer.from(`${OID} blob 1\n`), Buffer.of(0xff, 10)]))).toEqual({
    is: "binary",
    bytes: 1,
  });
  expect(side(`${OID} blob ${TEXT_BYTES_MAX + 1}\nabc`)).toEqual({
    is: "too-large",
    bytes: TEXT_BYTES_MAX + 1,
  });
  expect(side("HEAD:./a missing\n")).toEqual({ is: "absent" });
  expect(side(`${OID} tree 12\n`)).toEqual({ is: "absent" });
  expect(() => side(`${OID} blob 9\nabc`)).toThrow("3 of 9 bytes");
  expect(() => side("")).toThrow("no first line");
});
