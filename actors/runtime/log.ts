/** An actor's log: one line per entry on stderr, where the hub keeps the last ones and writes `hub.log`. */
import { writeSync } from "node:fs";

/** Writes lines. Never throws and never blocks on a full pipe. */
export interface Logger {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** Short values beside a message. Never put file contents, keys or typed text here. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One line longer than this is cut; the hub keeps 2,000 characters of a line anyway. */
const LINE_CHARS_MAX = 4000;

/** A logger whose lines go to `write`, by default to file descriptor 2. */
export function createLogger(write: (line: string) => void = writeStderr): Logger {
  const at = (level: string) => (message: string, fields?: LogFields) => {
    write(`${formatLine(level, message, fields)}\n`);
  };
  return { info: at("info"), warn: at("warn"), error: at("error") };
}

function formatLine(level: string, message: string, fields: LogFields | undefined): string {
  const tail = Object.entries(fields ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}=${typeof value === "string" ? JSON.stringify(value) : value}`)
    .join("");
  return `${level} ${message}${tail}`.replaceAll("\n", "\n  ").slice(0, LINE_CHARS_MAX);
}

function writeStderr(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // A full pipe (EAGAIN) or a hub that is gone (EPIPE): a log line is not worth stopping for.
  }
}
