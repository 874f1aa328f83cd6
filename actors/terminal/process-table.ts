/** What Linux tells about the processes of a terminal. Elsewhere nothing is known and nothing is claimed. */
import { readFileSync, readlinkSync } from "node:fs";

/** The foreground group of a terminal. */
export interface Foreground {
  /** Process group id, which is the pid of its leader. */
  readonly pid: number;
  /** Command line with spaces; the bare name where the arguments cannot be read. */
  readonly command: string;
}

/** Characters of a command line that are kept. */
const COMMAND_CHARS_MAX = 4096;

/** The foreground group of the terminal that `pid` leads; undefined when that is `pid` itself or unknown. */
export function foregroundJob(pid: number): Foreground | undefined {
  const group = foregroundGroup(pid);
  if (group === undefined || group <= 0 || group === pid) return undefined;
  return { pid: group, command: commandLine(group) };
}

/** The command line of a process, empty when it is gone. */
export function commandLine(pid: number): string {
  const words =
    read(`/proc/${pid}/cmdline`)
      ?.split("\0")
      .filter((word) => word !== "") ?? [];
  const command = words.length > 0 ? words.join(" ") : (read(`/proc/${pid}/comm`)?.trim() ?? "");
  return command.slice(0, COMMAND_CHARS_MAX);
}

/** The current folder of a process, undefined when unknown. */
export function currentFolder(pid: number): string | undefined {
  try {
    const folder = readlinkSync(`/proc/${pid}/cwd`);
    return folder.endsWith(" (deleted)") ? undefined : folder;
  } catch {
    return undefined;
  }
}

/** Field 8 of /proc/PID/stat; the name in field 2 may hold spaces and brackets. */
function foregroundGroup(pid: number): number | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
  const group = Number(fields?.[5]);
  return Number.isInteger(group) ? group : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
