/** Which run of the machine this is: shells of an earlier one ended with it. */
import { readFileSync } from "node:fs";

/** Id and begin of this run; an empty id where the system does not tell. */
export interface BootRun {
  readonly id: string;
  /** Wall clock, milliseconds since 1970. */
  readonly startedMs: number;
}

/** Reads what the kernel says below `proc`. */
export function readBootRun(proc = "/proc"): BootRun {
  try {
    const id = readFileSync(`${proc}/sys/kernel/random/boot_id`, "utf8").trim();
    const seconds = /^btime (\d+)$/m.exec(readFileSync(`${proc}/stat`, "utf8"))?.[1];
    return { id: id.slice(0, 64), startedMs: Number(seconds ?? 0) * 1_000 };
  } catch {
    return { id: "", startedMs: 0 };
  }
}
