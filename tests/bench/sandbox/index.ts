/**
 * What a path call costs a program under the `agent` profile, beside the same program without walls. The program
 * times itself, so that neither its start nor ours counts.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import * as v from "valibot";
import { type BenchRow, median } from "../row.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../../dist/bin/bulkhead-launch");
const CALLS = 5000;
const ROUNDS = 5;

const PROGRAM = `
const fs = require("node:fs");
const time = (work) => {
  for (let i = 0; i < 200; i++) work();
  const began = process.hrtime.bigint();
  for (let i = 0; i < ${CALLS}; i++) work();
  return Number(process.hrtime.bigint() - began) / 1000 / ${CALLS};
};
console.log(JSON.stringify({
  open: time(() => fs.closeSync(fs.openSync("deep/er/plain.txt"))),
  stat: time(() => fs.statSync("deep/er/plain.txt")),
  denied: time(() => { try { fs.statSync("deep/.env"); } catch {} }),
  list: time(() => fs.readdirSync("deep")),
}));
`;

const Figures = v.object({
  open: v.number(),
  stat: v.number(),
  denied: v.number(),
  list: v.number(),
});
type Figures = v.InferOutput<typeof Figures>;

/** Microseconds a call, confined against bare. No goal: the design measured 8.8 against 1.2 for the bare mechanism. */
export async function bench(): Promise<BenchRow[]> {
  const folder = mkdtempSync(join(tmpdir(), "bh-cost-"));
  try {
    const workspace = join(folder, "home", "ws");
    mkdirSync(join(workspace, "deep", "er"), { recursive: true });
    writeFileSync(join(workspace, "deep", "er", "plain.txt"), "plain");
    writeFileSync(join(workspace, "deep", ".env"), "closed");
    const bare: Figures[] = [];
    const confined: Figures[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      bare.push(run(folder, workspace, []));
      const walls = ["--parent", String(process.pid), "--profile", "agent", "--"];
      confined.push(run(folder, workspace, [LAUNCHER, ...walls]));
    }
    return (["open", "stat", "denied", "list"] as const).map((call) => rowOf(call, confined, bare));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(folder: string, workspace: string, before: readonly string[]): Figures {
  const [program = "", ...args] = [...before, process.execPath, "-e", PROGRAM];
  const out = execFileSync(program, args, {
    cwd: workspace,
    env: {
      HOME: join(folder, "home"),
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      BULKHEAD_WORKSPACE: workspace,
    },
  });
  return v.parse(Figures, JSON.parse(out.toString()));
}

const WHAT = {
  open: "open and close under the agent profile",
  stat: "stat under the agent profile",
  denied: "stat of a closed file under the agent profile",
  list: "list a folder of two under the agent profile",
} as const;

function rowOf(call: keyof Figures, confined: Figures[], bare: Figures[]): BenchRow {
  const ours = median(confined.map((one) => one[call]));
  const theirs = median(bare.map((one) => one[call]));
  return {
    what: WHAT[call],
    against: "the same program without walls",
    ours,
    theirs,
    unit: "us",
    ratio: ours / theirs,
    note: `median of ${ROUNDS} runs of ${CALLS} calls in Node`,
  };
}
