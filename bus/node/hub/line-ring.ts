/** The last lines a process wrote, bounded in lines and in characters of each. */
import { StringDecoder } from "node:string_decoder";

/** Lines kept of one process. */
export const LINES_MAX = 200;
/** Characters kept of one line. */
export const LINE_CHARS_MAX = 2000;

/** A ring that cuts chunks of bytes into lines. */
export interface LineRing {
  write(chunk: Buffer): void;
  /** Ends the line under way; call it when the pipe has ended. */
  flush(): void;
  lines(): readonly string[];
}

/** An empty ring; `onLine` hears every line once, already cut to its bound. */
export function createLineRing(onLine: (line: string) => void): LineRing {
  // Multi-byte characters are cut across chunks; a pipe knows no characters.
  const decoder = new StringDecoder("utf8");
  const kept: string[] = [];
  let open = "";
  const take = (line: string): void => {
    const cut = line.endsWith("\r") ? line.slice(0, -1) : line;
    kept.push(cut.slice(0, LINE_CHARS_MAX));
    if (kept.length > LINES_MAX) kept.shift();
    onLine(cut.slice(0, LINE_CHARS_MAX));
  };
  return {
    write(chunk) {
      const parts = decoder.write(chunk).split("\n");
      for (const part of parts.slice(0, -1)) {
        take(open + part);
        open = "";
      }
      open = (open + (parts.at(-1) ?? "")).slice(0, LINE_CHARS_MAX);
    },
    flush() {
      if (open !== "") take(open);
      open = "";
    },
    lines: () => kept,
  };
}
