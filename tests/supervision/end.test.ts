/** Classification of ends. */
import { expect, test } from "vitest";
import { classifyEnd, type EndFacts } from "../../bus/supervision/end.ts";

function check(facts: Partial<EndFacts>): string {
  const end = classifyEnd({
    exit: { code: null, signal: null },
    cause: null,
    causeWords: "",
    stderr: [],
    spawnError: null,
    ranOutOfMemory: false,
    ...facts,
  });
  return `${end.class}: ${end.reason}`;
}

const code = (value: number) => ({ code: value, signal: null });
const signal = (value: string) => ({ code: null, signal: value });

test.each([
  [{ exit: code(0) }, "normal: exit code 0"],
  [{ exit: code(1) }, "crash: exit code 1"],
  [
    { exit: code(1), stderr: ["x", "TypeError: no", "    at f (a.js:1:1)"] },
    "crash: exit code 1: TypeError: no",
  ],
  [
    { exit: code(1), stderr: ["error a: start failed: Error: gone"] },
    "crash: exit code 1: start failed: Error: gone",
  ],
  [{ exit: code(78) }, "permanent: exit code 78"],
  [{ exit: code(125) }, "permanent: exit code 125"],
  [{ exit: code(75) }, "crash: exit code 75: the keeper did not answer"],
  [{ exit: signal("SIGSEGV") }, "signal: signal SIGSEGV"],
  [{ exit: signal("SIGKILL") }, "signal: signal SIGKILL"],
  [{ exit: signal("SIGABRT") }, "signal: signal SIGABRT"],
  [
    { exit: signal("SIGKILL"), ranOutOfMemory: true },
    "out-of-memory: signal SIGKILL: killed by the kernel for lack of memory",
  ],
  [{ exit: signal("SIGTERM"), ranOutOfMemory: true }, "signal: signal SIGTERM"],
  [
    { exit: signal("SIGKILL"), ranOutOfMemory: true, cause: "asked", causeWords: "kill" },
    "asked: signal SIGKILL (kill)",
  ],
  [
    { exit: signal("SIGABRT"), stderr: ["FATAL ERROR: JavaScript heap out of memory"] },
    "out-of-memory: signal SIGABRT",
  ],
  [
    { exit: code(134), stderr: ["JavaScript heap out of memory"] },
    "out-of-memory: exit code 134: JavaScript heap out of memory",
  ],
  [
    { exit: signal("SIGKILL"), cause: "asked", causeWords: "kill by a person" },
    "asked: signal SIGKILL (kill by a person)",
  ],
  [
    { exit: signal("SIGKILL"), cause: "watchdog", causeWords: "10 checks missed" },
    "watchdog: did not answer: 10 checks missed",
  ],
  [
    { exit: signal("SIGKILL"), cause: "memory", causeWords: "passed 768 MB" },
    "out-of-memory: passed 768 MB",
  ],
  [
    { exit: signal("SIGKILL"), cause: "start-timeout", causeWords: "20000 ms" },
    "start-timeout: was not ready in time: 20000 ms",
  ],
  [{ exit: signal("SIGKILL"), cause: "link" }, "crash: closed its link to the hub and did not end"],
  [{ spawnError: "no such file" }, "crash: could not be started: no such file"],
] as const)("%j is %s", (facts, expected) => {
  expect(check(facts)).toBe(expected);
});
