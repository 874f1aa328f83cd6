/** The audit log in a whole instance: kills leave it whole, cutting it is found, the command line says so. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as contract from "../../../bus/contracts/file-guard.ts";
import { auditVerify } from "../../../bus/contracts/hub.ts";
import { readAuditHead } from "../../../bus/node/hub/audit-head.ts";
import { look } from "../../fixtures/actors/busy-agent.ts";
import {
  eventually,
  fixture,
  type HubUnderTest,
  QUICK,
  startHub,
} from "../../system/hub-harness.ts";
import { makeYard, type Yard } from "./real-guard.ts";

const DIST = resolve(import.meta.dirname, "../../../dist/node");

/** The agent is held until its process is up, which a busy machine takes long for. */
const SLOW = { timeoutMs: 90_000 };
const TEST_MS = 150_000;

let yard: Yard;
let dir: string;
let hub: HubUnderTest;
beforeEach(async () => {
  yard = makeYard();
  dir = join(yard.home, "..", "hub");
  mkdirSync(join(dir, "c"), { recursive: true });
  hub = await startHub({
    drill: {
      timings: QUICK,
      children: [
        { name: "file-guard", script: join(DIST, "file-guard.mjs"), profile: "file-guard" },
        { name: "model", script: fixture("busy-agent"), startTimeoutMs: 40_000 },
      ],
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

const verify = () => hub.peer.request(auditVerify, {}, { timeoutMs: 20_000 });

/** Runs `bulkhead audit verify`. */
async function cli(...more: string[]): Promise<{ code: number; stdout: string }> {
  const argv = [join(DIST, "cli.mjs"), "audit", "verify", ...more];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  const chunks: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const [code] = await once(child, "close");
  return { code, stdout: Buffer.concat(chunks).toString() };
}

test("kills of the guard leave the log whole, and what was begun is closed", {
  timeout: TEST_MS,
}, async () => {
  const working = hub.peer.request(look, { path: "open.txt", times: 200 }, SLOW);
  for (const epoch of [2, 3, 4]) {
    const { pid } = await hub.until("file-guard", "ready", (row) => row.epoch === epoch - 1);
    await eventually("it works", async () => {
      const { head } = await hub.peer.request(contract.audit, { limit: 1 });
      return head.count > 10 * epoch ? true : undefined;
    });
    process.kill(Number(pid), "SIGKILL");
    await hub.until("file-guard", "ready", (row) => row.epoch === epoch);
  }
  const { answered } = await working;
  // A call that a kill has met may not have been begun; what was begun has its end.
  const entries = await eventually("all are closed", async () => {
    const { entries: page, head } = await hub.peer.request(contract.audit, { limit: 500 });
    return head.count === 2 * page.length ? page : undefined;
  });
  const allowed = entries.filter(({ decision }) => decision === "allowed").length;
  expect(allowed).toBeGreaterThanOrEqual(answered);
  expect(entries.every(({ principal }) => principal === "agent")).toBe(true);
  const { isWhole, records, wrong } = await verify();
  expect([isWhole, wrong]).toEqual([true, null]);
  expect(records).toBe(2 * entries.length);
});

test("the end of the log cannot be cut, since the hub has seen it", {
  timeout: TEST_MS,
}, async () => {
  await hub.peer.request(look, { path: ".env", times: 5 }, SLOW);
  await eventually("the hub keeps the head", () =>
    readAuditHead(hub.stateDir)?.count === 10 ? true : undefined,
  );
  const runtime = ["--runtime-dir", hub.runtimeDir];
  expect(await cli(...runtime)).toEqual({ code: 0, stdout: "Whole: 10 records, 1 to 10.\n" });
  const folder = join(hub.stateDir, "audit");
  const file = join(folder, readdirSync(folder).filter((name) => name.endsWith(".jsonl"))[0] ?? "");
  const log = readFileSync(file, "utf8");
  writeFileSync(file, log.split("\n").slice(0, 8).join("\n").concat("\n"));
  const json = await cli(...runtime, "--json");
  expect(json.code).toBe(1);
  expect(JSON.parse(json.stdout)).toMatchObject({ isWhole: false, wrong: { number: 9 } });
  const offline = await cli("--state-dir", hub.stateDir);
  expect(offline.code).toBe(1);
  expect(offline.stdout).toContain("Broken at record 9: the log ends with record 8");
  writeFileSync(file, log.replace("built-in/dotenv", "built-in/nothing"));
  const changed = await cli("--state-dir", hub.stateDir);
  expect(changed.stdout).toContain("Broken at record 2: record 2 was changed");
  writeFileSync(file, log);
  expect((await verify()).isWhole).toBe(true);
});
