/** An instance in a folder: a real broker behind a real socket and token. What the hub answers is the test's. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBroker } from "../../../bus/broker/index.ts";
import { listenUnix } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";

const MAIN = join(import.meta.dirname, "../../../bus/cli/main.ts");

export interface TestInstance {
  readonly runtimeDir: string;
  /** The hub's own peer: serve on it what the command shall find. */
  readonly hub: Peer;
  /** Writes `instance.json` with this pid as the root's. */
  claimRoot(pid: number): void;
  /** Ends the socket and every link; the folder stays. */
  stopHub(): Promise<void>;
  close(): Promise<void>;
}

/** Starts one. The caller closes it. */
export async function startInstance(): Promise<TestInstance> {
  const runtimeDir = mkdtempSync(join(tmpdir(), "bulkhead-cli-"));
  const token = new Uint8Array(randomBytes(32));
  writeFileSync(join(runtimeDir, "token"), token, { mode: 0o600 });
  const broker = createBroker({ hubEpoch: 1 });
  broker.declareActor("root");
  const hub = await broker.connectHub();
  const server = await listenUnix(join(runtimeDir, "hub.sock"), (transport) =>
    broker.attach(transport, { kind: "edge", token }),
  );
  const stopHub = (): Promise<void> => {
    broker.close();
    return server.close();
  };
  return {
    runtimeDir,
    hub,
    claimRoot: (pid) => {
      const instance = { pid, workspace: runtimeDir, mode: "browser", version: "0.1.0" };
      writeFileSync(join(runtimeDir, "instance.json"), JSON.stringify(instance));
    },
    stopHub,
    close: async () => {
      await stopHub();
      rmSync(runtimeDir, { recursive: true, force: true });
    },
  };
}

/** How a command ended and what it printed. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line as a process, on the instance of a folder. */
export function bulkhead(runtimeDir: string, ...argv: string[]): Promise<Outcome> {
  return outcomeOf(spawnBulkhead(runtimeDir, ...argv));
}

/** Starts the command line; the caller waits for its end. */
export function spawnBulkhead(runtimeDir: string, ...argv: string[]): ChildProcess {
  const { PATH = "", HOME = "/" } = process.env;
  return spawn(process.execPath, [MAIN, "--runtime-dir", runtimeDir, ...argv], {
    env: { PATH, HOME },
    cwd: runtimeDir,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Waits for the end of a command. */
export async function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [code]: (number | null)[] = await once(child, "close");
  return { code: code ?? null, stdout, stderr };
}
