/**
 * What a terminal's programs wrote, from outside of Bulkhead: the shell is started inside of script(1), which copies
 * every byte into a file. Byte n behind the file's first line is byte n of the session.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

/** The first line of script's file is shorter than this, bytes. */
const HEADER_BYTES_MAX = 1_024;

/** Writes a program called `bash` that runs bash inside of script; gives its path. */
export function makeLoggingShell(folder: string): string {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, "bash");
  // script runs its command by $SHELL, which would be this program again.
  const text = `#!/bin/sh
line="exec /bin/bash"
for word in "$@"; do line="$line '$word'"; done
SHELL=/bin/bash exec script --quiet --flush --log-out '${folder}'/$$.log --command "$line"
`;
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

/** Whether the shell with this pid has a log. */
export function hasLog(folder: string, pid: number): boolean {
  return existsSync(join(folder, `${pid}.log`));
}

/** The log of one shell. Close it. */
export class ShellLog {
  readonly #fd: number;
  #header: number | undefined;

  constructor(folder: string, pid: number) {
    this.#fd = openSync(join(folder, `${pid}.log`), "r");
  }

  /** Bytes the programs have written so far. */
  get size(): number {
    const header = this.#headerBytes();
    return header === undefined ? 0 : fstatSync(this.#fd).size - header;
  }

  /** Bytes `from` to `to`; fewer when they are not written yet. */
  read(from: number, to: number): Uint8Array {
    const header = this.#headerBytes() ?? 0;
    const bytes = new Uint8Array(Math.max(0, to - from));
    const got = readSync(this.#fd, bytes, 0, bytes.length, header + from);
    return bytes.subarray(0, got);
  }

  text(from: number, to: number = this.size): string {
    return Buffer.from(this.read(from, to)).toString("utf8");
  }

  close(): void {
    closeSync(this.#fd);
  }

  #headerBytes(): number | undefined {
    if (this.#header === undefined) {
      const start = new Uint8Array(HEADER_BYTES_MAX);
      const got = readSync(this.#fd, start, 0, start.length, 0);
      const end = start.subarray(0, got).indexOf(10);
      if (end >= 0) this.#header = end + 1;
    }
    return this.#header;
  }
}
