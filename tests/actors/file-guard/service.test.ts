/** The contract of the file guard over the bus, on real files. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import * as contract from "../../../bus/contracts/file-guard.ts";
import type { Peer } from "../../../bus/peer.ts";
import { OPEN, openGuard, type RealGuard, SECRET, textOf } from "./real-guard.ts";

let guard: RealGuard;
let person: Peer;
beforeEach(async () => {
  guard = await openGuard();
  person = await guard.peer();
});
afterEach(() => guard.close());

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const ANY = { include: [], exclude: [], withIgnored: false, filesMax: 0 };

describe("reading", () => {
  it("says that it is built and its wall is up", async () => {
    expect(await person.request(contract.status, {})).toEqual({
      built: true,
      says: "the wall is up",
    });
  });

  it("reads ranges of a file and says what it is", async () => {
    const read = await person.request(contract.read, { path: "open.txt", offset: 6, length: 5 });
    expect(Buffer.from(read.bytes).toString()).toBe("words");
    expect(read.stat).toMatchObject({ kind: "file", size: OPEN.length, links: 1 });
    const whole = { path: join(guard.workspace, "open.txt"), offset: 0, length: 1000 };
    expect((await person.request(contract.read, whole)).stat).toEqual(read.stat);
  });

  it("streams a large file within the reader's credit", async () => {
    const large = Buffer.alloc(3_000_000, "0123456789");
    guard.write("large.bin", large);
    const stream = await person.open(contract.content, { path: "large.bin" });
    expect(stream.accepted.stat.size).toBe(large.length);
    expect(await textOf(stream)).toBe(large.toString());
  });

  it("lists a folder with closed names locked, and hides them from programs", async () => {
    const { entries, path } = await person.request(contract.list, { path: "" });
    expect(path).toBe(guard.workspace);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    expect([...byName.keys()].sort()).toEqual([".env", ".git", "open.txt", "second.txt", "src"]);
    expect(byName.get(".env")).toEqual({
      name: ".env",
      kind: "closed",
      denied: "built-in/dotenv",
      liftable: true,
    });
    expect(byName.get("second.txt")).toMatchObject({
      kind: "closed",
      denied: "built-in/hard-link",
    });
    expect(byName.get("src")).toMatchObject({ kind: "folder" });
    const agent = await guard.peer("agent");
    const shown = await agent.request(contract.list, { path: guard.workspace });
    expect(shown.entries.map(({ name }) => name).sort()).toEqual([".git", "open.txt", "src"]);
  });

  it("gives names that are no text as bytes, and takes them back", async () => {
    const raw = Uint8Array.from(Buffer.concat([Buffer.from("odd/"), Buffer.from([0xff, 0x61])]));
    guard.write("odd/plain", "");
    await person.request(contract.createFile, { path: raw });
    const { entries } = await person.request(contract.list, { path: "odd" });
    const odd = entries.find(({ name }) => name !== "plain");
    expect(odd?.raw).toEqual(raw.slice(4));
    expect(await person.request(contract.stat, { path: raw })).toMatchObject({ size: 0 });
  });
});

describe("changing", () => {
  it("saves a file, and refuses one that has changed meanwhile", async () => {
    const { stamp } = await person.request(contract.stat, { path: "open.txt" });
    const save = { path: "open.txt", bytes: bytes("new"), expect: stamp, mayCreate: false };
    const { stat } = await person.request(contract.save, save);
    expect(readFileSync(join(guard.workspace, "open.txt"), "utf8")).toBe("new");
    await expect(person.request(contract.save, save)).rejects.toMatchObject({
      code: "file-guard/changed",
    });
    await person.request(contract.save, { ...save, expect: stat.stamp });
  });

  it("makes, renames, removes and restores, never over something", async () => {
    await person.request(contract.createFolder, { path: "new" });
    await person.request(contract.createFile, { path: "new/a.txt" });
    await person.request(contract.rename, { from: "new/a.txt", to: "new/b.txt" });
    const taken = { code: "file-guard/exists" };
    const bytes = new TextEncoder().encode("whole\n");
    const made = await person.request(contract.createFile, { path: "new/whole.txt", bytes });
    expect(made.stat.size).toBe(6);
    expect(readFileSync(join(guard.workspace, "new/whole.txt"), "utf8")).toBe("whole\n");
    await expect(
      person.request(contract.createFile, { path: "new/whole.txt", bytes: new Uint8Array(0) }),
    ).rejects.toMatchObject(taken);
    await expect(person.request(contract.createFile, { path: "new/b.txt" })).rejects.toMatchObject(
      taken,
    );
    await expect(
      person.request(contract.rename, { from: "open.txt", to: "new/b.txt" }),
    ).rejects.toMatchObject(taken);
    const { id } = await person.request(contract.trash, { path: "new" });
    expect(existsSync(join(guard.workspace, "new"))).toBe(false);
    expect(existsSync(join(guard.home, ".local/share/Trash/files/new/b.txt"))).toBe(true);
    await person.request(contract.restore, { id });
    expect(statSync(join(guard.workspace, "new/b.txt")).isFile()).toBe(true);
  });

  it("tells of changes in a watched folder without naming closed files", async () => {
    const stream = await person.open(contract.watch, { path: "src" });
    const seen = (async () => {
      let text = "";
      for await (const chunk of stream) {
        text += Buffer.from(chunk).toString();
        if (text.includes("second.ts")) break;
      }
      return text;
    })();
    guard.write("src/.env", SECRET);
    guard.write("src/first.ts", "");
    guard.write("src/second.ts", "");
    const text = await seen;
    expect(text).toContain("first.ts");
    expect(text).not.toContain(".env");
  });

  it("has the person list again when a closed file comes, and tells a program nothing", async () => {
    const heard = async (peer: Peer, until: string) => {
      const stream = await peer.open(contract.watch, { path: "src" });
      const text = (async () => {
        let all = "";
        for await (const chunk of stream) {
          all += Buffer.from(chunk).toString();
          if (all.includes(until)) break;
        }
        return all;
      })();
      return () => text;
    };
    const ofPerson = await heard(person, '"isAnything":true');
    const ofAgent = await heard(await guard.peer("agent"), "later.ts");
    guard.write("src/.env", SECRET);
    const text = await ofPerson();
    expect(text).not.toContain(".env");
    guard.write("src/later.ts", "");
    expect(await ofAgent()).not.toContain('"isAnything":true');
  });
});

describe("finding", () => {
  it("names files but ignored and closed ones", async () => {
    guard.write(".gitignore", "made\n*.log\n!keep.log\n");
    guard.write("made/a.ts", "");
    guard.write("x.log", "");
    guard.write("keep.log", "");
    const stream = await person.open(contract.find, { path: "", options: ANY });
    const names = (await textOf(stream)).split("\0").filter(Boolean).sort();
    expect(names).toEqual([".gitignore", "keep.log", "open.txt", "src/main.ts"]);
    expect(await stream.done).toEqual({ files: 4, closed: 2, isCut: false });
    // A program is not told that there is anything.
    const told = await (await guard.peer("agent")).open(contract.find, { path: "", options: ANY });
    await textOf(told);
    expect(await told.done).toEqual({ files: 4, closed: 0, isCut: false });
    const only = { ...ANY, include: ["**/*.ts"], withIgnored: true };
    const all = await person.open(contract.find, { path: "", options: only });
    expect((await textOf(all)).split("\0").filter(Boolean)).toEqual(["made/a.ts", "src/main.ts"]);
  });

  it("finds lines in one file, ignored or not, and none in a closed one", async () => {
    guard.write(".gitignore", "*.log\n");
    guard.write("deep/big.log", "one\ntwo\nthree two\n");
    const question = {
      pattern: "two",
      isRegex: false,
      wholeWords: false,
      matchesMax: 0,
      files: ANY,
    };
    const stream = await person.open(contract.search, { path: "deep/big.log", ...question });
    const hits = (await textOf(stream)).split("\n").filter(Boolean);
    expect(hits.map((hit) => JSON.parse(hit).line)).toEqual([2, 3]);
    expect(await stream.done).toEqual({ files: 1, closed: 0, matches: 2, isCut: false });
    for (const path of [".env", "second.txt"]) {
      const refused = { code: "file-guard/denied" };
      await expect(person.open(contract.search, { path, ...question })).rejects.toMatchObject(
        refused,
      );
    }
  });

  it("finds lines with the places in them", async () => {
    const question = { path: "", pattern: "plain \\w+", isRegex: true, wholeWords: false };
    const stream = await person.open(contract.search, { ...question, matchesMax: 0, files: ANY });
    const hits = (await textOf(stream))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(hits).toEqual([
      { file: "open.txt", line: 1, text: "plain words", ranges: [[0, 11]] },
      { file: "src/main.ts", line: 1, text: 'const word = "plain words";', ranges: [[14, 25]] },
    ]);
    expect(await stream.done).toEqual({ files: 2, closed: 2, matches: 2, isCut: false });
  });

  it("names what is wrong with a pattern", async () => {
    const question = { path: "", pattern: "(", isRegex: true, wholeWords: false };
    await expect(
      person.open(contract.search, { ...question, matchesMax: 0, files: ANY }),
    ).rejects.toMatchObject({ code: "file-guard/invalid", message: /pattern: .*unclosed group/s });
  });
});

describe("rules", () => {
  it("explains a denial with rule, path, actor and principal", async () => {
    const agent = await guard.peer("agent");
    const check = await agent.request(contract.check, { path: ".env", op: "read" });
    expect(check.isAllowed).toBe(false);
    expect(check.denial).toMatchObject({
      rule: "built-in/dotenv",
      source: "built-in",
      level: "guarded",
      liftable: false,
      path: join(guard.workspace, ".env"),
      op: "read",
      principal: "agent",
    });
    expect(check.denial?.actor).toMatch(/^ui\/\d+$/);
    expect(await agent.request(contract.check, { path: "open.txt", op: "write" })).toMatchObject({
      isAllowed: true,
      denial: null,
    });
  });

  it("opens a guarded file to the person alone, and to nobody a fixed one", async () => {
    const agent = await guard.peer("agent");
    const read = { path: ".env", offset: 0, length: 100 };
    await expect(agent.request(contract.grant, { path: ".env" })).rejects.toMatchObject({
      code: "file-guard/invalid",
    });
    const { untilMs } = await person.request(contract.grant, { path: ".env" });
    expect(untilMs).toBeGreaterThan(Date.now());
    expect(Buffer.from((await person.request(contract.read, read)).bytes).toString()).toBe(SECRET);
    await expect(agent.request(contract.read, read)).rejects.toMatchObject({
      code: "file-guard/denied",
    });
    await expect(
      person.request(contract.grant, { path: join(guard.home, ".ssh/id_ed25519") }),
    ).rejects.toMatchObject({ code: "file-guard/invalid" });
  });
});
