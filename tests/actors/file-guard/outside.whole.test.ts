/** Files outside the workspace: a second guard takes over while the first one serves, and no call is lost. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as contract from "../../../bus/contracts/file-guard.ts";
import { widen } from "../../../bus/contracts/hub.ts";
import type { Peer } from "../../../bus/peer.ts";
import { look } from "../../fixtures/actors/busy-agent.ts";
import {
  eventually,
  fixture,
  type HubUnderTest,
  isAlive,
  QUICK,
  startHub,
} from "../../system/hub-harness.ts";
import { makeYard, OPEN, SECRET, textOf, type Yard } from "./real-guard.ts";

const SCRIPT = resolve(import.meta.dirname, "../../../dist/node/file-guard.mjs");
const OUTSIDE = { code: "file-guard/denied", data: { rule: "built-in/outside-workspace" } };

let yard: Yard;
const hubs: HubUnderTest[] = [];
beforeEach(() => {
  yard = makeYard();
  writeFileSync(join(yard.home, "notes.txt"), "notes");
  writeFileSync(join(yard.home, "other.txt"), "other");
});
afterEach(async () => {
  for (const hub of hubs.splice(0)) await hub.end();
  yard.remove();
});

async function start(of: Yard = yard): Promise<HubUnderTest> {
  const dir = join(of.home, "..", "hub");
  mkdirSync(join(dir, "c"), { recursive: true });
  const hub = await startHub({
    drill: {
      timings: QUICK,
      children: [
        { name: "file-guard", script: SCRIPT, profile: "file-guard" },
        { name: "model", script: fixture("busy-agent"), startTimeoutMs: 40_000 },
      ],
    },
    dir,
    env: { HOME: of.home, BULKHEAD_WORKSPACE: of.workspace },
  });
  hubs.push(hub);
  await hub.until("file-guard", "ready");
  return hub;
}

const range = (path: string) => ({ path, offset: 0, length: 1000 });
const read = async (peer: Peer, path: string): Promise<string> =>
  Buffer.from((await peer.request(contract.read, range(path))).bytes).toString();

test("the person's file opens, is saved, and nothing else of its folder is open", async () => {
  const { peer, until, row } = await start();
  const notes = join(yard.home, "notes.txt");
  await expect(read(peer, notes)).rejects.toMatchObject(OUTSIDE);
  const before = await row("file-guard");
  expect(await peer.request(widen, { path: notes }, { timeoutMs: 40_000 })).toEqual({
    path: notes,
  });
  expect(await read(peer, notes)).toBe("notes");
  const bytes = new TextEncoder().encode("new");
  await peer.request(contract.save, { path: notes, bytes, mayCreate: false });
  expect(readFileSync(notes, "utf8")).toBe("new");
  await expect(read(peer, join(yard.home, "other.txt"))).rejects.toMatchObject(OUTSIDE);
  await expect(read(peer, join(yard.home, ".ssh/id_ed25519"))).rejects.toMatchObject({
    data: { rule: "built-in/ssh-keys" },
  });
  expect(await read(peer, "open.txt")).toBe(OPEN);
  const after = await until("file-guard", "ready");
  expect(after).toMatchObject({ epoch: 2, restarts: 1 });
  expect(after.pid).not.toBe(before.pid);
  await eventually("the first guard has ended", () =>
    isAlive(Number(before.pid)) ? undefined : true,
  );
  await until("model", "ready");
  const looked = await peer.request(look, { path: notes, times: 3 }, { timeoutMs: 20_000 });
  expect(looked).toEqual({ answered: 0, failed: 3 });
  await expect(
    peer.request(widen, { path: join(yard.home, ".ssh/id_ed25519") }),
  ).rejects.toMatchObject({ code: "hub/not-widened" });
  await expect(peer.request(widen, { path: yard.home })).rejects.toThrow("no regular file");
  await expect(peer.request(widen, { path: "/nonexistent" })).rejects.toThrow("ENOENT");
});

test("no call is lost in the switch, and grants, undo and streams go on", async () => {
  const { peer } = await start();
  const large = Buffer.alloc(8_000_000, "0123456789");
  yard.write("large.bin", large);
  await peer.request(contract.grant, { path: ".env" });
  const { id } = await peer.request(contract.trash, { path: "src/main.ts" });
  const stream = await peer.open(contract.content, { path: "large.bin" });
  let isOver = false;
  const asked: Promise<string>[] = [];
  const asking = (async () => {
    while (!isOver) {
      asked.push(read(peer, "open.txt"));
      await asked.at(-1);
    }
  })();
  const path = join(yard.home, "notes.txt");
  await peer.request(widen, { path }, { timeoutMs: 40_000 });
  isOver = true;
  await asking;
  expect(new Set(await Promise.all(asked))).toEqual(new Set([OPEN]));
  expect(asked.length).toBeGreaterThan(3);
  expect(await textOf(stream)).toBe(large.toString());
  await peer.request(contract.restore, { id });
  expect(existsSync(join(yard.workspace, "src/main.ts"))).toBe(true);
  // The other name of it is closed to everybody while it is there.
  const granted = await peer.request(contract.check, { path: ".env", op: "read" });
  expect(granted.isAllowed).toBe(true);
});

test("a guard that is killed comes back with the wider profile", async () => {
  const { peer, until } = await start();
  const notes = join(yard.home, "notes.txt");
  await peer.request(widen, { path: notes }, { timeoutMs: 40_000 });
  const { pid } = await until("file-guard", "ready", ({ epoch }) => epoch === 2);
  process.kill(Number(pid), "SIGKILL");
  await until("file-guard", "ready", ({ epoch }) => epoch === 3);
  expect(await read(peer, notes)).toBe("notes");
});

test("two instances guard two workspaces, each its own", async () => {
  const other = makeYard();
  try {
    const [one, two] = [await start(), await start(other)];
    other.write("open.txt", "of the other");
    expect(await read(one.peer, "open.txt")).toBe(OPEN);
    expect(await read(two.peer, "open.txt")).toBe("of the other");
    for (const [hub, of] of [
      [one, other],
      [two, yard],
    ] as const) {
      await expect(read(hub.peer, join(of.workspace, "open.txt"))).rejects.toMatchObject(OUTSIDE);
      await expect(read(hub.peer, join(of.workspace, ".env"))).rejects.toMatchObject({
        code: "file-guard/denied",
      });
    }
    await one.peer.request(contract.grant, { path: ".env" });
    await expect(read(two.peer, ".env")).rejects.toMatchObject({ code: "file-guard/denied" });
    expect(SECRET).not.toBe("");
  } finally {
    await hubs.pop()?.end();
    other.remove();
  }
});
