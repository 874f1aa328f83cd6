/** The file-guard actor as a process of its own, under its profile, supervised by a real hub. */
import { linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as contract from "../../../bus/contracts/file-guard.ts";
import { eventually, type HubUnderTest, QUICK, startHub } from "../../system/hub-harness.ts";
import { makeYard, OPEN, SECRET, textOf, type Yard } from "./real-guard.ts";

const SCRIPT = resolve(import.meta.dirname, "../../../dist/node/file-guard.mjs");
const DENIED = { code: "file-guard/denied" };

let yard: Yard;
let dir: string;
let hub: HubUnderTest | undefined;
beforeEach(() => {
  yard = makeYard();
  dir = join(yard.home, "..", "hub");
  mkdirSync(join(dir, "c"), { recursive: true });
});
afterEach(async () => {
  await hub?.end();
  hub = undefined;
  yard.remove();
});

async function start(): Promise<HubUnderTest> {
  const child = { name: "file-guard", script: SCRIPT, profile: "file-guard" };
  hub = await startHub({
    drill: { timings: QUICK, children: [child] },
    dir,
    env: { HOME: yard.home, BULKHEAD_WORKSPACE: yard.workspace },
  });
  return hub;
}

const range = (path: string) => ({ path, offset: 0, length: 1000 });

async function read({ peer }: HubUnderTest, path: string): Promise<string> {
  return Buffer.from((await peer.request(contract.read, range(path))).bytes).toString();
}

test("under its profile it opens what is open and nothing that is closed", async () => {
  linkSync(join(yard.home, ".ssh/id_ed25519"), join(yard.workspace, "todo.txt"));
  symlinkSync("../.npmrc", join(yard.workspace, "notes.txt"));
  const under = await start();
  const { peer } = under;
  await under.until("file-guard", "ready");
  expect((await peer.request(contract.status, {})).built).toBe(true);
  expect(await read(under, "open.txt")).toBe(OPEN);
  for (const path of [".env", "second.txt", "todo.txt", "notes.txt", "../.ssh/id_ed25519"]) {
    await expect(peer.request(contract.read, range(path))).rejects.toMatchObject(DENIED);
  }
  const bytes = new TextEncoder().encode("saved");
  await peer.request(contract.save, { path: "open.txt", bytes, mayCreate: false });
  expect(await read(under, "open.txt")).toBe("saved");
  const { id } = await peer.request(contract.trash, { path: "open.txt" });
  await peer.request(contract.restore, { id });
  expect(await read(under, "open.txt")).toBe("saved");
  const stream = await peer.open(contract.content, { path: "src/main.ts" });
  expect(await textOf(stream)).toContain("plain words");
});

test("killed, it comes back without the grants it had given", async () => {
  const under = await start();
  const { pid } = await under.until("file-guard", "ready");
  await under.peer.request(contract.grant, { path: ".env" });
  rmSync(join(yard.workspace, "second.txt"));
  expect(await read(under, ".env")).toBe(SECRET);
  process.kill(Number(pid), "SIGKILL");
  await under.until("file-guard", "ready", (row) => row.epoch === 2);
  await expect(under.peer.request(contract.read, range(".env"))).rejects.toMatchObject(DENIED);
  expect(await read(under, "open.txt")).toBe(OPEN);
});

test("a policy that cannot be used keeps it down and names file, line and key", async () => {
  writeFileSync(join(dir, "c", "policy.json"), '{"rules": [\n{"id": "a", "deny": ["**/x"]}]}');
  const under = await start();
  const { reason } = await under.until("file-guard", "parked");
  expect(reason).toContain("policy.json:2");
  expect(reason).toContain("deny: pattern");
});

test("a policy that changes holds soon, and a broken one changes nothing", async () => {
  const file = join(dir, "c", "policy.json");
  const rule = '{"rules": [{"id": "mine", "deny": ["open.txt"]}]}';
  const under = await start();
  await under.until("file-guard", "ready");
  expect(await read(under, "open.txt")).toBe(OPEN);
  writeFileSync(file, rule);
  const check = async () =>
    (await under.peer.request(contract.check, { path: "open.txt", op: "read" })).denial?.rule;
  await eventually("the new rule holds", async () =>
    (await check()) === "user/mine" ? true : undefined,
  );
  writeFileSync(file, `${rule} `.replace("deny", "allow"));
  await eventually("the broken policy is told", async () => {
    const { says } = await under.peer.request(contract.status, {});
    return says.includes("unknown field `allow`") ? true : undefined;
  });
  expect(await check()).toBe("user/mine");
});
