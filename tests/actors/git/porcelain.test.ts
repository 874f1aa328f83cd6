/** What git's status says, read in pieces of any size. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { inWorkspace, StatusReader } from "../../../actors/git/porcelain.ts";
import { CHANGES_MAX } from "../../../bus/contracts/git.ts";

const OID = "65ec2679eeaac690801f2a00b7de9baebbef7a2d";
const MODES = "100644 100644 100644";
const OUTPUT = [
  `# branch.oid ${OID}`,
  "# branch.head feature/a b",
  "# branch.upstream origin/main",
  "# branch.ab +2 -13",
  "# stash 1",
  `1 .M N... ${MODES} ${OID} ${OID} src/a b.ts`,
  `1 MD N... ${MODES} ${OID} ${OID} both.ts`,
  `1 A. S.M. ${MODES} ${OID} ${OID} module`,
  `2 R. N... ${MODES} ${OID} ${OID} R087 new name`,
  "old name",
  `u AA N... ${MODES} 100644 ${OID} ${OID} ${OID} clash`,
  "? 1 looks like a record",
  "",
].join("\0");

function read(bytes: Uint8Array, cuts: readonly number[] = []): ReturnType<StatusReader["result"]> {
  const reader = new StatusReader();
  let start = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    reader.feed(bytes.subarray(start, cut));
    start = cut;
  }
  return reader.result();
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

test("every kind of record is read, in groups", () => {
  expect(read(bytesOf(OUTPUT))).toEqual({
    branch: {
      branch: "feature/a b",
      commit: OID,
      upstream: "origin/main",
      ahead: 2,
      behind: 13,
    },
    changes: [
      { path: "clash", group: "conflict", how: "both-added" },
      { path: "both.ts", group: "staged", how: "modified" },
      { path: "module", group: "staged", how: "added", isModule: true },
      { path: "new name", group: "staged", how: "renamed", from: "old name" },
      { path: "src/a b.ts", group: "changed", how: "modified" },
      { path: "both.ts", group: "changed", how: "deleted" },
      { path: "1 looks like a record", group: "untracked", how: "untracked" },
    ],
    isCut: false,
  });
});

test("the pieces it comes in change nothing", () => {
  const bytes = bytesOf(OUTPUT);
  const whole = read(bytes);
  const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 40 });
  void fc.assert(
    fc.property(cuts, (places) => {
      expect(read(bytes, places)).toEqual(whole);
    }),
  );
});

test("no commit and no branch are left out", () => {
  expect(read(bytesOf("# branch.oid (initial)\0# branch.head (detached)\0")).branch).toEqual({});
});

test("a name that is no UTF-8 is marked and shown", () => {
  const [change] = read(Uint8Array.of(0x3f, 0x20, 0x61, 0xff, 0)).changes;
  expect(change).toMatchObject({ path: "a\ufffd", isOddName: true });
});

test("of more changes than the bound the first are told, and that there are more", () => {
  const reader = new StatusReader();
  for (let count = 0; count < CHANGES_MAX; count++) reader.feed(bytesOf(`? f${count}\0`));
  expect(reader.isFull).toBe(false);
  reader.feed(bytesOf("? one\0? two\0"));
  expect(reader.isFull).toBe(true);
  const { changes, isCut } = reader.result();
  expect([changes.length, isCut]).toEqual([CHANGES_MAX, true]);
});

test("what is no output of git's is an error, and no record grows without end", () => {
  expect(() => read(bytesOf("x y\0"))).toThrow('kind "x"');
  expect(() => read(bytesOf("1 .M N...\0"))).toThrow("before its name");
  expect(() => read(bytesOf(`? ${"a".repeat(20_000)}`))).toThrow("longer than");
});

test("no bytes but git's own make it fail in another way", () => {
  void fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      try {
        expect(read(bytes).isCut).toBe(false);
      } catch (error) {
        expect(String(error)).toMatch(/git's status/);
      }
    }),
  );
});

test("paths count from the workspace, also of a file that came from outside it", () => {
  const told = inWorkspace(
    [
      { path: "pack/a.ts", group: "changed", how: "modified" },
      { path: "pack/b.ts", group: "staged", how: "renamed", from: "pack/old.ts" },
      { path: "pack/c.ts", group: "staged", how: "renamed", from: "other/c.ts" },
      { path: "other/d.ts", group: "changed", how: "modified" },
    ],
    "pack/",
  );
  expect(told).toEqual([
    { path: "a.ts", group: "changed", how: "modified" },
    { path: "b.ts", group: "staged", how: "renamed", from: "old.ts" },
    { path: "c.ts", group: "staged", how: "added" },
  ]);
});
