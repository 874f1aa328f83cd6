/** The command line against a whole instance: `bulkhead serve` as people start it, its hub, its actors, its shells. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { connectPeer } from "../../../bus/client.ts";
import * as editorSync from "../../../bus/contracts/editor-sync.ts";
import { processesList } from "../../../bus/contracts/hub.ts";
import { connectUnix, readToken } from "../../../bus/node/index.ts";
import { PageView } from "../../actors/editor-sync/page.ts";
import { eventually } from "../../system/hub-harness.ts";
import { outcomeOf } from "./instance.ts";

const BULKHEAD = resolve(import.meta.dirname, "../../../dist/bin/bulkhead");
const base = realpathSync(mkdtempSync(join(tmpdir(), "bh-")));
const env = {
  PATH: process.env["PATH"] ?? "",
  HOME: base,
  SHELL: "/bin/sh",
  XDG_RUNTIME_DIR: join(base, "run"),
  XDG_STATE_HOME: join(base, "state"),
  XDG_CONFIG_HOME: join(base, "config"),
};
const runtimeDir = join(base, "r");
let serve: ChildProcess;
/** Rows from before the instance was ended: the keeper outlives it and must be ended by hand. */
let lastRows: readonly Row[] = [];
let first: { url: string; socket: string; pid: number };

function start(...argv: string[]): ChildProcess {
  return spawn(BULKHEAD, ["--runtime-dir", runtimeDir, ...argv], {
    cwd: base,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
}
const run = (...argv: string[]) => outcomeOf(start(...argv));

interface Row {
  readonly name: string;
  readonly state: string;
  readonly pid: number | null;
  readonly epoch: number;
  readonly restarts: number;
}

async function processes(): Promise<Row[]> {
  const { stdout } = await run("ps", "--json");
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}

/** Asks `ps` until a row is as wanted, at most 20 s. */
async function row(name: string, fits: (row: Row) => boolean): Promise<Row> {
  for (const end = Date.now() + 20_000; ; ) {
    const rows = await processes();
    const found = rows.find((one) => one.name === name);
    if (found !== undefined && fits(found)) return found;
    if (Date.now() > end) throw new Error(`${name} is not so within 20 s: ${JSON.stringify(rows)}`);
  }
}

beforeAll(async () => {
  serve = start("serve", "--json", ".");
  let stderr = "";
  serve.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr = (stderr + text).slice(-4000);
  });
  if (serve.stdout === null) throw new Error("no stdout");
  const lines = createInterface({ input: serve.stdout });
  const [line] = await Promise.race([
    once(lines, "line"),
    once(serve, "exit").then(() => Promise.reject(new Error(`serve ended: ${stderr}`))),
  ]);
  first = JSON.parse(line);
});

afterAll(async () => {
  const rows = await processes().catch(() => []);
  await run("quit", "--all");
  if (serve.exitCode === null && serve.signalCode === null) {
    serve.kill("SIGKILL");
    await once(serve, "exit");
  }
  for (const { name, pid } of [...rows, ...lastRows]) {
    if (name === "keeper" && pid !== null && existsSync(`/proc/${pid}`)) process.kill(pid);
  }
  rmSync(base, { recursive: true, force: true });
});

describe("a running instance", () => {
  it("says first where it is", () => {
    expect(first.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\//);
    expect(first.socket).toBe(join(runtimeDir, "hub.sock"));
    expect(first.pid).toBe(serve.pid);
    expect(statSync(runtimeDir).mode & 0o777).toBe(0o700);
  });

  it("lists its processes with exactly the promised fields", async () => {
    const rows = await processes();
    const names = rows.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(["root", "hub", "terminal"]));
    for (const one of rows) {
      expect(Object.keys(one).sort()).toEqual(
        [
          ...["epoch", "kind", "mailbox", "name", "pid", "pssBytes"],
          ...["reason", "restarts", "rssBytes", "state", "uptimeMs"],
        ].sort(),
      );
    }
    expect(rows.find(({ name }) => name === "root")?.pid).toBe(first.pid);
  });

  it("hands over to itself: a second serve prints the same instance", async () => {
    const { code, stdout } = await run("serve", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ socket: first.socket, pid: first.pid });
  });

  it("answers calls, and denies what only the hub may ask of the root", async () => {
    const info = await run("call", "hub.info", "--json");
    expect(JSON.parse(info.stdout)).toMatchObject({ mode: "browser", runtimeDir });
    expect((await run("call", "root.quit", '{"all":true}')).code).toBe(3);
    expect((await run("call", "nobody.there")).code).toBe(1);
  });

  it("says of an actor that is not built that it is not", async () => {
    const { code, stderr } = await run("call", "mcp.list");
    expect([code, stderr]).toEqual([1, expect.stringContaining("bus/")]);
  });

  it("is an editor with --wait: it returns when the file's tab is closed, with what was saved in it", async () => {
    writeFileSync(join(base, "COMMIT_EDITMSG"), "\n# Please enter the message\n");
    const editor = start("open", "COMMIT_EDITMSG:1", "--wait");
    const ended = outcomeOf(editor);
    const token = await readToken(join(runtimeDir, "token"));
    const transport = await connectUnix(first.socket);
    const page = await connectPeer(transport, { hello: { name: "ui", pid: process.pid, token } });
    // Each question is asked over a link of its own: under way while the editor's process owes an answer.
    const questioner = (before = "") =>
      eventually("it asks", async () => {
        const { processes: rows } = await page.request(processesList, {});
        const owes = rows.some((one) => one.name === "editor-sync" && one.callsInFlight > 0);
        const asks = rows.find(({ name }) => name.startsWith("cli/") && name !== before)?.name;
        return owes ? asks : undefined;
      });
    const asksWhetherShown = await questioner();
    const view = await PageView.open(page, { path: "COMMIT_EDITMSG", client: "page" });
    await questioner(asksWhetherShown);
    view.edit(0, 0, "subject");
    await view.acknowledged();
    const { document } = view.facts;
    await page.request(editorSync.save, { document, mayCreate: false });
    view.close(true);
    expect(await ended).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(readFileSync(join(base, "COMMIT_EDITMSG"), "utf8")).toBe(
      "subject\n# Please enter the message\n",
    );
    page.close();
  });

  it("explains what the file guard decides, with 3 for what is closed", async () => {
    const open = await run("guard", "check", "notes.md", "--op", "write");
    expect([open.code, open.stdout]).toEqual([0, `Allowed: write ${join(base, "notes.md")}\n`]);
    const closed = await run("guard", "check", "deep/../.env");
    expect(closed.code).toBe(3);
    const [first] = closed.stdout.split("\n");
    expect(first).toBe(`Denied: read ${join(base, ".env")} - rule built-in/dotenv (built-in)`);
    const json = await run("guard", "check", ".env", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ isAllowed: false, op: "read" });
    expect((await run("guard", "check", "x", "--op", "eat")).code).toBe(2);
  });

  it("kills and restarts an actor at once, counted as asked", async () => {
    const before = await row("terminal", ({ state }) => state === "ready");
    expect((await run("actor", "kill", "terminal")).code).toBe(0);
    const after = await row(
      "terminal",
      ({ state, pid }) => state === "ready" && pid !== before.pid,
    );
    expect(after.epoch).toBeGreaterThan(before.epoch);
    expect(existsSync(`/proc/${before.pid}`)).toBe(false);
  });

  it("taps what passes, past frames too, as many as asked for", async () => {
    const { code, stdout } = await run("tap", "--past", "--count", "3", "--json");
    expect(code).toBe(0);
    const records = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(records).toHaveLength(3);
    expect(records[0]).toMatchObject({ kind: expect.any(String), source: expect.any(String) });
  });

  it("ends an endless tap with 0 on Ctrl+C, and when nobody reads on", async () => {
    for (const give of [
      (tap: ChildProcess) => tap.kill("SIGINT"),
      (tap: ChildProcess) => tap.stdout?.destroy(),
    ]) {
      const tap = start("tap", "--filter", "subject=hub.info");
      const ended = outcomeOf(tap);
      const seen = once(tap.stdout ?? tap, "data");
      // Frames from before the tap was there are not shown, so calls go on until one is.
      let waiting = true;
      const calls = (async () => {
        while (waiting) await run("call", "hub.info");
      })();
      await seen;
      give(tap);
      waiting = false;
      await calls;
      await run("call", "hub.info");
      expect((await ended).code).toBe(0);
    }
  });

  it("names what is wrong with a filter", async () => {
    const { code, stderr } = await run("tap", "--filter", "total > 50");
    expect(code).toBe(1);
    expect(stderr).toContain("unit");
  });

  it("gets a doctor's report that finds the instance", async () => {
    const { stdout } = await run("doctor", "--json");
    const checks: { name: string; level: string }[] = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    const level = (name: string) => checks.find((check) => check.name === name)?.level;
    expect([level("instance"), level("node"), level("programs")]).toEqual(["ok", "ok", "ok"]);
  });

  it("ends with quit, and nothing but keeper and shells is left", async () => {
    const rows = await processes();
    lastRows = rows;
    const outcome = await run("quit", "--json");
    expect([outcome.code, JSON.parse(outcome.stdout)]).toEqual([
      0,
      { ended: true, shellsEnded: false },
    ]);
    const ours = rows.filter(
      ({ name }) => !/^(keeper|shell)/.test(name) && !name.startsWith("cli/"),
    );
    expect(ours.filter(({ pid }) => pid !== null && existsSync(`/proc/${pid}`))).toEqual([]);
    expect((await run("ps")).code).toBe(4);
  });
});
