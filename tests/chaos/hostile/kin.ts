/**
 * Every process that belongs to an instance, whatever it did to hide: by the variables it inherited, and by having once
 * been seen below a process of ours. A pid counts together with its start time, so a reused number is a stranger.
 */
import { readdirSync, readFileSync } from "node:fs";

/** Between two looks at the process table, milliseconds. */
const LOOK_MS = 15;

/** One process as the kernel tells it. */
export interface Kin {
  readonly pid: number;
  readonly parent: number;
  /** At most 15 characters. */
  readonly name: string;
  readonly command: string;
}

/** Watches until `stop`. */
export interface KinWatch {
  /** Those alive now; zombies count as dead. */
  alive(): Kin[];
  stop(): void;
}

interface Entry extends Kin {
  readonly started: string;
  readonly isZombie: boolean;
}

/** Watches processes with one of these `NAME=value` variables and all that come from them. */
export function watchKin(variables: readonly string[]): KinWatch {
  const known = new Map<number, string>();
  const look = (): Entry[] => {
    const all = entries();
    adopt(known, all, variables);
    return all.filter((one) => isIn(known, one));
  };
  const timer = setInterval(look, LOOK_MS);
  return {
    alive: () => look().filter((one) => !one.isZombie),
    stop: () => clearInterval(timer),
  };
}

/** Adds to `known` what is marked, and what has a parent that is known. */
function adopt(
  known: Map<number, string>,
  all: readonly Entry[],
  variables: readonly string[],
): void {
  const strangers = new Set(all.filter((one) => !isIn(known, one)));
  const byPid = new Map(all.map((one) => [one.pid, one]));
  const take = (one: Entry): void => {
    strangers.delete(one);
    known.set(one.pid, one.started);
  };
  for (const one of strangers) if (isMarked(one.pid, variables)) take(one);
  // Numbers wrap, so a child may stand before its parent: repeat until nothing is added.
  for (let before = -1; before !== strangers.size; ) {
    before = strangers.size;
    for (const one of strangers) {
      const parent = byPid.get(one.parent);
      if (parent !== undefined && isIn(known, parent)) take(one);
    }
  }
}

function isIn(known: ReadonlyMap<number, string>, one: Entry): boolean {
  return known.get(one.pid) === one.started;
}

function entries(): Entry[] {
  return readdirSync("/proc").flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid) return [];
    const stat = read(`/proc/${pid}/stat`);
    const end = stat.lastIndexOf(")");
    const fields = stat.slice(end + 2).split(" ");
    const [state = "", parent = "", started = ""] = [fields[0], fields[1], fields[19]];
    if (stat === "" || parent === "") return [];
    return [
      {
        pid,
        parent: Number(parent),
        name: stat.slice(stat.indexOf("(") + 1, end),
        command: read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim(),
        started,
        isZombie: state === "Z" || state === "X",
      },
    ];
  });
}

function isMarked(pid: number, variables: readonly string[]): boolean {
  const environment = read(`/proc/${pid}/environ`).split("\0");
  return variables.some((variable) => environment.includes(variable));
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
