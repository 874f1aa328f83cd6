import {
  existsSync,
  linkSync,
  lstatSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  EDIT_BYTES_MAX,
  EditorSyncCode,
  LINE_BYTES_MAX,
} from "../../../bus/contracts/editor-document.ts";
import * as contract from "../../../bus/contracts/editor-sync.ts";
import { type InProcess, openInProcess } from "./in-process.ts";
import { PageView } from "./page.ts";

let place: InProcess;
let count = 0;
beforeEach(async () => {
  place = await openInProcess("no-hints");
});
afterEach(() => place.close());

const view = async (path: string) =>
  PageView.open(await place.peer(), { path, client: `client-${++count}` });
const save = async (document: string, mayCreate = false) =>
  (await place.peer()).request(contract.save, { document, mayCreate });
const rescan = async () => (await place.peer()).request(contract.rescan, {});

describe("an agent", () => {
  it("reads a text, cannot edit it, proposes, and accepts nothing", async () => {
    place.write("a.txt", "one\ntwo\n");
    const agent = await place.peer("agent");
    const own = await PageView.open(agent, { path: "a.txt", client: "agent" });
    expect(own.facts).toMatchObject({ access: "read", why: { code: "principal" } });
    own.edit(0, 0, "x");
    await own.until(() => own.lines.some((line) => "refused" in line), "refused");
    const edit = { kind: "text", text: "one\n2\n" } as const;
    const made = await agent.request(contract.propose, { path: "a.txt", edit, note: "why" });
    const which = { set: made.set };
    const { document } = made;
    await expect(agent.request(contract.accept, { document, which })).rejects.toMatchObject({
      code: "bus/denied",
    });
    const calls = [
      agent.request(contract.save, { document, mayCreate: true }),
      agent.request(contract.discard, { document }),
      agent.request(contract.resolve, { document, conflict: "all", take: "theirs" }),
    ];
    for (const call of calls) await expect(call).rejects.toMatchObject({ code: "bus/denied" });
    const person = await view("a.txt");
    expect(person.text).toBe("one\ntwo\n");
    await person.until(() => person.lines.some((line) => "proposals" in line), "proposals");
    const { proposals } = person.lines.findLast((line) => "proposals" in line) as {
      proposals: object[];
    };
    expect(proposals).toMatchObject([{ by: "agent", note: "why", insert: "2\n", isStale: false }]);
    const other = await place.peer("mcp:other");
    expect(await other.request(contract.reject, { document, which })).toEqual({ rejected: [] });
    expect((await agent.request(contract.reject, { document, which })).rejected).toHaveLength(1);
  });

  it("takes no view away from a person by its client's name", async () => {
    place.write("whose.txt", "a\n");
    const one = await view("whose.txt");
    const wish = { path: "whose.txt", client: one.client };
    const taken = (await place.peer("agent")).open(contract.attach, wish);
    await expect(taken).rejects.toMatchObject({ code: "bus/denied" });
    one.edit(0, 0, "x");
    await one.acknowledged();
  });

  it("proposes no more than one journal can hold", async () => {
    place.write("most.txt", "a".repeat(3_000));
    const agent = await place.peer("agent");
    const propose = (edit: { old: string; new: string; every: boolean }) => {
      const wish = { kind: "replace" as const, ...edit };
      return agent.request(contract.propose, { path: "most.txt", note: "", edit: wish });
    };
    const long = "y".repeat(5 * 1024 * 1024);
    const whole = { old: "a".repeat(3_000), new: long, every: false };
    await propose(whole);
    await propose(whole);
    const limit = { code: EditorSyncCode.limit, data: { bound: 12 * 1024 * 1024 } };
    await expect(propose(whole)).rejects.toMatchObject(limit);
    const every = propose({ old: "a", new: "b", every: true });
    await expect(every).rejects.toMatchObject({ code: EditorSyncCode.limit });
    const once = propose({ old: "a", new: "b", every: false });
    await expect(once).rejects.toMatchObject({ data: { value: 3_000 } });
  });

  it("is judged by itself for a text a person has open by a grant", async () => {
    const { grant } = await import("../../../bus/contracts/file-guard.ts");
    rmSync(place.path("second.txt"));
    const person = await place.peer();
    await person.request(grant, { path: ".env" });
    const one = await view(".env");
    const agent = await place.peer("agent");
    const { document } = one.facts;
    for (const input of [{ path: ".env" }, { document }]) {
      const opened = PageView.open(agent, { ...input, client: "agent" });
      await expect(opened).rejects.toMatchObject({ code: "file-guard/denied" });
      const read = agent.open(contract.version, { ...input, side: "text" });
      await expect(read).rejects.toMatchObject({ code: "file-guard/denied" });
    }
    for (const call of [
      agent.request(contract.hash, { document }),
      agent.request(contract.compare, { document, old: { other: "SECRET" } }),
    ])
      await expect(call).rejects.toMatchObject({ code: "file-guard/denied" });
    expect((await person.request(contract.list, {})).documents).toHaveLength(1);
    expect((await agent.request(contract.list, {})).documents).toEqual([]);
  });
});

describe("a save", () => {
  it("of a file with two names is refused, and nothing is split", async () => {
    place.write("two.txt", "a\n");
    linkSync(place.path("two.txt"), place.path("names.txt"));
    const one = await view("two.txt");
    one.edit(0, 0, "x");
    await one.acknowledged();
    await expect(save(one.facts.document)).rejects.toMatchObject({
      code: expect.stringMatching(/file-guard\/(hard-linked|denied)/),
    });
    expect(place.read("two.txt")).toBe("a\n");
  });

  it("through a symlink writes what that stands for, and the link stays", async () => {
    place.write("real.txt", "a\n");
    symlinkSync("real.txt", place.path("link.txt"));
    const one = await view("link.txt");
    expect(one.state.path).toBe(place.path("real.txt"));
    one.edit(0, 0, "x");
    await one.acknowledged();
    await save(one.facts.document);
    expect(lstatSync(place.path("link.txt")).isSymbolicLink()).toBe(true);
    expect(place.read("real.txt")).toBe("xa\n");
  });

  it("waits for the edits it is asked to wait for", async () => {
    place.write("wait.txt", "");
    const peer = await place.peer();
    const one = await PageView.open(peer, { path: "wait.txt", client: "waiter" });
    const { document } = one.facts;
    const saved = (await place.peer()).request(contract.save, {
      document,
      upTo: { client: "waiter", seq: 2 },
      mayCreate: false,
    });
    one.edit(0, 0, "a");
    one.edit(1, 1, "b");
    await saved;
    expect(place.read("wait.txt")).toBe("ab");
  });

  it("says which line no UTF-8 can hold", async () => {
    place.write("half.txt", "a\nb\n");
    const one = await view("half.txt");
    one.edit(2, 2, "\ud800");
    await one.acknowledged();
    await expect(save(one.facts.document)).rejects.toMatchObject({
      code: EditorSyncCode.notEncodable,
      data: { line: 2 },
    });
    expect(place.read("half.txt")).toBe("a\nb\n");
  });

  it("does not take a touched file, or one written with the same bytes, for changed", async () => {
    place.write("touch.txt", "a\n");
    const one = await view("touch.txt");
    one.edit(0, 0, "x");
    await one.acknowledged();
    utimesSync(place.path("touch.txt"), 1, 1);
    await save(one.facts.document);
    writeFileSync(place.path("touch.txt"), "xa\n");
    expect(await rescan()).toEqual({ changed: 0 });
    expect(one.lines.filter((line) => "merged" in line)).toEqual([]);
  });
});

describe("a document", () => {
  it("is back to what the disk has after a discard, which one can undo", async () => {
    place.write("discard.txt", "a\nb\n");
    const one = await view("discard.txt");
    one.edit(0, 4, "something else");
    await one.acknowledged();
    const { document } = one.facts;
    await (await place.peer()).request(contract.discard, { document, client: one.client });
    await one.until(() => one.text === "a\nb\n", "discarded");
    const told = one.lines.findLast((line) => "changes" in line) as { changes: object[] };
    expect(told.changes).toMatchObject([{ origin: "discard", by: one.client }]);
    await one.until(() => !one.state.isDirty, "clean");
  });

  it("leaves no journal when it is clean and closed, and none of a closed file", async () => {
    place.write("clean.txt", "a\n");
    const one = await view("clean.txt");
    expect(existsSync(join(place.journals, `${one.facts.document}.journal`))).toBe(true);
    const mode = statSync(join(place.journals, `${one.facts.document}.journal`)).mode;
    expect(mode & 0o777).toBe(0o600);
    await expect(view(".env")).rejects.toMatchObject({ code: "file-guard/denied" });
    expect(readdirSync(place.journals)).toHaveLength(1);
  });

  it("that moved is found by a client that knows only where it was", async () => {
    place.write("was.txt", "a\n");
    const one = await view("was.txt");
    one.edit(0, 0, "x");
    await one.acknowledged();
    renameSync(place.path("was.txt"), place.path("is.txt"));
    await rescan();
    place.write("was.txt", "another file\n");
    const known = { document: one.facts.document, version: 1 };
    const wish = { path: "was.txt", client: "again", known };
    const stream = await (await place.peer()).open(contract.attach, wish);
    expect(stream.accepted.isResumed).toBe(true);
    expect(stream.accepted.facts.document).toBe(one.facts.document);
    expect(stream.accepted.facts.state.path).toBe(place.path("is.txt"));
  });

  it("is written down no more when it gets a name that a rule closes", async () => {
    const { grant } = await import("../../../bus/contracts/file-guard.ts");
    rmSync(place.path("second.txt"));
    await (await place.peer()).request(grant, { path: ".env" });
    place.write("notes.txt", "KEY=1\n");
    const one = await view("notes.txt");
    one.edit(0, 0, "x");
    await one.acknowledged();
    expect(readdirSync(place.journals)).toHaveLength(1);
    renameSync(place.path("notes.txt"), place.path(".env"));
    await rescan();
    await one.until(() => one.state.path === place.path(".env"), "moved");
    expect(readdirSync(place.journals)).toEqual([]);
    expect(one.state).toMatchObject({ journal: "none", isDirty: true });
    one.edit(0, 0, "y");
    await one.acknowledged();
    expect(readdirSync(place.journals)).toEqual([]);
    await save(one.facts.document);
    expect(place.read(".env")).toBe("yxKEY=1\n");
  });

  it("that was too large is not kept for one who only asked", async () => {
    place.write("large.txt", "");
    truncateSync(place.path("large.txt"), EDIT_BYTES_MAX + 1);
    const edit = { kind: "text" as const, text: "b\n" };
    const propose = async () =>
      (await place.peer("agent")).request(contract.propose, { path: "large.txt", edit, note: "" });
    await expect(propose()).rejects.toMatchObject({ code: EditorSyncCode.readOnly });
    place.write("large.txt", "a\n");
    expect((await propose()).proposals).toHaveLength(1);
  });

  it("whose client speaks nonsense ends that view alone", async () => {
    place.write("nonsense.txt", "a\n");
    const good = await view("nonsense.txt");
    const peer = await place.peer();
    for (const words of ["no json\n", '{"push": 1}\n', '{"seq": -1}\n']) {
      const stream = await peer.open(contract.attach, { path: "nonsense.txt", client: "bad" });
      await stream.write(new TextEncoder().encode(words));
      await expect(stream.done).rejects.toMatchObject({ code: "bus/invalid" });
    }
    expect(LINE_BYTES_MAX).toBeGreaterThan(0);
    good.edit(0, 0, "still ");
    await good.acknowledged();
    expect(good.text).toBe("still a\n");
  });

  it("tells which lines differ from the disk, and from any text", async () => {
    place.write("lines.txt", "a\nb\nc\n");
    const one = await view("lines.txt");
    one.edit(2, 3, "B\nmore");
    await one.acknowledged();
    const peer = await place.peer();
    const { document } = one.facts;
    const saved = await peer.request(contract.compare, { document, old: "saved" });
    expect(saved).toMatchObject({ hunks: [[1, 2, 1, 3]], isExact: true });
    const old = { other: "a\nb\n" };
    const other = await peer.request(contract.compare, { document, old });
    expect(other.hunks).toEqual([[1, 2, 1, 4]]);
  });
});

describe("the disk", () => {
  it("is in the text after a look, whatever hints were lost, doubled or came in any order", async () => {
    place.write("hints.txt", "1\n2\n3\n4\n");
    const one = await view("hints.txt");
    const step = fc.oneof(
      fc.record({
        do: fc.constant("write" as const),
        line: fc.nat({ max: 3 }),
        with: fc.nat({ max: 9 }),
      }),
      fc.record({ do: fc.constant("delete" as const) }),
      fc.record({ do: fc.constant("replace" as const), with: fc.nat({ max: 9 }) }),
      fc.record({ do: fc.constant("look" as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
        for (const one of steps) {
          if (one.do === "look") await rescan();
          else happens(place.path("hints.txt"), one);
        }
        writeFileSync(place.path("hints.txt"), "the end\n");
        await rescan();
        await one.until(() => one.text === "the end\n", "the end");
        expect(one.state).toMatchObject({ isDirty: false });
        await one.until(() => one.state.disk === "same", "same");
      }),
      { numRuns: 12 },
    );
  });

  it("never wins over edits, nor they over it, whatever happens between looks and saves", async () => {
    const base = ["a", "b", "c", "d", "e", "f", "g", "h"];
    const ours = fc.tuple(fc.constantFrom(0, 2), fc.boolean());
    const theirs = fc.tuple(fc.constantFrom(4, 6), fc.boolean());
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(ours, theirs), { minLength: 1, maxLength: 3 }),
        async (rounds) => {
          const name = `race-${++count}.txt`;
          place.write(name, `${base.join("\n")}\n`);
          const one = await view(name);
          const expected = [...base];
          let round = 0;
          for (const [[mine, saves], [other, looks]] of rounds) {
            round++;
            expected[mine] = `mine${round}`;
            const lines = one.text.split("\n");
            const from = lines.slice(0, mine).reduce((sum, line) => sum + line.length + 1, 0);
            one.edit(from, from + (lines[mine]?.length ?? 0), `mine${round}`);
            await one.acknowledged();
            const onDisk = place.read(name).split("\n").with(other, `theirs${round}`);
            expected[other] = `theirs${round}`;
            writeFileSync(place.path(name), onDisk.join("\n"));
            if (looks) await rescan();
            if (saves)
              await save(one.facts.document).catch((error: { code: string }) => {
                expect(error.code).toBe(EditorSyncCode.changed);
              });
          }
          await save(one.facts.document).catch(() => save(one.facts.document));
          expect(place.read(name)).toBe(`${expected.join("\n")}\n`);
          await one.until(() => one.text === place.read(name), "the same here");
        },
      ),
      { numRuns: 12 },
    );
  });
});

type Happening =
  | { do: "write"; line: number; with: number }
  | { do: "delete" }
  | { do: "replace"; with: number };

function happens(path: string, what: Happening): void {
  if (what.do === "delete") rmSync(path, { force: true });
  else if (what.do === "write") {
    const lines = ["1", "2", "3", "4"].with(what.line, `w${what.with}`);
    writeFileSync(path, `${lines.join("\n")}\n`);
  } else {
    writeFileSync(`${path}.new`, `r${what.with}\n2\n`);
    renameSync(`${path}.new`, path);
  }
}
