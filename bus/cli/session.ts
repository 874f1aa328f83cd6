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
}

/** Time for a command's own calls; `call` has its own. */
const CALL_MS = 10_000;
/** A hub that is being restarted is back within this time, or it is parked. */
const HUB_BACK_WITHIN_MS = 5_000;
const TRY_EVERY_MS = 50;

/**
 * Connects to the instance. While its root lives and the hub is away it tries for 5 s.
 * The caller closes `peer`.
 * @throws CommandError with exit 4 when nothing is running
 */
export async function openSession(options: SessionOptions, world: Surroundings): Promise<Session> {
  const runtimeDir = chooseRuntimeDir(options.runtimeDir, world);
  const socket = join(runtimeDir, "hub.sock");
  const peer = await connect(runtimeDir, socket, world);
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

async function connect(runtimeDir: string, socket: string, world: Surroundings): Promise<Peer> {
  const until = world.now() + HUB_BACK_WITHIN_MS;
  for (;;) {
    try {
      return await connectOnce(runtimeDir, socket);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      const instance = readInstance(runtimeDir);
      if (instance === undefined || !isAlive(instance.pid)) {
        throw new CommandError(
          Exit.nothingRunning,
          `nothing is running there: ${runtimeDir} (start it with: bulkhead open)`,
          { cause: error },
        );
      }
      if (world.now() > until || world.signal.aborted) {
        throw new CommandError(
          Exit.deadline,
          `the root (pid ${instance.pid}) lives, but its hub has not answered at ${socket} within ${HUB_BACK_WITHIN_MS / 1000} s`,
          { cause: error },
        );
      }
      await world.wait(TRY_EVERY_MS);
    }
  }
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
