/** Runs a small program for the doctor, within a time and with bounded output. */
import { execFile } from "node:child_process";

const PROBE_MS = 3_000;
const OUTPUT_BYTES_MAX = 64 * 1024;

/** Exit code (-1 when it did not start or took too long) and what it printed. */
export interface Probed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `argv` to its end, at most 3 s, then it is killed. Never throws. */
export function probe(argv: readonly string[]): Promise<Probed> {
  const [program = "", ...rest] = argv;
  const options = {
    timeout: PROBE_MS,
    killSignal: "SIGKILL",
    maxBuffer: OUTPUT_BYTES_MAX,
  } as const;
  return new Promise((resolve) => {
    execFile(program, rest, options, (error, stdout, stderr) => {
      const code = typeof error?.code === "number" ? error.code : -1;
      resolve({
        code: error === null ? 0 : code,
        stdout,
        stderr: stderr || (error?.message ?? ""),
      });
    });
  });
}

/** First line that says something. */
export function firstLine(text: string): string {
  return (
    text
      .split("\n")
      .map((line) => line.trim())
      .find((line) => line !== "") ?? "no reason given"
  );
}
