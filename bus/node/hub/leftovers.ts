/**
 * Processes that an actor started and that outlived it: in a session of their own they are in no group that was killed,
 * and when the hub is killed nobody is there to kill a group. They are known by the variables they inherited.
 */
import { readdirSync, readFileSync } from "node:fs";

/**
 * Kills what is left of the actors of this instance, or of the one named. Only to be called while none of them runs.
 * @returns the pids that were killed.
 */
export function killLeftovers(runtimeDir: string, actor?: string): number[] {
  const instance = `BULKHEAD_RUNTIME_DIR=${runtimeDir}`;
  return numbers("/proc").filter((pid) => {
    const variables = environment(pid);
    if (!variables.includes(instance)) return false;
    // Shells and what a person starts in them have our runtime dir too, but never the name of an actor.
    const name = variables.find((one) => one.startsWith("BULKHEAD_ACTOR="))?.slice(15);
    const isLeft = actor === undefined ? name !== undefined : name === actor;
    return isLeft && pid !== process.pid && kill(pid);
  });
}

function numbers(folder: string): number[] {
  try {
    return readdirSync(folder).map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

function environment(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    // Another person's, or gone.
    return [];
  }
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, "SIGKILL");
  } catch {
    return false;
  }
}
