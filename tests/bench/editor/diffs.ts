/** The line diff beside jsdiff and fast-diff, on the same texts in the same run. CPU time: others use the machine too. */
import { diffLines as jsDiffLines } from "diff";
import fastDiff from "fast-diff";
import { diffLines, untilMs } from "../../../actors/editor-sync/line-diff.ts";
import type { BenchRow } from "../row.ts";
import { code, edited, joined, reindented } from "./texts.ts";

/** jsdiff gives up after this time, milliseconds. */
const JSDIFF_MS = 20_000;
/** Ours has what the worker has, milliseconds. */
const OURS_MS = 2_000;

interface Case {
  readonly name: string;
  readonly old: string;
  readonly fresh: string;
  /** fast-diff compares characters: beyond this it does not end in a minute. */
  readonly fast: "too slow" | "run";
}

export function diffRows(): BenchRow[] {
  return cases().flatMap((one) => rowsOf(one));
}

function cases(): Case[] {
  const sizes = [
    [1_000, "1k"],
    [10_000, "10k"],
    [100_000, "100k"],
  ] as const;
  return sizes.flatMap(([count, says]) => {
    const lines = code(count);
    const old = joined(lines);
    const made = (name: string, fresh: string[], fast: Case["fast"]): Case => {
      return { name: `${says} lines, ${name}`, old, fresh: joined(fresh), fast };
    };
    return [
      made("0.2 %", edited(lines, 500), count > 10_000 ? "too slow" : "run"),
      made("5 %", edited(lines, 20), count > 1_000 ? "too slow" : "run"),
      made("re-indented", reindented(lines), "too slow"),
    ];
  });
}

function rowsOf({ name, old, fresh, fast }: Case): BenchRow[] {
  const found = { hunks: 0, isExact: true };
  const ours = cpuMs(() => {
    const diff = diffLines(
      old,
      fresh,
      untilMs(performance.now() + OURS_MS, () => performance.now()),
    );
    found.hunks = diff.hunks.length;
    found.isExact = diff.isExact;
  });
  const note = `${found.hunks} hunks${found.isExact ? "" : ", coarse in parts"}`;
  const row = (against: string, theirs: number): BenchRow => ({
    ...{
      what: `diff of ${name}`,
      against,
      ours,
      theirs,
      unit: "CPU ms",
      ratio: ours / theirs,
      note,
    },
  });
  let gaveUp = "";
  const js = cpuMs(() => {
    if (jsDiffLines(old, fresh, { timeout: JSDIFF_MS }) === undefined) gaveUp = ", which gave up";
  });
  const rows = [row(`jsdiff${gaveUp}`, js)];
  if (fast === "run")
    rows.push(
      row(
        "fast-diff",
        cpuMs(() => void fastDiff(old, fresh)),
      ),
    );
  return rows;
}

/** The lowest of three, milliseconds of this process; one where it is slow. */
export function cpuMs(work: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 3; round++) {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
    if (best > 2_000) break;
  }
  return best;
}
