/** How an end is classified. The order of the tests matters: what we did ourselves explains it first. */
import type { EndClass } from "../contracts/hub.ts";

/** What the operating system says of an end. Both null: the process could not be started. */
export interface Exit {
  readonly code: number | null;
  /** Name such as `SIGKILL`. */
  readonly signal: string | null;
}

/** Why the supervisor ended the process, if it did. */
export type Cause =
  | "asked"
  | "watchdog"
  | "start-timeout"
  /** Hard memory limit. */
  | "memory"
  /** It closed its link to the hub and went on living. */
  | "link";

/** Everything the classification looks at. */
export interface EndFacts {
  readonly exit: Exit;
  readonly cause: Cause | null;
  /** In words, for example `kill by a person`. */
  readonly causeWords: string;
  readonly stderr: readonly string[];
  /** Why it could not be started, if so. */
  readonly spawnError: string | null;
  /** The kernel killed something for lack of memory just before. */
  readonly ranOutOfMemory: boolean;
}

/** Exit codes that mean: do not start again. 78 is EX_CONFIG, 125 the mark of s6 and of our launcher. */
const PERMANENT_CODES: ReadonlySet<number> = new Set([78, 125]);

/** Exit code of the launcher when the keeper did not answer in time. */
const KEEPER_AWAY_CODE = 75;

/** Names the class and the reason that a person reads: `signal SIGKILL (asked)`. */
export function classifyEnd(facts: EndFacts): {
  readonly class: EndClass;
  readonly reason: string;
} {
  const words = exitWords(facts);
  switch (facts.cause) {
    case "asked":
      return { class: "asked", reason: `${words} (${facts.causeWords})` };
    case "watchdog":
      return { class: "watchdog", reason: `did not answer: ${facts.causeWords}` };
    case "start-timeout":
      return { class: "start-timeout", reason: `was not ready in time: ${facts.causeWords}` };
    case "memory":
      return { class: "out-of-memory", reason: facts.causeWords };
    case "link":
      return { class: "crash", reason: "closed its link to the hub and did not end" };
    case null:
      return { class: unaskedClass(facts), reason: words };
  }
}

function unaskedClass(facts: EndFacts): EndClass {
  const { code, signal } = facts.exit;
  if (facts.spawnError !== null) return "crash";
  if (isKernelKill(facts)) return "out-of-memory";
  if (signal === "SIGABRT" && facts.stderr.some(isHeapExhausted)) return "out-of-memory";
  if (signal !== null) return "signal";
  if (code === 134 && facts.stderr.some(isHeapExhausted)) return "out-of-memory";
  if (code === 0) return "normal";
  return code !== null && PERMANENT_CODES.has(code) ? "permanent" : "crash";
}

function exitWords(facts: EndFacts): string {
  const { code, signal } = facts.exit;
  if (facts.spawnError !== null) return `could not be started: ${facts.spawnError}`;
  if (facts.cause === null && isKernelKill(facts))
    return `signal ${signal}: killed by the kernel for lack of memory`;
  if (signal !== null) return `signal ${signal}`;
  if (code === KEEPER_AWAY_CODE) return "exit code 75: the keeper did not answer";
  const said = code === 0 ? undefined : errorLine(facts.stderr);
  return said === undefined ? `exit code ${code}` : `exit code ${code}: ${said}`;
}

/** The line that says most about a crash: the last `SomeError: ...`, else the last line. */
function errorLine(stderr: readonly string[]): string | undefined {
  const line = stderr.findLast((text) => /\b[A-Z]\w*Error\b.*: /.test(text)) ?? stderr.at(-1);
  return line
    ?.replace(/^error \S+ /, "")
    .trim()
    .slice(0, 300);
}

/** SIGKILL that nobody of us sent, while the kernel was looking for memory. */
function isKernelKill({ exit, ranOutOfMemory }: EndFacts): boolean {
  return exit.signal === "SIGKILL" && ranOutOfMemory;
}

function isHeapExhausted(line: string): boolean {
  return line.includes("JavaScript heap out of memory") || line.includes("Allocation failed");
}
