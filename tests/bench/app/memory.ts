/** Proportional memory of processes: what they share with others is counted in parts. */
import { readdirSync, readFileSync } from "node:fs";
import { withVariable } from "../../window/harness/processes.ts";

/** Time between two looks, milliseconds. */
const LOOK_MS = 2_000;
/** Looks before whatever is there is taken. */
const LOOKS_MAX = 20;
/** Growth or fall between two looks that counts as rest. */
const REST = 0.005;

/** One process. */
export interface Sample {
  readonly pid: number;
  /** Its command line, words divided by blanks. */
  readonly command: string;
  readonly pssBytes: number;
}

/** Processes of the instance with this marker (see Folders), and those below them: a sandbox hides its environment. */
export function ofInstance(marker: string): Sample[] {
  return below(new Set(withVariable("XDG_RUNTIME_DIR", marker))).flatMap(sample);
}

/** A process and everything below it. */
export function ofTree(pid: number): Sample[] {
  return below(new Set([pid])).flatMap(sample);
}

/** These processes and everything below them. */
function below(tops: ReadonlySet<number>): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (/^\d+$/.test(entry)) parents.set(Number(entry), parentOf(Number(entry)));
  }
  const isBelow = (one: number): boolean => {
    for (let at: number | undefined = one; at !== undefined && at > 0; at = parents.get(at)) {
      if (tops.has(at)) return true;
    }
    return false;
  };
  return [...parents.keys()].filter(isBelow);
}

/** The sum, bytes. */
export function total(samples: readonly Sample[]): number {
  return samples.reduce((sum, { pssBytes }) => sum + pssBytes, 0);
}

/** Looks every 2 s until three looks in a row differ by less than 0.5 %, at most 40 s; gives the last look. */
export async function atRest(look: () => Sample[]): Promise<Sample[]> {
  let samples = look();
  let before = total(samples);
  for (let looks = 0, still = 0; looks < LOOKS_MAX && still < 2; looks++) {
    await new Promise((wake) => setTimeout(wake, LOOK_MS));
    samples = look();
    const now = total(samples);
    still = Math.abs(now - before) / before < REST ? still + 1 : 0;
    before = now;
  }
  return samples;
}

function sample(pid: number): Sample[] {
  const kilobytes = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
  if (kilobytes === undefined) return [];
  const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  return [{ pid, command, pssBytes: Number(kilobytes) * 1024 }];
}

function parentOf(pid: number): number {
  const fields = read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, "")
    .split(" ");
  return Number(fields[1] ?? 0);
}

/** Empty when it is gone meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
