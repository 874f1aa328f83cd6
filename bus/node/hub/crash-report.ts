/** Crash reports of actors and of the hub itself. */
import type { CrashFacts } from "../../supervision/ports.ts";
import type { CrashDraft } from "./crash-store.ts";

const STDERR_LINES_MAX = 100;
const STACK_CHARS_MAX = 65_536;

/** The report for an ended actor; `frames` are the recorder's last ones from and to it. */
export function actorCrash(
  crash: CrashFacts,
  atMs: number,
  frames: readonly unknown[],
): CrashDraft {
  return {
    head: {
      process: crash.name,
      epoch: crash.epoch,
      atMs,
      class: crash.class,
      reason: crash.reason.slice(0, 1000),
    },
    stack: crash.stack.slice(0, STACK_CHARS_MAX),
    stderr: crash.stderr.slice(-STDERR_LINES_MAX).map((line) => line.slice(0, 2000)),
    uptimeMs: crash.uptimeMs,
    mailbox: crash.lost.waiting.map(({ subject, source, waitedMs }) => ({
      subject,
      source,
      waitedMs,
    })),
    callsInFlight: crash.lost.failed.map(({ subject, source, ageMs }) => ({
      subject,
      source,
      ageMs,
    })),
    frames: [...frames],
    memory: [...crash.memory],
  };
}

/** The hub's own last report, written while it ends. */
export function hubCrash(error: unknown, epoch: number, atMs: number): CrashDraft {
  const words = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = error instanceof Error ? (error.stack ?? words) : words;
  return {
    head: { process: "hub", epoch, atMs, class: "crash", reason: words.slice(0, 1000) },
    stack: stack.slice(0, STACK_CHARS_MAX),
    stderr: [],
    uptimeMs: process.uptime() * 1000,
    mailbox: [],
    callsInFlight: [],
    frames: [],
    memory: memoryNow(atMs),
  };
}

/** Without a free descriptor it cannot be told, and the report matters more. */
function memoryNow(atMs: number): CrashDraft["memory"] {
  try {
    return [{ atMs, rssBytes: process.memoryUsage.rss() }];
  } catch {
    return [];
  }
}
