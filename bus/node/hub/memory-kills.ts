/**
 * Whether the kernel lately killed for lack of memory. It tells no parent why it sent SIGKILL; it only counts, for the
 * whole machine, so a count that rises beside the end of a process is the best there is.
 */
import { readFileSync } from "node:fs";

/** Counts now and two looks ago. */
export interface MemoryKills {
  /** To be called every few seconds. */
  look(): void;
  /** Whether the count rose since the look before the last one. */
  rose(): boolean;
}

/** Starts with the count of now. `read` gives null where the kernel does not count. */
export function createMemoryKills(read: () => number | null = readCount): MemoryKills {
  let before = read();
  let last = before;
  return {
    look() {
      // An end may be heard only after the look that follows it.
      before = last;
      last = read();
    },
    rose() {
      const now = read();
      return now !== null && before !== null && now > before;
    },
  };
}

function readCount(): number | null {
  try {
    const found = /^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "utf8"));
    return found === null ? null : Number(found[1]);
  } catch {
    return null;
  }
}
