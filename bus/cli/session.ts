/** A command's link to the running instance. */
import { join } from "node:path";
import { connectPeer } from "../client.ts";
import { BusCode, isBusError } from "../errors.ts";
import { connectUnix, readToken } from "../node/index.ts";
import type { Peer } from "../peer.ts";
import { CommandError, Exit } from "./exit.ts";
import { toJsonLine } from "./json.ts";
import { chooseRuntimeDir, type Instance, isAlive, readInstance } from "./runtime-dir.ts";
import type { Surroundings } from "./surroundings.ts";

/** What a command works with. */
export interface Session {
  readonly peer: Peer;
  readonly world: Surroundings;
  readonly json: boolean;
  readonly runtimeDir: string;
  /** Path of the hub's socket. */
  readonly socket: string;
  readonly instance: Instance | undefined;
  /** Deadline and Ctrl+C for calls. */
  readonly callOptions: { readonly timeoutMs: number; readonly signal: AbortSignal };
  /** A line for people. */
  out(line: string): void;
  /** One JSON value on a line of its own. */
  outJson(value: unknown): void;
}

/** How a session is wanted. */
export interface SessionOptions {
  readonly runtimeDir: string | undefined;
  readonly json: boolean;
  /** The root was just asked to start a parked hub: what it wrote before does not count yet. */
  readonly woken?: boolean;
}

/** Time for a command's own calls; `call` has its own. */
const CALL_MS = 10_000;
/** A hub that is being restarted is back within this time, or it is parked. */
const HUB_BACK_WITHIN_MS = 5_000;
const TRY_EVERY_MS = 50;
/** A root that was asked to start its hub again has written so within this time. */
const WOKEN_WITHIN_MS = 1_000;

/**
 * Connects to the instance. While its root lives and the hub is away it tries for 5 s; a parked hub is told at once.
 * The caller closes `peer`.
 * @throws CommandError with exit 4 when nothing is running, 1 when the hub is parked
 */
export async function openSession(options: SessionOptions, world: Surroundings): Promise<Session> {
  const runtimeDir = chooseRuntimeDir(options.runtimeDir, world);
  const socket = join(runtimeDir, "hub.sock");
  const peer = await connect({ runtimeDir, socket, woken: options.woken === true }, world);
  return {
    peer,
    world,
    json: options.json,
    runtimeDir,
    socket,
    instance: readInstance(runtimeDir),
    callOptions: { timeoutMs: CALL_MS, signal: world.signal },
    out: (line) => world.out(line),
    outJson: (value) => world.out(toJsonLine(value)),
  };
}

interface Place {
  readonly runtimeDir: string;
  readonly socket: string;
  readonly woken: boolean;
}

async function connect(place: Place, world: Surroundings): Promise<Peer> {
  const startedMs = world.now();
  for (;;) {
    try {
      return await connectOnce(place.runtimeDir, place.socket);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      const over = reasonToGiveUp(place, world.now() - startedMs, error);
      if (over !== undefined) throw over;
      if (world.signal.aborted) throw unanswered(place, error);
      await world.wait(TRY_EVERY_MS);
    }
  }
}

/** Why waiting for the hub makes no sense any more; undefined when it may still come. */
function reasonToGiveUp(place: Place, waitedMs: number, cause: unknown): CommandError | undefined {
  const instance = readInstance(place.runtimeDir);
  if (instance === undefined || !isAlive(instance.pid)) {
    return new CommandError(
      Exit.nothingRunning,
      `nothing is running there: ${place.runtimeDir} (start it with: bulkhead open)`,
      { cause },
    );
  }
  const toldMs = place.woken ? WOKEN_WITHIN_MS : 0;
  if (instance.hub === "parked" && waitedMs >= toldMs) return parked(instance, cause);
  return waitedMs > HUB_BACK_WITHIN_MS ? unanswered(place, cause) : undefined;
}

function unanswered({ runtimeDir, socket }: Place, cause: unknown): CommandError {
  const root = `the root (pid ${readInstance(runtimeDir)?.pid ?? "unknown"}) lives`;
  return new CommandError(
    Exit.deadline,
    `${root}, but its hub has not answered at ${socket} within ${HUB_BACK_WITHIN_MS / 1000} s`,
    { cause },
  );
}

function parked({ pid, reason = "" }: Instance, cause: unknown): CommandError {
  const why = reason === "" ? "" : `: ${reason}`;
  const words = `the root (pid ${pid}) lives, but its hub is parked${why}`;
  return new CommandError(
    Exit.failed,
    `${words}\nTo start it again: bulkhead actor retry hub\nWhat it said: bulkhead doctor, or root.log in the state folder`,
    { cause },
  );
}

async function connectOnce(runtimeDir: string, socket: string): Promise<Peer> {
  const token = await readToken(join(runtimeDir, "token"));
  const transport = await connectUnix(socket);
  return connectPeer(transport, { hello: { name: "cli", pid: process.pid, token } });
}

/** Whether an error says that no hub listens or that it has just gone, as opposed to one that refuses. */
function isAbsence(error: unknown): boolean {
  if (isBusError(error, BusCode.closed)) return true;
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "ENOENT";
}
