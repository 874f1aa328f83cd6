/** The exact words of messages. */
import { expect, test } from "vitest";
import { noticeOf, spanWords, type TaleContext } from "../../../bus/node/hub/notices.ts";
import type { Tale } from "../../../bus/supervision/ports.ts";

const restarted: Tale = {
  type: "restarted",
  name: "terminal",
  epoch: 2,
  class: "signal",
  reason: "signal SIGSEGV",
  durationMs: 140.4,
  callsFailed: 1,
  crash: "c1",
};
const plain: TaleContext = {
  repeats: 1,
  repeatsSpanMs: 1000,
  recovered: { epoch: 2, shellsKept: 3, bytesLost: 0 },
  stack: "",
  unansweredMs: 10_000,
};

function check(tale: Partial<Tale>, context: Partial<TaleContext> = {}): string[] {
  const notice = noticeOf({ ...restarted, ...tale } as Tale, { ...plain, ...context });
  return [notice.kind, notice.level, notice.title, notice.text];
}

test("a restart says what was measured", () => {
  expect(check({})).toEqual([
    "restarted",
    "ok",
    "terminal restarted in 140 ms",
    "3 shells kept, 0 bytes lost, 1 call failed.",
  ]);
});

test("one of a kind is singular", () => {
  const recovered = { epoch: 2, shellsKept: 1, bytesLost: 1 };
  expect(check({ callsFailed: 0 } as Partial<Tale>, { recovered }).at(-1)).toBe(
    "1 shell kept, 1 byte lost, 0 calls failed.",
  );
});

test("shells nobody counted are not claimed", () => {
  expect(check({ name: "model" }, { recovered: undefined }).at(-1)).toBe("1 call failed.");
});

test("further restarts within a minute become one message with the last reason", () => {
  expect(check({}, { repeats: 3, repeatsSpanMs: 20_000 })).toEqual([
    "restarted",
    "ok",
    "terminal restarted 3 times in 20 s",
    "Last: signal SIGSEGV, 3 shells kept, 0 bytes lost, 1 call failed.",
  ]);
});

test("a hang says how long and whether the code was recorded", () => {
  const hang = { name: "model", class: "watchdog" } as const;
  expect(check(hang, { recovered: undefined, stack: "    at f (a.js:1:1)" })).toEqual([
    "hang",
    "warn",
    "model did not answer for 10 s and was restarted",
    "The stuck code was recorded, 1 call failed.",
  ]);
  expect(check(hang, { recovered: undefined, stack: "no stack: stopped (SIGSTOP)" }).at(-1)).toBe(
    "No stack: stopped (SIGSTOP), 1 call failed.",
  );
});

test("a memory limit is named with its figure", () => {
  const memory = { name: "mcp/search", class: "out-of-memory", reason: "passed 512 MB" } as const;
  expect(check(memory)[2]).toBe("mcp/search passed 512 MB and was restarted");
});

test("a stop says how often and why", () => {
  const parked: Tale = {
    type: "parked",
    name: "model",
    class: "crash",
    why: "6 crashes in 30 s",
    reason: "exit code 1: Error: Cannot find module 'x'",
    crash: "c1",
  };
  expect(noticeOf(parked, plain)).toMatchObject({
    kind: "parked",
    level: "error",
    title: "model stopped: 6 crashes in 30 s",
    text: "Exit code 1: Error: Cannot find module 'x'.",
  });
});

test.each([
  [0.4, "0 ms"],
  [140.4, "140 ms"],
  [2449, "2.4 s"],
  [20_400, "20 s"],
])("%d ms reads %s", (ms, words) => {
  expect(spanWords(ms)).toBe(words);
});
