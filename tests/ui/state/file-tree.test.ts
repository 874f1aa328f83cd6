import { describe, expect, it } from "vitest";
import type { Entry } from "../../../bus/contracts/file-guard.ts";
import {
  childPath,
  EMPTY_TREE,
  type FileTree,
  findByPrefix,
  folderPath,
  ROOT,
  rowsOf,
  setFailed,
  setListed,
  setOpen,
  sortEntries,
} from "../../../ui/state/file-tree.ts";

const file = (name: string): Entry => ({ name, kind: "file" });
const folder = (name: string): Entry => ({ name, kind: "folder" });
const list = (tree: FileTree, key: string, ...entries: Entry[]): FileTree =>
  setListed(tree, key, { path: `/w/${key}`, entries, isCut: false });

/** A line as a reader sees it: two blanks a level, `v` open, `>` folded. */
function drawn(tree: FileTree): string[] {
  return rowsOf(tree).map((row) => {
    const room = "  ".repeat(row.depth);
    if (row.type === "note") return `${room}(${row.note}) ${row.words}`.trimEnd();
    const fold = row.entry.kind === "folder" ? (row.isOpen ? "v " : "> ") : "";
    return `${room}${fold}${row.entry.name}`;
  });
}

describe("the tree of files", () => {
  const top = list(EMPTY_TREE, ROOT, file("b.ts"), folder("src"), file("a.ts"), folder("docs"));

  it("shows folders first, each sort by name", () => {
    expect(drawn(top)).toEqual(["> docs", "> src", "a.ts", "b.ts"]);
  });

  it("sorts numbers as people count and capitals among the others", () => {
    const names = sortEntries([file("a10"), file("B"), file("a2"), file("A1")]);
    expect(names.map(({ name }) => name)).toEqual(["A1", "a2", "a10", "B"]);
  });

  it("puts an open folder's names below it", () => {
    const tree = list(setOpen(top, "src", "open"), "src", file("main.ts"));
    expect(drawn(tree)).toEqual(["> docs", "v src", "  main.ts", "a.ts", "b.ts"]);
  });

  it("says that a folder is read, is empty, or could not be read", () => {
    const open = setOpen(top, "src", "open");
    expect(drawn(open)[2]).toBe("  (loading)");
    expect(drawn(list(open, "src"))[2]).toBe("  (empty) Empty folder.");
    expect(drawn(setFailed(open, "src", "permission denied"))[2]).toBe(
      "  (failed) permission denied",
    );
  });

  it("keeps the names of a folder that cannot be read again", () => {
    const tree = setFailed(list(setOpen(top, "src", "open"), "src", file("x")), "src", "gone");
    expect(drawn(tree).slice(1, 4)).toEqual(["v src", "  (failed) gone", "  x"]);
  });

  it("forgets what lay below a folder that has gone, and nothing else", () => {
    let tree = list(setOpen(top, "src", "open"), "src", folder("deep"));
    tree = list(setOpen(tree, "src/deep", "open"), "src/deep", file("x"));
    tree = list(setOpen(tree, "docs", "open"), "docs", file("y"));
    const after = list(tree, ROOT, folder("docs"));
    expect([...after.open].toSorted()).toEqual(["", "docs"]);
    expect([...after.folders.keys()].toSorted()).toEqual(["", "docs"]);
    expect(drawn(after)).toEqual(["v docs", "  y"]);
  });

  it("does not take a folder for another whose name begins the same", () => {
    const tree = setOpen(list(EMPTY_TREE, ROOT, folder("a"), folder("ab")), "ab", "open");
    expect([...list(tree, ROOT, folder("ab")).open]).toContain("ab");
    expect([...list(tree, "a").open]).toContain("ab");
  });

  it("folds and unfolds without losing what was read", () => {
    const open = list(setOpen(top, "src", "open"), "src", file("main.ts"));
    const folded = setOpen(open, "src", "folded");
    expect(drawn(folded)).toEqual(["> docs", "> src", "a.ts", "b.ts"]);
    expect(drawn(setOpen(folded, "src", "open"))).toEqual(drawn(open));
  });

  it("finds a name by its first letters, around the end", () => {
    const rows = rowsOf(top);
    expect(findByPrefix(rows, 0, "S")).toBe(1);
    expect(findByPrefix(rows, 3, "do")).toBe(0);
    expect(findByPrefix(rows, 0, "zz")).toBe(-1);
  });
});

describe("paths with bytes that are no text", () => {
  const raw = Uint8Array.of(0x66, 0xff);

  it("stay bytes from there on", () => {
    const odd = childPath("src", { name: "f\ufffd", raw });
    expect(odd).toEqual(Uint8Array.of(0x73, 0x72, 0x63, 47, 0x66, 0xff));
    expect(childPath(odd, { name: "x" })).toEqual(
      Uint8Array.of(0x73, 0x72, 0x63, 47, 0x66, 0xff, 47, 0x78),
    );
    expect(folderPath(odd)).toEqual(Uint8Array.of(0x73, 0x72, 0x63));
  });

  it("get a key of their own, beside the text they look like", () => {
    const tree = list(EMPTY_TREE, ROOT, { name: "f\ufffd", kind: "file", raw }, file("f\ufffd"));
    const keys = rowsOf(tree).map(({ key }) => key);
    expect(new Set(keys).size).toBe(2);
  });
});
