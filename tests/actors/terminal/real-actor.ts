/** The real terminal actor as a process of its own, between a real broker and a real keeper. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { type Broker, createBroker } from "../../../bus/broker/index.ts";
import { connectPeer } from "../../../bus/client.ts";
import { memoryLink } from "../../../bus/memory.ts";
import { socketTransport } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";
import type { Principal } from "../../../bus/protocol.ts";
import { BIN_DIR, type RealKeeper } from "./real-keeper.ts";

const MAIN = join(import.meta.dirname, "../../../actors/terminal/main.ts");

/** A hub without its supervisor: the test starts and kills the actor. */
export interface RealHub {
  /** A page that has just connected. */
  page(principal?: Principal): Promise<Peer>;
  /** Starts the actor and waits until it serves. @returns its pid. */
  startActor(): Promise<number>;
  /** SIGKILL, and waits until it is gone. */
  killActor(): Promise<void>;
  /** Everything the actor has written to stderr. */
  readonly log: () => string;
  close(): Promise<void>;
}

/** @param home folder that counts as home and workspace. */
export function openHub(
  keeper: RealKeeper,
  home: string,
  variables: Record<string, string> = {},
): RealHub {
  const broker: Broker = createBroker({ hubEpoch: 1 });
  broker.declareActor("terminal");
  broker.setActorState("terminal", "starting");
  let epoch = 0;
  let child: ChildProcess | undefined;
  let log = "";
  const stateDir = join(home, "state");
  mkdirSync(stateDir, { recursive: true });
  const env = {
    ...{ HOME: home, PATH: "/usr/bin:/bin", LANG: "C.UTF-8", SHELL: "/bin/bash" },
    BULKHEAD_RUNTIME_DIR: keeper.runtimeDir,
    BULKHEAD_STATE_DIR: stateDir,
    BULKHEAD_CONFIG_DIR: home,
    BULKHEAD_WORKSPACE: home,
    BULKHEAD_MODE: "browser",
    BULKHEAD_HOME: join(BIN_DIR, ".."),
    BULKHEAD_NODE: process.execPath,
    BULKHEAD_VERSION: "0.0.0",
    BULKHEAD_ACTOR: "terminal",
    BULKHEAD_TERMINAL_BACKEND: "keeper",
    ...variables,
  };
  const startActor = async (): Promise<number> => {
    const args = [
      "--parent",
      `${process.pid}`,
      "--keeper",
      keeper.runtimeDir,
      "--",
      process.execPath,
      MAIN,
    ];
    const started = spawn(join(BIN_DIR, "bulkhead-launch"), args, {
      env,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
    child = started;
    for (const output of [started.stdout, started.stderr]) {
      output?.on("data", (data: Buffer) => {
        log = (log + data.toString()).slice(-20_000);
      });
    }
    const ready = Promise.withResolvers<void>();
    broker.attach(
      socketTransport(started.stdio[3] as unknown as Socket),
      {
        kind: "actor",
        name: "terminal",
        epoch: ++epoch,
        manifest: { calls: [], publishes: ["terminal.>"], subscribes: ["hub.settings"] },
      },
      { onReady: ready.resolve, onClosed: () => broker.setActorState("terminal", "starting") },
    );
    started.once("exit", (code, signal) =>
      ready.reject(new Error(`actor ended ${code} ${signal}: ${log}`)),
    );
    await ready.promise;
    broker.setActorState("terminal", "ready");
    return started.pid ?? 0;
  };
  const killActor = async (): Promise<void> => {
    const dying = child;
    child = undefined;
    if (dying === undefined || dying.exitCode !== null || dying.signalCode !== null) return;
    const gone = once(dying, "exit");
    broker.setActorState("terminal", "starting");
    dying.kill("SIGKILL");
    await gone;
  };
  return {
    page: async (principal = "person") => {
      const [ours, theirs] = memoryLink();
      broker.attach(ours, { kind: "edge", name: "ui", principal });
      return connectPeer(theirs, { hello: { name: "ui", pid: process.pid } });
    },
    startActor,
    killActor,
    log: () => log,
    close: async () => {
      await killActor();
      broker.close();
    },
  };
}
