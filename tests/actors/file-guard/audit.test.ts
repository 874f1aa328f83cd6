/** The audit log over the bus, written by the real addon and verified by the hub's own reader. */
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadNativeGuard } from "../../../actors/file-guard/native.ts";
import * as contract from "../../../bus/contracts/file-guard.ts";
import { verifyAudit } from "../../../bus/node/audit/verify.ts";
import type { Peer } from "../../../bus/peer.ts";
import { ADDON, openGuard, type RealGuard } from "./real-guard.ts";

let guard: RealGuard;
let person: Peer;
let agent: Peer;
beforeEach(async () => {
  guard = await openGuard();
  person = await guard.peer();
  agent = await guard.peer("agent");
});
afterEach(() => guard.close());

const folder = (): string => join(guard.state, "audit");
const logFile = (): string => {
  const names = readdirSync(folder()).filter((name) => name.endsWith(".jsonl"));
  return join(folder(), names.sort().at(-1) ?? "");
};
const lines = (): Array<Record<string, unknown>> =>
  readFileSync(logFile(), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));
const page = (input: Partial<{ before: number; limit: number; principal: string }> = {}) =>
  person.request(contract.audit, { limit: 100, ...input });
const read = (peer: Peer, path: string) =>
  peer.request(contract.read, { path, offset: 0, length: 100 });

describe("what is recorded", () => {
  it("holds an operation of the agent before and after it is done", async () => {
    await read(agent, "open.txt");
    const [intent, outcome] = lines();
    const common = { actor: "ui/2", principal: "agent", op: "read" };
    const path = join(guard.workspace, "open.txt");
    expect(intent).toMatchObject({ n: 1, kind: "intent", ...common, path, prev: "" });
    expect(outcome).toMatchObject({ n: 2, kind: "outcome", of: 1, ...common, path });
    expect(outcome).toMatchObject({ decision: "allowed", rule: "", prev: intent?.["hash"] });
  });

  it("names rule and real path of a denial, also through a symlink", async () => {
    await expect(read(agent, ".env")).rejects.toMatchObject({ code: "file-guard/denied" });
    const mcp = await guard.peer("mcp:files");
    await expect(read(mcp, "second.txt")).rejects.toMatchObject({ code: "file-guard/denied" });
    const { entries } = await page();
    expect(entries.map(({ principal, decision, rule }) => [principal, decision, rule])).toEqual([
      ["mcp:files", "denied", "built-in/hard-link"],
      ["agent", "denied", "built-in/dotenv"],
    ]);
    expect(entries[1]?.path).toBe(join(guard.workspace, ".env"));
  });

  it("holds every kind of operation, and no contents", async () => {
    const bytes = new TextEncoder().encode("tres3cret words");
    await agent.request(contract.stat, { path: "open.txt" });
    await agent.request(contract.list, { path: "" });
    await agent.request(contract.save, { path: "open.txt", bytes, mayCreate: false });
    await agent.request(contract.createFile, { path: "a" });
    await agent.request(contract.createFolder, { path: "b" });
    await agent.request(contract.rename, { from: "a", to: "c" });
    const { id } = await agent.request(contract.trash, { path: "c" });
    await agent.request(contract.restore, { id });
    await agent.request(contract.check, { path: "open.txt", op: "read" });
    const content = await agent.open(contract.content, { path: "open.txt" });
    content.end();
    for await (const _ of content);
    const find = await agent.open(contract.find, { path: "", options: ANY });
    find.end();
    for await (const _ of find);
    const search = await agent.open(contract.search, SEARCH);
    search.end();
    for await (const _ of search);
    const watch = await agent.open(contract.watch, { path: "" });
    watch.end();
    const { entries } = await page();
    expect(entries.map(({ op }) => op).reverse()).toEqual([
      ...["stat", "list", "save", "create-file", "create-folder", "rename", "trash", "restore"],
      ...["check", "read", "find", "search", "watch"],
    ]);
    expect(entries.every(({ decision }) => decision === "allowed")).toBe(true);
    const rename = entries.find(({ op }) => op === "rename");
    expect([rename?.path, rename?.to]).toEqual([
      join(guard.workspace, "a"),
      join(guard.workspace, "c"),
    ]);
    expect(readFileSync(logFile(), "utf8")).not.toContain("tres3cret");
  });

  it("holds a grant of the person, and nothing else the person does", async () => {
    await read(person, "open.txt");
    await person.request(contract.grant, { path: ".env" });
    await read(person, ".env");
    expect((await page()).entries).toMatchObject([
      {
        op: "grant",
        principal: "person",
        decision: "allowed",
        path: join(guard.workspace, ".env"),
      },
    ]);
  });

  it("is open to nobody but the user, and only the person can ask for it", async () => {
    await read(agent, "open.txt");
    expect(statSync(folder()).mode & 0o777).toBe(0o700);
    expect(statSync(logFile()).mode & 0o777).toBe(0o600);
    for (const principal of ["agent", "mcp:files"] as const) {
      const peer = await guard.peer(principal);
      await expect(peer.request(contract.audit, { limit: 1 })).rejects.toMatchObject({
        code: "file-guard/invalid",
      });
      await expect(read(peer, logFile())).rejects.toMatchObject({ code: "file-guard/denied" });
    }
    await expect(read(person, logFile())).rejects.toMatchObject({ code: "file-guard/denied" });
  });
});

describe("commands", () => {
  const asked = { principal: "agent", stage: "intent", command: "make all", cwd: "/ws" } as const;
  const more = { says: "", op: "program-read", rule: "" } as const;

  it("are recorded for the runner, from start to end", async () => {
    const runner = await guard.actor("runner", ["file-guard.audit-command"]);
    const { number } = await runner.request(contract.auditCommand, { ...asked, ...more });
    const end = { ...asked, ...more, stage: "outcome", of: number, says: "exit code 2" } as const;
    await runner.request(contract.auditCommand, end);
    const refused = {
      ...asked,
      ...more,
      stage: "refused",
      cwd: "/ws/.env",
      rule: "built-in/dotenv",
    };
    await runner.request(contract.auditCommand, { ...refused, stage: "refused" });
    expect((await page()).entries).toMatchObject([
      { op: "program-read", decision: "denied", path: "/ws/.env", command: "make all" },
      { op: "command", says: "exit code 2", command: "make all", path: "/ws" },
      { op: "command", says: "started", actor: "runner", principal: "agent" },
    ]);
  });

  it("are taken from nobody else, and for programs only", async () => {
    const model = await guard.actor("model", ["file-guard.>"]);
    for (const peer of [person, agent, model]) {
      await expect(
        peer.request(contract.auditCommand, { ...asked, ...more }),
      ).rejects.toMatchObject({ code: "bus/denied" });
    }
    const runner = await guard.actor("runner", ["file-guard.audit-command"]);
    await expect(
      runner.request(contract.auditCommand, { ...asked, ...more, principal: "person" }),
    ).rejects.toMatchObject({ code: "bus/invalid" });
  });
});

describe("the head", () => {
  it("is told when the log has grown, and fits it", async () => {
    const heads: contract.AuditHead[] = [];
    person.subscribe(contract.auditHead, (head) => void heads.push(head));
    await read(agent, "open.txt");
    await expect.poll(() => heads.at(-1)?.count).toBe(2);
    const head = heads.at(-1) ?? { count: 0, hash: "" };
    expect(head).toMatchObject({ hash: lines()[1]?.["hash"], problem: "" });
    expect(await verifyAudit(folder(), head)).toMatchObject({ isWhole: true, records: 2 });
  });
});

describe("pages", () => {
  it("go from the newest to the oldest, without repeating or leaving out one", async () => {
    for (let index = 0; index < 12; index += 1) {
      await agent
        .request(contract.stat, { path: index % 3 === 0 ? ".env" : "open.txt" })
        .catch(() => 0);
    }
    const seen: number[] = [];
    for (let before: number | undefined; ; ) {
      const { entries, next } = await page({
        limit: 5,
        ...(before === undefined ? {} : { before }),
      });
      seen.push(...entries.map(({ number }) => number));
      if (next === null) break;
      before = next;
    }
    expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => 24 - 2 * index));
    const denied = await person.request(contract.audit, { limit: 100, decision: "denied" });
    expect(denied.entries.map(({ number }) => number)).toEqual([20, 14, 8, 2]);
    expect((await page({ principal: "mcp:" })).entries).toEqual([]);
  });
});

describe("a log that cannot be written", () => {
  it("closes the guard to programs, not to the person, until it can", async () => {
    const heads: contract.AuditHead[] = [];
    person.subscribe(contract.auditHead, (head) => void heads.push(head));
    await read(agent, "open.txt");
    const file = logFile();
    const whole = readFileSync(file);
    // A folder in the file's place cannot be opened for writing, whoever one is.
    rmSync(file);
    mkdirSync(file);
    await expect(read(agent, "open.txt")).rejects.toMatchObject({ code: "file-guard/not-audited" });
    await expect(agent.open(contract.watch, { path: "" })).rejects.toMatchObject({
      code: "file-guard/not-audited",
    });
    await expect(agent.request(contract.createFile, { path: "not-made" })).rejects.toMatchObject({
      code: "file-guard/not-audited",
    });
    expect(readdirSync(guard.workspace)).not.toContain("not-made");
    expect(Buffer.from((await read(person, "open.txt")).bytes).toString()).toBe("plain words\n");
    await person.request(contract.grant, { path: ".env" });
    await expect.poll(() => heads.at(-1)?.problem).not.toBe("");
    rmdirSync(file);
    writeFileSync(file, whole, { mode: 0o600 });
    await read(agent, "open.txt");
    await expect.poll(() => heads.at(-1)?.problem).toBe("");
    expect(lines().some(({ kind, count }) => kind === "missed" && count === 1)).toBe(true);
    expect(await verifyAudit(folder(), heads.at(-1))).toMatchObject({ isWhole: true });
  });
});

describe("a second guard", () => {
  it("goes on with the same chain while the first one still writes", async () => {
    const second = loadNativeGuard(ADDON, guard.variables);
    const asker = { principal: "agent", actor: "model" };
    const path = new TextEncoder().encode("open.txt");
    const work: Promise<unknown>[] = [];
    for (let index = 0; index < 60; index += 1) {
      work.push(second.ask({ op: "stat" }, asker, { path }));
      work.push(agent.request(contract.stat, { path: "open.txt" }));
    }
    await Promise.all(work);
    expect(await verifyAudit(folder(), undefined)).toMatchObject({ isWhole: true, records: 240 });
  });
});

const ANY = { include: [], exclude: [], withIgnored: false, filesMax: 0 };
const SEARCH = {
  path: "",
  pattern: "plain",
  isRegex: false,
  wholeWords: false,
  matchesMax: 0,
  files: ANY,
};
