/** `S/hub.log`: one line an entry, at most two files of 4 MiB. A full disk costs lines, never the hub. */
import { closeSync, fstatSync, openSync, renameSync, writeSync } from "node:fs";
import { diskWords } from "./write-file.ts";

const FILE_BYTES_MAX = 4 * 1024 * 1024;
/** Lines of one source a second; a flooding process must not push the others out. */
const LINES_PER_SECOND_MAX = 200;

/** The log of the hub and of everything it started. */
export interface HubLog {
  /** `source` is the process the line comes from. */
  write(source: string, line: string): void;
  close(): void;
}

/** Opens the log with mode 0600. When the file cannot be opened lines go to stderr. */
export function openHubLog(path: string, now: () => Date): HubLog {
  let fd = open(path);
  let bytes = fd === null ? 0 : fstatSync(fd).size;
  let lost = 0;
  let why = "";
  const put = (text: string): void => {
    if (fd !== null && bytes > FILE_BYTES_MAX) {
      closeSync(fd);
      rotate(path);
      fd = open(path);
      bytes = 0;
    }
    try {
      // Told once there is room again, before the line that found it.
      const told =
        lost === 0 ? "" : `${now().toISOString()} hub [${lost} lines not saved: ${why}]\n`;
      bytes += writeSync(fd ?? 2, told + text);
      lost = 0;
    } catch (error) {
      lost += 1;
      why = diskWords(error);
    }
  };
  const admit = createLineBudget(put, now);
  return {
    write(source, line) {
      if (admit(source)) put(`${now().toISOString()} ${source} ${line}\n`);
    },
    close() {
      if (fd !== null) closeSync(fd);
      fd = null;
    },
  };
}

function createLineBudget(
  put: (text: string) => void,
  now: () => Date,
): (source: string) => boolean {
  const spent = new Map<string, { second: number; lines: number }>();
  return (source) => {
    const second = Math.floor(now().getTime() / 1000);
    const used = spent.get(source);
    if (used === undefined || used.second !== second) {
      const left = (used?.lines ?? 0) - LINES_PER_SECOND_MAX;
      if (left > 0) put(`${now().toISOString()} ${source} [${left} lines left out]\n`);
      spent.set(source, { second, lines: 1 });
      return true;
    }
    used.lines += 1;
    return used.lines <= LINES_PER_SECOND_MAX;
  };
}

function open(path: string): number | null {
  try {
    return openSync(path, "a", 0o600);
  } catch {
    return null;
  }
}

function rotate(path: string): void {
  try {
    renameSync(path, `${path}.1`);
  } catch {
    // It goes on in the same file.
  }
}
