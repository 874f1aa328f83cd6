/** Which instance a command means: where its runtime dir lies and whether its root lives. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Surroundings } from "./surroundings.ts";

/** `R/instance.json` as the root writes it. */
export interface Instance {
  readonly pid: number;
  readonly workspace: string;
  readonly mode: string;
  readonly version: string;
  /** `parked`: it stays away until a person tries again. Roots before this field wrote none. */
  readonly hub?: string;
  /** Why it is parked, as the root saw its last end. */
  readonly reason?: string;
}

/**
 * Runtime dir a command is for. In order: `--runtime-dir`; the one the root computed; the one of
 * the shell this runs in; those of the folder and its parents. The first with a socket wins, else
 * the first.
 */
export function chooseRuntimeDir(asked: string | undefined, world: Surroundings): string {
  if (asked !== undefined) return resolve(world.cwd, asked);
  const candidates: string[] = [
    world.env["BULKHEAD_RUNTIME_DIR_DEFAULT"],
    world.env["BULKHEAD_RUNTIME_DIR"],
    ...foldersUpFrom(world.cwd).map((folder) => runtimeDirOf(folder, world)),
  ].filter((path): path is string => path !== undefined && path !== "");
  return (
    candidates.find((path) => existsSync(join(path, "hub.sock"))) ??
    candidates.find((path) => existsSync(join(path, "instance.json"))) ??
    candidates[0] ??
    runtimeDirOf(world.cwd, world)
  );
}

/** Runtime dir of the instance of a workspace: `<base>/<first 16 hex digits of SHA-256 of its real path>`. */
export function runtimeDirOf(workspace: string, world: Surroundings): string {
  const id = createHash("sha256").update(realPath(workspace)).digest("hex").slice(0, 16);
  const session = world.env["XDG_RUNTIME_DIR"];
  const base = session ? join(session, "bulkhead") : `/tmp/bulkhead-${process.getuid?.() ?? 0}`;
  return join(base, id);
}

/** What the root wrote about itself; undefined when there is no such file or it is no root's. */
export function readInstance(runtimeDir: string): Instance | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(join(runtimeDir, "instance.json"), "utf8"));
    return isInstance(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a process of this pid runs. One that has ended and waits for its parent to notice does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

/** Not every parent reaps: in a container the first process often does not. */
function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}

/**
 * Asks the root to start its parked hub again. True when it was asked: the hub is parked and the root lives.
 * @throws Error when the signal may not be sent
 */
export function wakeParkedHub(runtimeDir: string): boolean {
  const instance = readInstance(runtimeDir);
  if (instance?.hub !== "parked" || !isRoot(instance.pid)) return false;
  process.kill(instance.pid, "SIGUSR1");
  return true;
}

/** Only a root handles the signal; it would end any other process that has the number now. */
function isRoot(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "bulkhead";
  } catch {
    return false;
  }
}

function isInstance(value: unknown): value is Instance {
  if (typeof value !== "object" || value === null) return false;
  return "pid" in value && Number.isSafeInteger(value.pid) && "workspace" in value;
}

function foldersUpFrom(folder: string): string[] {
  const folders = [folder];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
  return folders;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
