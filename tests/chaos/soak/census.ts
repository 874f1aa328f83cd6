/** Processes of one instance by the part they play, with what they hold of the kernel. */
import { readdirSync, readFileSync } from "node:fs";
import { withVariable } from "../../window/harness/processes.ts";

/** A part of ours, or `program`: a shell or something a person runs. */
export type Role =
  | "root"
  | "hub"
  | "keeper"
  | "runner"
  | "terminal"
  | "file-guard"
  | "editor-sync"
  | "other actor"
  | "program";

/** One process. */
export interface Part {
  readonly role: Role;
  readonly pid: number;
  readonly command: string;
  readonly fds: number;
  readonly threads: number;
  /** Proportional memory. */
  readonly pssBytes: number;
}

/** Every process of the instance with this marker (see Folders), zombies left out. */
export function census(marker: string): Part[] {
  return withVariable("XDG_RUNTIME_DIR", marker).flatMap(look);
}

/** Counts that must be the same before and after: `programs`, `hub processes`, `hub fds`, `hub threads`. */
export function counts(parts: readonly Part[]): Record<string, number> {
  const ofRole = (wanted: Role): number => parts.filter(({ role }) => role === wanted).length;
  const out: Record<string, number> = { programs: ofRole("program") };
  for (const { role, fds, threads } of parts) {
    if (role === "program") continue;
    out[`${role} processes`] = ofRole(role);
    out[`${role} fds`] = fds;
    out[`${role} threads`] = threads;
  }
  return out;
}

function look(pid: number): Part[] {
  const command = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
  const threads = /^Threads:\s+(\d+)/m.exec(read(`/proc/${pid}/status`))?.[1];
  const pss = /^Pss:\s+(\d+) kB/m.exec(read(`/proc/${pid}/smaps_rollup`))?.[1];
  if (threads === undefined || pss === undefined) return [];
  return [
    {
      role: roleOf(command),
      pid,
      command,
      fds: descriptors(pid),
      threads: Number(threads),
      pssBytes: Number(pss) * 1024,
    },
  ];
}

function roleOf(command: string): Role {
  const bundle = /\/dist\/node\/([a-z-]+)\.mjs/.exec(command)?.[1];
  if (bundle === "hub") return "hub";
  if (bundle === "terminal" || bundle === "file-guard" || bundle === "editor-sync") return bundle;
  if (bundle !== undefined) return "other actor";
  if (/bulkhead-keeper --runner/.test(command)) return "runner";
  if (/bulkhead-keeper /.test(command)) return "keeper";
  return /bin\/bulkhead /.test(command) ? "root" : "program";
}

function descriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}

/** Empty when it is gone meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
