/** Memory and processor share of processes, sampled from `/proc` on demand. Nothing runs between samples. */
import { readPssBytes, readStat } from "./proc.ts";

/** Reading PSS walks page tables; a value this old is good enough, milliseconds. */
const PSS_AGE_MS = 900;

/** What is known of one process now. */
export interface ProcessFigures {
  readonly rssBytes: number | null;
  readonly pssBytes: number | null;
  /** Of one core since the last sample; null at the first. */
  readonly cpuPercent: number | null;
  /** Whether it is stopped by a signal. */
  readonly stopped: boolean;
}

interface Sample {
  atMs: number;
  cpuMs: number;
  cpuPercent: number | null;
  pssAtMs: number;
  pssBytes: number | null;
}

/** Samples; forgets processes that are gone. */
export interface ProcessStats {
  sample(pids: readonly number[]): ReadonlyMap<number, ProcessFigures>;
}

/** A sampler with no past. `now` is monotonic. */
export function createProcessStats(now: () => number): ProcessStats {
  const samples = new Map<number, Sample>();
  return {
    sample(pids) {
      const wanted = new Set(pids);
      for (const pid of samples.keys()) if (!wanted.has(pid)) samples.delete(pid);
      return new Map(pids.map((pid) => [pid, look(samples, pid, now())]));
    },
  };
}

function look(samples: Map<number, Sample>, pid: number, nowMs: number): ProcessFigures {
  const stat = readStat(pid);
  if (stat === null) {
    samples.delete(pid);
    return { rssBytes: null, pssBytes: null, cpuPercent: null, stopped: false };
  }
  const before = samples.get(pid);
  const fresh = before === undefined || nowMs - before.pssAtMs > PSS_AGE_MS;
  const spanMs = before === undefined ? 0 : nowMs - before.atMs;
  // Ticks are 10 ms: a shorter span would show 0 or 100 by chance.
  const measurable = before !== undefined && spanMs >= 250;
  const cpuPercent = measurable
    ? Math.round(((stat.cpuMs - before.cpuMs) / spanMs) * 1000) / 10
    : (before?.cpuPercent ?? null);
  const sample: Sample = {
    atMs: measurable || before === undefined ? nowMs : before.atMs,
    cpuMs: measurable || before === undefined ? stat.cpuMs : before.cpuMs,
    cpuPercent,
    pssAtMs: fresh ? nowMs : before.pssAtMs,
    pssBytes: fresh ? readPssBytes(pid) : before.pssBytes,
  };
  samples.set(pid, sample);
  return {
    rssBytes: stat.rssBytes,
    pssBytes: sample.pssBytes,
    cpuPercent,
    stopped: stat.state === "T",
  };
}
