/** What `/proc` says of a process. Every read is a few tens of microseconds; a process that is gone gives null. */
import { readFileSync } from "node:fs";

const PAGE_BYTES = 4096;
/** USER_HZ: fixed at 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;
const SIGUSR1_BIT = 1n << 9n;

/** One look at a process. */
export interface ProcStat {
  /** `R`, `S`, `D`, `T`, `t`, `Z`. */
  readonly state: string;
  readonly parentPid: number;
  /** User and system time so far, milliseconds. */
  readonly cpuMs: number;
  /** When it started, milliseconds after boot. */
  readonly startedAfterBootMs: number;
  readonly rssBytes: number;
}

/** State, times and resident memory from `/proc/PID/stat`. */
export function readStat(pid: number): ProcStat | null {
  const text = readText(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The command in brackets may hold spaces and brackets; everything after the last one is plain.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const field = (index: number): number => Number(fields[index] ?? 0);
  return {
    state: fields[0] ?? "?",
    parentPid: field(1),
    cpuMs: ((field(11) + field(12)) * 1000) / TICKS_PER_SECOND,
    startedAfterBootMs: (field(19) * 1000) / TICKS_PER_SECOND,
    rssBytes: field(21) * PAGE_BYTES,
  };
}

/** Resident set alone. */
export function readRssBytes(pid: number): number | null {
  const text = readText(`/proc/${pid}/statm`);
  return text === null ? null : Number(text.split(" ")[1] ?? 0) * PAGE_BYTES;
}

/** Proportional set size. The kernel walks the page tables for it: not more than once a second a process. */
export function readPssBytes(pid: number): number | null {
  const text = readText(`/proc/${pid}/smaps_rollup`);
  const found = text === null ? null : /^Pss:\s+(\d+) kB$/m.exec(text);
  return found === null ? null : Number(found[1]) * 1024;
}

/** Whether the process has a handler for SIGUSR1; without one the signal would kill it. */
export function catchesUserSignal(pid: number): boolean {
  const text = readText(`/proc/${pid}/status`);
  const found = text === null ? null : /^SigCgt:\s+([0-9a-f]+)$/m.exec(text);
  return found?.[1] !== undefined && (BigInt(`0x${found[1]}`) & SIGUSR1_BIT) !== 0n;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
