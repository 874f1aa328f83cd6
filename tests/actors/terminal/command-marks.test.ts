import { expect, test } from "vitest";
import { type CommandState, foldMark, NO_COMMAND } from "../../../actors/terminal/command-marks.ts";
import type { OscMeaning } from "../../../actors/terminal/osc.ts";

function fold(marks: ReadonlyArray<readonly [atMs: number, meaning: OscMeaning]>): CommandState {
  return marks.reduce((state, [atMs, meaning]) => foldMark(state, meaning, atMs), NO_COMMAND);
}

const line = (command: string): OscMeaning => ({ what: "command-line", command });
const start: OscMeaning = { what: "command-start", command: undefined };
const end = (exitCode: number | null): OscMeaning => ({ what: "command-end", exitCode });

test("a command line, its start and its end make one mark with the time between", () => {
  expect(
    fold([
      [10, line("make")],
      [20, start],
      [50, end(2)],
    ]).last,
  ).toEqual({
    command: "make",
    state: "ended",
    exitCode: 2,
    startedMs: 20,
    durationMs: 30,
  });
});

test("a started command runs until its end", () => {
  expect(
    fold([
      [10, line("make")],
      [20, start],
    ]).last,
  ).toMatchObject({
    state: "running",
    command: "make",
    exitCode: null,
    durationMs: null,
  });
});

test("a command line that comes after the start names the running command", () => {
  expect(
    fold([
      [1, start],
      [2, line("again")],
      [3, end(0)],
    ]).last,
  ).toMatchObject({ command: "again" });
});

test("an end without a start changes nothing", () => {
  expect(fold([[1, end(0)]]).last).toBeNull();
  const before = fold([
    [1, start],
    [2, end(1)],
  ]);
  expect(foldMark(before, end(0), 9).last).toEqual(before.last);
});

test("a command line that was never started does not name the next one", () => {
  expect(
    fold([
      [1, line("gone")],
      [2, end(0)],
      [3, start],
    ]).last,
  ).toMatchObject({ command: "" });
});

test("a clock that went back makes no negative duration", () => {
  expect(
    fold([
      [50, start],
      [20, end(0)],
    ]).last,
  ).toMatchObject({ durationMs: 0 });
});
