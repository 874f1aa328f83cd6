/** Numbered lines: as fast as they go, and slowly. */
import { join } from "node:path";
import type { Workload } from "../workload.ts";
import { start } from "./start.ts";

/** 12 digits and a line end each: twice what ring and windows hold together. */
const FAST_LINES = 200_000;
const SLOW_LINES = 100;
const SLOW_EVERY_MS = 20;
const SLOW_PROGRAM = join(import.meta.dirname, "../../../fixtures/programs/slow-lines.ts");

export const numbered: Workload = {
  name: "numbered",
  spanMs: 900,
  hasScreen: true,
  async begin(scene) {
    const first = scene.number * 1_000_000;
    await start(scene, `seq -f %012.0f ${first} ${first + FAST_LINES - 1}`, `${first + 100}`);
  },
  finish: ({ seat }) => seat.atPrompt(),
};

export const slow: Workload = {
  name: "slow",
  spanMs: SLOW_LINES * SLOW_EVERY_MS,
  hasScreen: true,
  async begin(scene) {
    const first = scene.number * 1_000;
    await start(scene, slowLines(first, SLOW_LINES, SLOW_EVERY_MS), `slow ${first}\r`);
  },
  finish: ({ seat }) => seat.atPrompt(),
};

/** A command line that prints `count` lines from `slow FIRST` on. */
export function slowLines(first: number, count: number, everyMs: number): string {
  return `node ${SLOW_PROGRAM} ${first} ${count} ${everyMs}`;
}
