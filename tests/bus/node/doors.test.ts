/** The door for late attachers on a real socket: whoever knocks, it stays open for the others. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Broker, createBroker } from "../../../bus/broker/index.ts";
import { connectPeer } from "../../../bus/client.ts";
import { EDGE_PEERS_OTHER_MAX, UNGREETED_MAX } from "../../../bus/limits.ts";
import { memoryLink } from "../../../bus/memory.ts";
import { listen } from "../../../bus/node/hub/doors.ts";
import type { HubOptions } from "../../../bus/node/hub/options.ts";
import { connectUnix, type UnixServer } from "../../../bus/node/index.ts";

const token = new Uint8Array(32).fill(7);
let dir: string;
let broker: Broker;
let door: UnixServer;
let lines: string[];
const sockets: Socket[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), "bh-"));
  writeFileSync(join(dir, "token"), token, { mode: 0o600 });
  broker = createBroker({ hubEpoch: 1 });
  lines = [];
  const options: HubOptions = {
    runtimeDir: dir,
    stateDir: dir,
    configDir: dir,
    workspace: dir,
    home: dir,
    node: process.execPath,
    rootPid: process.pid,
    childEnv: {},
    mode: "window",
    version: "1",
    hubEpoch: 1,
    drill: undefined,
  };
  const log = { write: (_source: string, line: string) => void lines.push(line), close: () => {} };
  door = await listen(options, log, broker);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  broker.close();
  await door.close();
  rmSync(dir, { recursive: true });
});

function connect(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ path: door.path }, () => resolve(socket));
    sockets.push(socket);
    socket.on("error", reject);
    socket.on("data", () => {});
  });
}

const knock = async () =>
  connectPeer(await connectUnix(door.path), { hello: { name: "cli", pid: 1, token } });

test("six hundred that say nothing keep nobody out", async () => {
  let closed = 0;
  for (let count = 0; count < 600; count++)
    (await connect()).on("close", () => {
      closed++;
    });
  await expect.poll(() => closed).toBe(600 - UNGREETED_MAX);
  const peer = await knock();
  expect(peer.ready.name).toBe("cli/1");
  peer.close();
  expect(lines).toContain(
    `warn hub.sock: ${UNGREETED_MAX} newer links wait for their hello (bus/limit)`,
  );
});

test("a full hub refuses the next in words, and takes it when there is room", async () => {
  const hello = { protocol: 1, name: "script", pid: 3 };
  const links = Array.from({ length: EDGE_PEERS_OTHER_MAX }, () =>
    broker.attach(memoryLink()[0], { kind: "edge", hello }),
  );
  await expect(knock()).rejects.toMatchObject({ code: "bus/limit" });
  const full = `${EDGE_PEERS_OTHER_MAX} edge peers that are no page are attached already, the bound`;
  expect(lines).toEqual([`warn hub.sock: ${full} (bus/limit)`]);
  links[0]?.close();
  const peer = await knock();
  expect(peer.ready.name).toBe("cli/1");
  peer.close();
});
