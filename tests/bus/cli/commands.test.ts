/** The command line as a process against a real broker: what it prints and its exit codes. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ProcessRow } from "../../../bus/contracts/hub.ts";
import { hub, root } from "../../../bus/contracts/index.ts";
import { BusError } from "../../../bus/errors.ts";
import {
  bulkhead,
  outcomeOf,
  spawnBulkhead,
  startInstance,
  type TestInstance,
} from "./instance.ts";

let instance: TestInstance;
beforeEach(async () => {
  instance = await startInstance();
});
afterEach(() => instance.close());

const run = (...argv: string[]) => bulkhead(instance.runtimeDir, ...argv);

const row: ProcessRow = {
  name: "hub",
  kind: "hub",
  parent: "",
  state: "ready",
  pid: 12,
  epoch: 1,
  restarts: 0,
  reason: "",
  why: "",
  rssBytes: 70_000_000,
  pssBytes: 40_000_000,
  mailbox: 0,
  held: 0,
  uptimeMs: 61_000,
  cpuPercent: 0.1,
  lagMs: 1,
  retryAtMs: null,
  sinceMs: 0,
  callsInFlight: 0,
  sandbox: "trusted",
  acts: ["kill"],
};

describe("ps", () => {
  beforeEach(() => {
    const terminal = { ...row, name: "terminal", kind: "actor", parent: "hub", pid: 13 } as const;
    const processes = [row, { ...terminal, reason: "signal SIGKILL (asked)", restarts: 1 }];
    instance.hub.handle(hub.processesList, () => ({ processes }));
  });

  it("prints one object per process with exactly the promised fields", async () => {
    const { code, stdout, stderr } = await run("ps", "--json");
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] ?? "")).toEqual({
      name: "terminal",
      kind: "actor",
      state: "ready",
      pid: 13,
      epoch: 1,
      restarts: 1,
      reason: "signal SIGKILL (asked)",
      rssBytes: 70_000_000,
      pssBytes: 40_000_000,
      mailbox: 0,
      uptimeMs: 61_000,
    });
  });

  it("prints the tree for people", async () => {
    const { stdout } = await run("ps");
    expect(stdout.split("\n").slice(0, 3)).toEqual([
      "NAME        STATE  PID  MEMORY    UP  RESTARTS  WAITING  LAST END",
      "hub         ready   12   38 MB  61 s         0        0",
      "  terminal  ready   13   38 MB  61 s         1        0  signal SIGKILL (asked)",
    ]);
  });
});

describe("actor", () => {
  it("does the act and says what it did", async () => {
    const asked: unknown[] = [];
    instance.hub.handle(hub.act, (input) => {
      asked.push(input);
      return { sentence: "Killed terminal: 3 shells stay." };
    });
    expect(await run("actor", "kill", "terminal")).toEqual({
      code: 0,
      stdout: "Killed terminal: 3 shells stay.\n",
      stderr: "",
    });
    expect(asked).toEqual([{ act: "kill", name: "terminal", endShells: false }]);
  });

  it("fails with the reason when it is not offered, and names --end-shells for the keeper", async () => {
    instance.hub.handle(hub.act, ({ name }) => {
      if (name === "keeper") throw new BusError("hub/needs-end-shells", "2 shells would end");
      throw new BusError("hub/not-offered", "freeze is not offered for hub");
    });
    const freeze = await run("actor", "freeze", "hub");
    expect(freeze.code).toBe(1);
    expect(freeze.stderr).toBe("bulkhead: freeze is not offered for hub (hub/not-offered)\n");
    const keeper = await run("actor", "kill", "keeper");
    expect(keeper.code).toBe(1);
    expect(keeper.stderr).toContain("2 shells would end\nTo end every shell as well");
  });
});

describe("call", () => {
  it("prints the reply, in one line with --json", async () => {
    instance.hub.handle(hub.consequence, ({ name, act }) => ({
      offered: true,
      sentence: `${act} ${name}`,
      loses: [],
      shells: 0,
      callsFail: 0,
      callsWait: 0,
    }));
    const input = '{"name": "terminal", "act": "kill"}';
    const { code, stdout } = await run("call", "hub.processes.consequence", input, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ sentence: "kill terminal" });
    expect(stdout.trimEnd()).not.toContain("\n");
  });

  it("ends with 3 when the hub does not allow it", async () => {
    const { code, stderr } = await run("call", root.quit.subject, '{"all": false}');
    expect([code, stderr]).toEqual([3, expect.stringContaining("(bus/denied)")]);
  });

  it("ends with 124 when the deadline passes", async () => {
    instance.hub.handle(hub.recorderStats, () => new Promise(() => undefined));
    const { code, stderr } = await run("call", "hub.record.stats", "--timeout", "200");
    expect([code, stderr]).toEqual([124, expect.stringContaining("(bus/expired)")]);
  });

  it.each([
    ["nobody.there", "bus/no-such-actor"],
    ["hub.nothing", "bus/no-responder"],
  ])("ends with 1 for %s: %s", async (subject, code) => {
    const outcome = await run("call", subject);
    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain(code);
    expect(outcome.stdout).toBe("");
  });

  it("ends with 1 when the input does not fit, naming what is wrong", async () => {
    instance.hub.handle(hub.crashGet, () => {
      throw new Error("not reached");
    });
    const { code, stderr } = await run("call", "hub.crashes.get", '{"id": 7}');
    expect([code, stderr]).toEqual([1, expect.stringContaining("bus/invalid")]);
  });
});

describe("open and serve hand over", () => {
  it("show a file in the running instance and print where it is", async () => {
    const asked: unknown[] = [];
    instance.claimRoot(process.pid);
    instance.hub.handle(hub.open, (input) => {
      asked.push(input);
      return { windows: 1, url: "http://127.0.0.1:7/open/x" };
    });
    const file = join(instance.runtimeDir, "a.txt");
    writeFileSync(file, "");
    const { code, stdout } = await run("open", "a.txt:4:2", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      url: "http://127.0.0.1:7/open/x",
      socket: join(instance.runtimeDir, "hub.sock"),
      pid: process.pid,
    });
    const place = { path: file, line: 4, column: 2, newWindow: false };
    expect(asked).toEqual([{ ...place, env: expect.any(Object) }]);
    expect((await run("serve", ".")).stdout).toBe("http://127.0.0.1:7/open/x\n");
  });
});

describe("quit", () => {
  it("waits until the root is gone", async () => {
    const stand = spawn("sleep", ["60"]);
    const ended = once(stand, "exit");
    instance.claimRoot(stand.pid ?? 0);
    instance.hub.handle(hub.quit, () => {
      setTimeout(() => stand.kill(), 150);
      return {};
    });
    const { code, stdout } = await run("quit", "--all", "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({ ended: true, shellsEnded: true });
    await ended;
  });

  it("is content when the hub is gone before it has answered, as long as the root is, too", async () => {
    const stand = spawn("sleep", ["60"]);
    instance.claimRoot(stand.pid ?? 0);
    instance.hub.handle(hub.quit, () => {
      stand.kill();
      void instance.stopHub();
      return new Promise(() => undefined);
    });
    expect((await run("quit")).code).toBe(0);
  });
});

describe("without an instance", () => {
  it.each([["ps"], ["quit"], ["tap"], ["call hub.info"], ["actor kill hub"], ["serve"]])(
    "%s ends with 4 and says how to start one",
    async (line) => {
      const folder = mkdtempSync(join(tmpdir(), "bulkhead-none-"));
      const { code, stdout, stderr } = await bulkhead(folder, ...line.split(" "));
      rmSync(folder, { recursive: true });
      expect([code, stdout]).toEqual([4, ""]);
      expect(stderr).toBe(
        `bulkhead: nothing is running there: ${folder} (start it with: bulkhead open)\n`,
      );
    },
  );

  it("ends with 4 beside a stale socket of a dead root", async () => {
    instance.claimRoot(0x3fffffff);
    await instance.stopHub();
    expect((await run("ps")).code).toBe(4);
  });

  it("ends with 3 when the token is another one", async () => {
    writeFileSync(join(instance.runtimeDir, "token"), new Uint8Array(32));
    const { code, stderr } = await run("ps");
    expect([code, stderr]).toEqual([3, expect.stringContaining("(bus/unauthorized)")]);
  });
});

describe("words that do not fit", () => {
  it("end with 2 before anything is connected", async () => {
    const { code, stdout, stderr } = await run("ps", "--colour");
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toBe("bulkhead: unknown flag: --colour\nSee: bulkhead help\n");
  });

  it("of commands that come later end with 1", async () => {
    const { code, stderr } = await run("mcp", "list", "--all");
    expect([code, stderr]).toEqual([1, "bulkhead: mcp is not built yet\n"]);
  });
});

describe("Ctrl+C", () => {
  it("ends a call that is under way", async () => {
    const called = Promise.withResolvers<AbortSignal>();
    instance.hub.handle(hub.recorderStats, (_input, { signal }) => {
      called.resolve(signal);
      return new Promise(() => undefined);
    });
    const child = spawnBulkhead(instance.runtimeDir, "call", "hub.record.stats");
    const ended = outcomeOf(child);
    const signal = await called.promise;
    child.kill("SIGINT");
    expect((await ended).code).toBe(1);
    expect(signal.aborted).toBe(true);
  });
});

describe("audit verify", () => {
  const whole = { isWhole: true, records: 4, first: 1, last: 4, wrong: null, notes: ["a kill"] };

  it("says that the log is whole, with what is worth knowing", async () => {
    instance.hub.handle(hub.auditVerify, () => whole);
    const { code, stdout } = await run("audit", "verify");
    expect([code, stdout]).toEqual([0, "Whole: 4 records, 1 to 4.\nNote: a kill.\n"]);
  });

  it("exits with 1 and names the first record that is wrong", async () => {
    const wrong = { file: "/s/audit/a.jsonl", line: 3, number: 3, says: "record 3 was changed" };
    instance.hub.handle(hub.auditVerify, () => ({ ...whole, isWhole: false, wrong }));
    const { code, stdout } = await run("audit", "verify");
    expect(code).toBe(1);
    expect(stdout).toBe("Broken at record 3: record 3 was changed.\n/s/audit/a.jsonl, line 3\n");
    const json = await run("audit", "verify", "--json");
    expect(JSON.parse(json.stdout)).toMatchObject({ isWhole: false, wrong });
  });

  it("knows no other act", async () => {
    expect((await run("audit", "burn")).code).toBe(2);
  });
});
