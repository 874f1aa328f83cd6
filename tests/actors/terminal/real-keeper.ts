/** A real keeper in a folder of its own, ended with everything in it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { KeeperBackend } from "../../../actors/terminal/keeper-backend.ts";
import { connectPeer } from "../../../bus/client.ts";
import * as keeper from "../../../bus/contracts/keeper.ts";
import { connectUnix, readToken } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";

export const BIN_DIR: string = join(import.meta.dirname, "../../../dist/bin");

/** One keeper. Close it with `stop`. */
export interface RealKeeper {
  readonly runtimeDir: string;
  readonly pid: number;
  connect(): Promise<Peer>;
  backend(): Promise<KeeperBackend>;
  stop(): Promise<void>;
}

/** What it passes itself off as. */
export interface KeeperPlan {
  /** Beside the keeper that has made this folder. */
  readonly beside?: RealKeeper;
  readonly major?: number;
  readonly version?: string;
  /** Oldest major whose clients it serves. */
  readonly servesSince?: number;
  /** Leaves so long after its last client and session. */
  readonly lingerMs?: number;
}

/** Starts a keeper and waits until it listens. */
export async function startKeeper(plan: KeeperPlan = {}): Promise<RealKeeper> {
  const runtimeDir = plan.beside?.runtimeDir ?? mkdtempSync(join(tmpdir(), "bulkhead-terminal-"));
  chmodSync(runtimeDir, 0o700);
  const child = spawn(join(BIN_DIR, "bulkhead-keeper"), ["--runtime-dir", runtimeDir], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...variablesOf(plan) },
  });
  const pid = child.pid;
  if (pid === undefined)
    throw new Error("bulkhead-keeper did not start: run `npm start` or the build first");
  let log = "";
  child.stderr.on("data", (data: Buffer) => {
    log = (log + data.toString()).slice(-4000);
  });
  const base = join(runtimeDir, `keeper-${plan.major ?? 1}`);
  const socket = `${base}.sock`;
  await until(
    () => existsSync(socket),
    () => `keeper does not listen: ${log}`,
  );
  const connect = async () => {
    const token = await readToken(`${base}.token`);
    return connectPeer(await connectUnix(socket), {
      hello: { name: "test", pid: process.pid, token },
    });
  };
  return {
    runtimeDir,
    pid,
    connect,
    backend: async () => new KeeperBackend(await connect()),
    async stop() {
      await stop(child, connect);
      // The keeper that has made the folder may still listen in it, and would make it again.
      if (plan.beside === undefined)
        rmSync(runtimeDir, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function stop(child: ChildProcess, connect: () => Promise<Peer>): Promise<void> {
  const ended =
    child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined;
  try {
    const peer = await connect();
    await peer.request(keeper.shutdown, {}, { timeoutMs: 5000 });
    peer.close();
  } catch {
    child.kill("SIGKILL");
  }
  await ended;
}

function variablesOf(plan: KeeperPlan): Record<string, string> {
  const { major, version, servesSince, lingerMs } = plan;
  return {
    BULKHEAD_DRILL: "1",
    ...(major === undefined ? {} : { BULKHEAD_KEEPER_MAJOR: `${major}` }),
    ...(version === undefined ? {} : { BULKHEAD_KEEPER_VERSION: version }),
    ...(servesSince === undefined ? {} : { BULKHEAD_KEEPER_SERVES_SINCE: `${servesSince}` }),
    ...(lingerMs === undefined ? {} : { BULKHEAD_KEEPER_LINGER_MS: `${lingerMs}` }),
  };
}

/** Waits for a condition, looking every 10 ms, at most `limitMs`. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  describe: () => string = () => "condition did not come true",
  limitMs = 20_000,
): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`after ${limitMs} ms: ${describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
