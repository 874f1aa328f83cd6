/** What the kernel says of a process under attack. */
import { readdirSync, readFileSync } from "node:fs";

const MIB = 1024 * 1024;

/** Resident memory in MiB; 0 when it is gone. */
export function rssMib(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/status`, "utf8");
    return (Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024) / MIB;
  } catch {
    return 0;
  }
}

/** Open descriptors; 0 when it is gone. */
export function descriptors(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return 0;
  }
}
