/** The watchdog counts missed checks; time alone never counts. */
import { expect, test } from "vitest";
import { judgeMemory } from "../../bus/supervision/memory.ts";
import { checkWatchdog, DEFAULT_WATCHDOG, WATCHDOG_CALM } from "../../bus/supervision/watchdog.ts";

test("an unanswered ping is unresponsive after 5 missed checks and killed after 10", () => {
  let state = WATCHDOG_CALM;
  const verdicts = Array.from({ length: 11 }, () => {
    const check = checkWatchdog(DEFAULT_WATCHDOG, state);
    state = check.state;
    return check.verdict;
  });
  expect(verdicts).toEqual([
    "ping",
    "none",
    "none",
    "none",
    "none",
    "unresponsive",
    "none",
    "none",
    "none",
    "none",
    "kill",
  ]);
});

test("a check counts one, however long the machine slept before it", () => {
  const waiting = { waiting: true, missed: 3 };
  const check = checkWatchdog(DEFAULT_WATCHDOG, waiting);
  expect(check).toEqual({ state: { waiting: true, missed: 4 }, verdict: "none" });
});

test("an answer makes the next check a ping again", () => {
  expect(checkWatchdog(DEFAULT_WATCHDOG, WATCHDOG_CALM).verdict).toBe("ping");
});

test("memory is asked back once a crossing and ends the process over the hard limit", () => {
  const limits = { softBytes: 100, hardBytes: 200 };
  const check = (rssBytes: number, shedding: boolean) => judgeMemory(limits, rssBytes, shedding);
  expect(check(100, false)).toEqual({ verdict: "none", shedding: false });
  expect(check(101, false)).toEqual({ verdict: "shed", shedding: true });
  expect(check(150, true)).toEqual({ verdict: "none", shedding: true });
  expect(check(95, true)).toEqual({ verdict: "none", shedding: true });
  expect(check(90, true)).toEqual({ verdict: "none", shedding: false });
  expect(check(201, true)).toEqual({ verdict: "kill", shedding: true });
});
