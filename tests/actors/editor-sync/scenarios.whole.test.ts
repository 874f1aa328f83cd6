/** What happens to open files in a day: agents, formatters, git, large files, files nobody here wrote. */
import { execFileSync } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { EditorSyncCode } from "../../../bus/contracts/editor-document.ts";
import * as contract from "../../../bus/contracts/editor-sync.ts";
import { PageView } from "./page.ts";
import { type EditorHub, openEditorHub } from "./real-hub.ts";

const MODULES = resolve(import.meta.dirname, "../../../node_modules");

let hub: EditorHub;
let count = 0;
beforeAll(async () => {
  hub = await openEditorHub();
});
afterAll(() => hub.close());

const view = (path: string) => PageView.open(hub.peer, { path, client: `client-${++count}` });
const lastOf = (one: PageView, key: string) =>
  one.lines.findLast((line) => key in line)?.[key] as
    | { id: number; isStale?: boolean }[]
    | undefined;

describe("an agent", () => {
  test("proposes; a person accepts some, rejects others, and undoes what was accepted as one step", async () => {
    hub.write("agent.txt", "a\nb\nc\nd\ne\n");
    const one = await view("agent.txt");
    const edit = { kind: "text", text: "A\nb\nC\nd\nE\n" } as const;
    const { proposals, set } = await hub.peer.request(contract.propose, {
      path: "agent.txt",
      edit,
      note: "",
    });
    expect(proposals).toHaveLength(3);
    await one.until(() => lastOf(one, "proposals")?.length === 3, "proposals");
    expect(one.text).toBe("a\nb\nc\nd\ne\n");
    one.edit(4, 5, "mine");
    await one.acknowledged();
    await one.until(
      () => lastOf(one, "proposals")?.some(({ isStale }) => isStale) === true,
      "stale",
    );
    const { document } = one.facts;
    const which = { set };
    const taken = await hub.peer.request(contract.accept, { document, which, client: one.client });
    expect(taken.accepted).toHaveLength(2);
    expect(taken.stale).toHaveLength(1);
    await one.until(() => one.text === "A\nb\nmine\nd\nE\n", "accepted");
    const told = one.lines.findLast((line) => "changes" in line) as { changes: object[] };
    expect(told.changes).toMatchObject([{ origin: "accept", by: one.client }]);
    const all = { document, which: { all: true } } as const;
    expect((await hub.peer.request(contract.reject, all)).rejected).toEqual(taken.stale);
    one.close(true);
  });

  test("replaces a text that is there once, made against what it has read", async () => {
    hub.write("replace.txt", "let a = 1;\nlet b = 1;\n");
    const one = await view("replace.txt");
    const replace = (old: string) =>
      hub.peer.request(contract.propose, {
        path: "replace.txt",
        edit: { kind: "replace", old, new: "let c = 2;", every: false },
        note: "",
      });
    await expect(replace("let")).rejects.toMatchObject({
      code: EditorSyncCode.notThere,
      data: { value: 2 },
    });
    expect((await replace("let b = 1;")).proposals).toHaveLength(1);
    const read = await hub.peer.open(contract.version, { path: "replace.txt", side: "text" });
    const { version } = read.accepted;
    read.end();
    for await (const _ of read) {
      // Only the version is wanted.
    }
    one.edit(0, 0, "// mine\n");
    await one.acknowledged();
    const edit = { kind: "text", text: "let z = 1;\nlet b = 1;\n" } as const;
    const { set } = await hub.peer.request(contract.propose, {
      path: "replace.txt",
      version,
      edit,
      note: "",
    });
    const { document } = one.facts;
    await hub.peer.request(contract.accept, { document, which: { set } });
    await one.until(() => one.text === "// mine\nlet z = 1;\nlet b = 1;\n", "merged");
    one.close(true);
  });
});

describe("the disk", () => {
  test("has an external formatter rewrite an open file with unsaved edits: both survive", async () => {
    const body = Array.from({ length: 200 }, (_, index) => `  call( ${index} ) ;`);
    hub.write("format.ts", `function main() {\n${body.join("\n")}\n}\n`);
    const one = await view("format.ts");
    one.edit(0, 0, "// a comment of mine\n");
    await one.acknowledged();
    const text = hub.read("format.ts");
    hub.write("format.ts", text.replaceAll("( ", "(").replaceAll(" ) ;", ");"));
    await one.until(() => one.text.includes("call(199);"), "formatted");
    expect(one.text.startsWith("// a comment of mine\nfunction main() {\n  call(0);\n")).toBe(true);
    expect(lastOf(one, "conflicts") ?? []).toEqual([]);
    await hub.peer.request(contract.save, { document: one.facts.document, mayCreate: false });
    expect(hub.read("format.ts")).toBe(one.text);
    one.close(true);
  });

  test("has git check out another branch under ten open files, one with unsaved edits", async () => {
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
        cwd: hub.path("repo"),
        stdio: "pipe",
      });
    const names = Array.from({ length: 10 }, (_, index) => `repo/file-${index}.txt`);
    for (const name of names) hub.write(name, "top\nmain\nend\n");
    git("init", "-q", "-b", "main");
    git("add", ".");
    git("commit", "-qm", "one");
    git("checkout", "-qb", "other");
    for (const name of names) hub.write(name, "top\nother branch\nend\n");
    git("commit", "-qam", "two");
    const views = await Promise.all(names.map(view));
    const [first] = views;
    first?.edit(0, 0, "mine ");
    await first?.acknowledged();
    git("checkout", "-q", "main");
    await Promise.all(views.map((one) => one.until(() => one.text.includes("\nmain\n"), "main")));
    expect(views.map(({ text }) => text)).toEqual([
      "mine top\nmain\nend\n",
      ...Array.from({ length: 9 }, () => "top\nmain\nend\n"),
    ]);
    for (const one of views) one.close(true);
  });

  test("changes five lines of a hundred in a file of 100,000: a worker under its wall finds them", async () => {
    const lines = Array.from(
      { length: 100_000 },
      (_, index) => `const line${index} = ${index * 7};`,
    );
    hub.write("large.ts", `${lines.join("\n")}\n`);
    const one = await view("large.ts");
    const changed = lines.map((line, index) => (index % 20 === 7 ? `${line} // changed` : line));
    hub.write("large.ts", `${changed.join("\n")}\n`);
    await one.until(() => one.lines.some((line) => "merged" in line), "merged");
    expect(one.text).toBe(hub.read("large.ts"));
    const told = one.lines.findLast((line) => "merged" in line);
    expect(told).toEqual({ merged: { changes: 5000, conflicts: 0 } });
    one.close(true);
  });
});

describe("a file too large to edit", () => {
  test("is counted and read by ranges, long lines cut", async () => {
    const lines = Array.from({ length: 400_000 }, (_, index) => `line number ${index} of the log`);
    lines[1000] = "x".repeat(300_000);
    writeFileSync(hub.path("huge.log"), `${lines.join("\n")}\r\nlast`);
    const one = await PageView.open(hub.peer, { path: "huge.log", client: "reader" });
    expect(one.facts).toMatchObject({ access: "read", why: { code: "large" }, length: 0 });
    const range = (from: number, many: number) =>
      hub.peer.request(contract.lines, { document: one.facts.document, from, count: many });
    const found = await range(999, 3);
    expect(found.lines.map(({ text }) => text.length)).toEqual([26, 10_000, 27]);
    expect(found.lines.map(({ isCut }) => isCut)).toEqual([false, true, false]);
    const end = await range(399_998, 10);
    expect(end.lines.map(({ text }) => text)).toEqual([lines[399_998], lines[399_999], "last"]);
    expect(end).toMatchObject({ counted: 400_001, isDone: true });
    await one.until(
      () => one.lines.some((line) => (line["counted"] as { isDone?: boolean })?.isDone === true),
      "counted",
    );
    one.close(true);
  });
});

describe("bulkhead open --wait", () => {
  test("is told when the file was shown, and when its tab is closed", async () => {
    hub.write("COMMIT_EDITMSG", "\n# words\n");
    const wait = (seen: "pending" | "open") =>
      hub.peer.request(contract.wait, { path: hub.path("COMMIT_EDITMSG"), seen });
    const first = wait("pending");
    const one = await view("COMMIT_EDITMSG");
    expect(await first).toEqual({ state: "open", isDirty: false });
    const second = wait("open");
    one.edit(0, 0, "subject");
    await one.acknowledged();
    await hub.peer.request(contract.save, { document: one.facts.document, mayCreate: false });
    one.close(true);
    expect(await second).toEqual({ state: "closed", isDirty: false });
    expect(hub.read("COMMIT_EDITMSG")).toBe("subject\n# words\n");
  });
});

describe("files nobody here wrote", () => {
  test("are opened, edited and undone, saved: the bytes on disk are the same", async () => {
    const names = [
      "typescript/package.json",
      "valibot/README.md",
      "@codemirror/state/LICENSE",
      "ws/lib/receiver.js",
    ];
    for (const name of names) {
      const bytes = readFileSync(join(MODULES, name));
      const own = name.replaceAll("/", "-");
      hub.write(own, bytes);
      const one = await view(own);
      one.edit(0, 0, "x");
      await one.acknowledged();
      const { document } = one.facts;
      await hub.peer.request(contract.save, { document, mayCreate: false });
      one.edit(0, 1, "");
      await one.acknowledged();
      await hub.peer.request(contract.save, { document, mayCreate: false });
      expect(Buffer.compare(readFileSync(hub.path(own)), bytes), name).toBe(0);
      one.close(true);
    }
  });

  test("that grow while they are open are followed, cursor and all", async () => {
    hub.write("growing.log", "start\n");
    const one = await view("growing.log");
    for (let line = 0; line < 5; line++) appendFileSync(hub.path("growing.log"), `line ${line}\n`);
    await one.until(() => one.text.endsWith("line 4\n"), "the last line");
    expect(one.state.isDirty).toBe(false);
    one.close(true);
  });
});
