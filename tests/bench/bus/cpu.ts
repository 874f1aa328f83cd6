/** Processor time of processes, which unlike a rate does not depend on what else the machine does. */
import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";

/** Microseconds a process has run on all its threads; 0 when it is gone. */
export function cpuUsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + ranUs(pid, thread), 0);
  } catch {
    return 0;
  }
}

/** Of this process, its parent and its parent's other children, together. */
export function cpuUsOfFamily(): number {
  const parent = process.ppid;
  const children = readFileSync(`/proc/${parent}/task/${parent}/children`, "utf8");
  const pids = children.trim().split(" ").map(Number);
  return [parent, ...pids].reduce((sum, pid) => sum + cpuUsOf(pid), 0);
}

function ranUs(pid: number, thread: string): number {
  const [ns = "0"] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
  return Number(ns) / 1_000;
}
