/** A whole instance as a person serves it: root, hub, actors, keeper; and every process that comes from it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { connectPeer } from "../../../bus/client.ts";
import * as keeper from "../../../bus/contracts/keeper.ts";
import { connectUnix, readToken } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";
import { makePlace, type Place } from "../../window/harness/place.ts";
import { end, eventually, isAlive, type Running, start } from "../../window/harness/processes.ts";
import { type Kin, type KinWatch, watchKin } from "./kin.ts";

/** Variable by which even a program with an empty environment of ours is found. */
const MARK = "BULKHEAD_DRILL_MARK";

/** One instance; `end` it whatever happens. */
export interface Whole {
  readonly place: Place;
  readonly root: Running;
  /** Pass it to programs whose environment is made from nothing. */
  readonly mark: Readonly<Record<string, string>>;
  readonly kin: KinWatch;
  /** A client of the hub that runs now. Rejects while there is none. */
  attach(): Promise<Peer>;
  /** The same, once there is one. */
  attached(): Promise<Peer>;
  /** Waits until the root has said that it serves. */
  ready(): Promise<void>;
  log(): string;
  end(): Promise<void>;
}

/** Starts `bulkhead serve`; nothing is waited for. */
export function startWhole(env: NodeJS.ProcessEnv = {}, place: Place = makePlace()): Whole {
  const mark = { [MARK]: place.base };
  const kin = watchKin([
    `XDG_RUNTIME_DIR=${join(place.base, "run")}`,
    `BULKHEAD_RUNTIME_DIR=${place.runtimeDir}`,
    `${MARK}=${place.base}`,
  ]);
  const root = start([place.program, "serve", place.workspace, "--json"], {
    env: { ...place.env, ...mark, BULKHEAD_DRILL: "1", ...env },
    cwd: place.workspace,
    out: "read",
  });
  const attach = async (): Promise<Peer> => {
    const token = await readToken(join(place.runtimeDir, "token"));
    const transport = await connectUnix(join(place.runtimeDir, "hub.sock"));
    return connectPeer(transport, { hello: { name: "cli", pid: process.pid, token } });
  };
  return {
    place,
    root,
    mark,
    kin,
    attach,
    attached: () => eventually("the hub lets a client in", () => attach().catch(() => undefined)),
    async ready() {
      await eventually("the root serves", () => {
        if (root.child.exitCode !== null) throw new Error(`ended: ${root.stderr()}`);
        return root.stdout().includes("\n") || undefined;
      });
    },
    log: () => readQuietly(join(place.stateDir, "root.log")),
    async end() {
      await end(root);
      await endKeeper(place);
      for (const { pid } of kin.alive()) killQuietly(pid);
      kin.stop();
      await place.end();
    },
  };
}

/** Ends the keeper of a place with all its shells, if one runs. */
export async function endKeeper(place: Place): Promise<void> {
  const socket = join(place.runtimeDir, "keeper-1.sock");
  if (!existsSync(socket)) return;
  try {
    const token = await readToken(join(place.runtimeDir, "keeper-1.token"));
    const hello = { name: "test", pid: process.pid, token };
    const peer = await connectPeer(await connectUnix(socket), { hello });
    await peer.request(keeper.shutdown, {}, { timeoutMs: 10_000 });
    peer.close();
  } catch {
    // Killed below by whoever looks for what is left.
  }
}

/** Waits until only these remain of an instance; what remains in words when they do not come down to it. */
export async function comesDownTo(
  kin: KinWatch,
  isAllowed: (one: Kin) => boolean,
): Promise<string[]> {
  const others = (): Kin[] => kin.alive().filter((one) => !isAllowed(one));
  await eventually("nothing else is left", () => (others().length === 0 ? true : undefined)).catch(
    () => undefined,
  );
  return others().map((one) => `${one.name} (${one.pid}, below ${one.parent}): ${one.command}`);
}

/** Keeper and shells: what outlives a root. */
export function isKept(one: Kin): boolean {
  return ["bulkhead-keepe", "bulkhead-keeper", "bash"].includes(one.name);
}

/** The root dies, then the keeper is asked to end: everything that should not be there after each. */
export async function leftAfterRoot(whole: Whole): Promise<string[]> {
  killQuietly(whole.root.pid);
  const beside = await comesDownTo(whole.kin, isKept);
  await endKeeper(whole.place);
  return [...beside, ...(await comesDownTo(whole.kin, () => false))];
}

/** Kills a process; one that is gone already is none. False then. */
export function killQuietly(pid: number): boolean {
  try {
    return isAlive(pid) && process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
