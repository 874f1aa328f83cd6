/** Programs of the agent and of servers in a whole instance: through the runner, behind walls, in the audit log. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as contract from "../../../bus/contracts/file-guard.ts";
import { auditVerify } from "../../../bus/contracts/hub.ts";
import * as runner from "../../../bus/contracts/runner.ts";
import {
  byHand,
  eventually,
  type HubUnderTest,
  QUICK,
  startHub,
} from "../../system/hub-harness.ts";
import { makeYard, SECRET, textOf, type Yard } from "./real-guard.ts";

const SCRIPT = resolve(import.meta.dirname, "../../../dist/node/file-guard.mjs");
const PATH = [dirname(process.execPath), process.env["PATH"]].join(delimiter);
const CALL = { timeoutMs: 40_000 };

let yard: Yard;
let hub: HubUnderTest;
beforeEach(async () => {
  yard = makeYard();
  const dir = join(yard.home, "..", "hub");
  mkdirSync(join(dir, "c"), { recursive: true });
  hub = await startHub({
    drill: {
      timings: QUICK,
      children: [{ name: "file-guard", script: SCRIPT, profile: "file-guard" }],
      only: ["file-guard", "runner"],
    },
    dir,
    env: { HOME: yard.home, BULKHEAD_WORKSPACE: yard.workspace },
  });
  await hub.until("file-guard", "ready");
});
afterEach(async () => {
  await hub.end();
  yard.remove();
});

interface Ended {
  readonly out: string;
  readonly errors: string;
}

interface Walls {
  readonly profile: "agent" | "mcp-server";
  readonly principal: string;
}
const AGENT: Walls = { profile: "agent", principal: "agent" };

function spawnIn(
  argv: readonly string[],
  walls: Walls,
  env: Readonly<Record<string, string>> = {},
) {
  const request = { argv: [...argv], cwd: yard.workspace, env: { PATH, ...env }, ...walls };
  return hub.peer.request(runner.spawn, request, CALL);
}

/** Runs a program to its end. */
async function run(argv: readonly string[], walls = AGENT): Promise<Ended> {
  const { program } = await spawnIn(argv, walls);
  const [stdout, stderr] = await Promise.all([
    hub.peer.open(runner.stdout, { program }),
    hub.peer.open(runner.stderr, { program }),
  ]);
  const [out, errors] = await Promise.all([textOf(stdout), textOf(stderr)]);
  return { out, errors };
}

/** Why programs are not started on this kernel; empty where they are. */
async function refusal(): Promise<string> {
  const { errors } = await run(["sh", "-c", "true"]);
  return errors.includes("this kernel lacks") ? errors : "";
}

test("a command works in the workspace, meets closed doors, and is in the audit log", async () => {
  if ((await refusal()) !== "") return;
  const script = [
    "cat open.txt; cat .env; cat second.txt; stat .env; ls -A; echo made > made.txt",
    "echo waiting > wait; while [ ! -e later ]; do sleep 0.05; done; cat sub/.env; cat sub/open",
  ].join("\n");
  const running = run(["sh", "-c", script]);
  await eventually("it waits", () => (existsSync(join(yard.workspace, "wait")) ? true : undefined));
  yard.write("sub/.env", SECRET);
  yard.write("sub/open", "also later\n");
  yard.write("later", "");
  const { out, errors } = await running;
  expect(out).toContain("plain words\n");
  expect(out).toContain("also later\n");
  expect(out + errors).not.toContain(SECRET);
  expect(out.split("\n")).not.toContain(".env");
  expect(errors).toContain("sub/.env");
  const entries = await eventually("its end is recorded", async () => {
    const page = await hub.peer.request(contract.audit, { limit: 10 });
    // The end of the program before may be recorded after this one's start.
    const own = page.entries.filter(({ command }) => command?.includes("sh -c cat open.txt"));
    return own[0]?.op === "command" && own.length > 1 ? own : undefined;
  });
  const refused = entries.filter(({ op }) => op !== "command");
  expect(refused.map(({ path }) => path.slice(yard.workspace.length + 1))).toEqual([
    "sub/.env",
    "second.txt",
    ".env",
  ]);
  expect(refused[0]).toMatchObject({
    op: "program-read",
    principal: "agent",
    actor: "runner",
    decision: "denied",
    rule: "built-in/dotenv",
  });
  expect(entries.filter(({ op }) => op === "command")).toMatchObject([
    { op: "command", principal: "agent", actor: "runner", says: "exit code 0" },
    { op: "command", principal: "agent", path: yard.workspace, says: "started" },
  ]);
  expect(await hub.peer.request(auditVerify, {}, CALL)).toMatchObject({ isWhole: true });
});

const PROGRAMS: ReadonlyArray<readonly [name: string, argv: readonly string[]]> = [
  ["bash", ["bash", "-c", "cat open.txt; grep -r tres3cret . ; cat .env"]],
  [
    "node",
    [
      "node",
      "-e",
      "const fs=require('fs');console.log(fs.readFileSync('open.txt','utf8'));try{console.log(fs.readFileSync('.env','utf8'))}catch(e){console.log(e.code)}",
    ],
  ],
  ["python3", ["python3", "-c", "print(open('open.txt').read()); print(open('.env').read())"]],
  ["git", ["git", "grep", "--no-index", "-e", "plain words", "-e", "tres3cret"]],
  ["make", ["make", "--file", "open.mk"]],
  ["rg", ["rg", "--hidden", "--no-ignore", "plain words|tres3cret", "."]],
];
test.for(PROGRAMS.filter(([name]) => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0))(
  "%s reads what is open and nothing that is closed",
  async ([, argv]) => {
    if ((await refusal()) !== "") return;
    writeFileSync(join(yard.workspace, "open.mk"), "all:\n\tcat open.txt; cat .env || true\n");
    const { out, errors } = await run(argv);
    expect(out).toContain("plain words");
    expect(out + errors).not.toContain("tres3cret");
  },
);

test("a server reads the workspace and writes nothing, whatever folder it names as its own", async () => {
  if ((await refusal()) !== "") return;
  const walls: Walls = { profile: "mcp-server", principal: "mcp:files" };
  const script = "cat open.txt; cat .env; cat ~/.ssh/id_ed25519; echo x > made; echo home=$HOME";
  const { out, errors } = await run(["sh", "-c", script], walls);
  expect(out).toContain("plain words\n");
  expect(out + errors).not.toContain(SECRET);
  expect(out).toContain(`home=${yard.home}`);
  expect(existsSync(join(yard.workspace, "made"))).toBe(false);
  const { program } = await spawnIn(["sh", "-c", "cat ~/.npmrc"], walls, { HOME: "/elsewhere" });
  const stdout = await hub.peer.open(runner.stdout, { program });
  expect(await textOf(stdout)).toBe("");
  const { entries } = await hub.peer.request(contract.audit, { limit: 10, principal: "mcp:" });
  expect(entries.at(-1)).toMatchObject({ op: "command", principal: "mcp:files" });
});

test("without a guard that records it nothing is started", async () => {
  await byHand(hub.peer, "file-guard", "park");
  await hub.until("file-guard", "parked");
  const made = join(yard.workspace, "made");
  await expect(spawnIn(["touch", made], AGENT)).rejects.toMatchObject({
    code: "runner/not-audited",
  });
  await expect(
    hub.peer.request(runner.spawn, { argv: ["/bin/touch", made], cwd: "/", env: {} }, CALL),
  ).rejects.toMatchObject({ code: "runner/not-confined" });
  expect(existsSync(made)).toBe(false);
});
