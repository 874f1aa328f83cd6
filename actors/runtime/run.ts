/**
 * The life of an actor's process.
 *
 *   connect fd 3 -> start(ctx) -> ready -> ... -> stop asked -> onStop work -> close -> exit 0
 *                       |                    |
 *                       throws: exit 1 / 78  hub gone: exit 0, uncaught error: exit 1
 *
 * There is no restart in here: a broken invariant ends the process and the supervisor is the handler.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { getHeapStatistics } from "node:v8";
import { connectPeer } from "../../bus/client.ts";
import { systemClock } from "../../bus/clock.ts";
import { giveBackLater } from "../../bus/node/give-back.ts";
import { inheritedTransport, LINK_FD } from "../../bus/node/index.ts";
import type { Peer } from "../../bus/peer.ts";
import type { Control } from "../../bus/protocol.ts";
import type { ActorContext, ActorDefinition } from "./context.ts";
import { readActorEnvironment } from "./environment.ts";
import { exitCodeFor } from "./errors.ts";
import { createLogger, type Logger } from "./log.ts";
import { startPulseMeter } from "./pulse.ts";

/**
 * Runs an actor in this process until the hub ends it. Call it once, from `main.ts`.
 * Never returns to a half-dead process: every failure ends it.
 */
export function runActor(definition: ActorDefinition): void {
  const log = createLogger();
  const die = (what: string, error: unknown): never => {
    log.error(`${definition.name}: ${what}: ${describe(error)}`);
    process.exit(exitCodeFor(error));
  };
  process.on("uncaughtException", (error, origin) => die(origin, error));
  // The hub decides when an actor ends; a Ctrl+C in a terminal the hub was started from is for the hub alone.
  process.on("SIGINT", () => undefined);
  live(definition, log).catch((error: unknown) => die("start failed", error));
}

async function live(definition: ActorDefinition, log: Logger): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: the one place where an actor reads its environment.
  const env = readActorEnvironment(process.env);
  const peer = await connectPeer(inheritedTransport(LINK_FD), {
    hello: { name: definition.name, pid: process.pid },
  });
  // Not process.memoryUsage(): it opens a file, and an actor without free descriptors would end by a ping.
  const meter = startPulseMeter(systemClock, () => getHeapStatistics().used_heap_size);
  peer.onPulse = () => {
    closeInspector();
    return meter.take();
  };
  const life = createLife(peer, log);
  void peer.closed.then((reason) => {
    if (!life.stopping.aborted) log.warn(`link to the hub ended: ${reason.message}`);
    process.exit(0);
  });
  const stateDir = join(env.instanceStateDir, "actors", definition.name);
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  await definition.start({ peer, log, clock: systemClock, stateDir, env, ...life });
  if (!life.stopping.aborted) peer.announceReady();
  giveBackLater();
}

/** The hub opened it to take a stack; a loop that turns again must not go on listening. */
function closeInspector(): void {
  const inspector = process.getBuiltinModule("node:inspector");
  const wanted = process.execArgv.some((flag) => /^--inspect(-brk|-wait)?(=|$)/.test(flag));
  if (!wanted && inspector.url() !== undefined) inspector.close();
}

type Life = Pick<ActorContext, "stopping" | "onStop" | "onShed" | "onSuspend">;

function createLife(peer: Peer, log: Logger): Life {
  const stopping = new AbortController();
  const stops: Array<Parameters<Life["onStop"]>[0]> = [];
  const sheds: Array<Parameters<Life["onShed"]>[0]> = [];
  const suspends: Array<Parameters<Life["onSuspend"]>[0]> = [];
  const stop = async (graceMs: number): Promise<void> => {
    if (stopping.signal.aborted) return;
    stopping.abort();
    await withinGrace(stops, graceMs, log);
    peer.close();
  };
  const handle = (control: Control): void => {
    switch (control.op) {
      case "stop":
        void stop(control.graceMs);
        return;
      case "suspend":
      case "resume":
        for (const work of suspends) work(control.op === "suspend");
        return;
      case "shed":
        for (const work of sheds) work(control.rssBytes, control.limitBytes);
        return;
      case "names":
        return;
    }
  };
  peer.onControl = handle;
  return {
    stopping: stopping.signal,
    onStop: (work) => void stops.push(work),
    onShed: (work) => void sheds.push(work),
    onSuspend: (work) => void suspends.push(work),
  };
}

async function withinGrace(
  stops: ReadonlyArray<(graceMs: number) => void | Promise<void>>,
  graceMs: number,
  log: Logger,
): Promise<void> {
  const all = (async () => {
    for (const work of stops.toReversed()) {
      try {
        await work(graceMs);
      } catch (error) {
        log.error(`stop work failed: ${describe(error)}`);
      }
    }
  })();
  const timeUp = new Promise<void>((resolve) => {
    systemClock.setTimer(graceMs, resolve);
  });
  await Promise.race([all, timeUp]);
}

function describe(error: unknown): string {
  return error instanceof Error
    ? (error.stack ?? `${error.name}: ${error.message}`)
    : String(error);
}
