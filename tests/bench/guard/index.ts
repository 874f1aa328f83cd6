/**
 * What the file guard costs: a call over the bus beside one that touches no file, a large file beside `fs.readFile`, a
 * search beside ripgrep, a listing beside `readdir`, and what recording adds for the agent. One instance serves all.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as contract from "../../../bus/contracts/file-guard.ts";
import type { Peer } from "../../../bus/peer.ts";
import { textOf } from "../../actors/file-guard/real-guard.ts";
import { look } from "../../fixtures/actors/busy-agent.ts";
import { fixture, type HubUnderTest, startHub } from "../../system/hub-harness.ts";
import { type BenchRow, median } from "../row.ts";
import { makeGround, SEARCHED } from "./ground.ts";

const CALLS = 2000;
const ROUNDS = 5;
const NOTHING = { include: [], exclude: [], withIgnored: true, filesMax: 0 };
const CALL = { timeoutMs: 60_000 };

/** All rows of the guard but those of programs, which `sandbox` has. */
export async function bench(): Promise<BenchRow[]> {
  const ground = makeGround();
  let hub: HubUnderTest | undefined;
  try {
    mkdirSync(join(ground.top, "hub", "c"), { recursive: true });
    const script = join(import.meta.dirname, "../../../dist/node/file-guard.mjs");
    hub = await startHub({
      drill: {
        children: [
          { name: "file-guard", script, profile: "file-guard" },
          { name: "model", script: fixture("busy-agent"), startTimeoutMs: 40_000 },
        ],
      },
      dir: join(ground.top, "hub"),
      env: { HOME: ground.home, BULKHEAD_WORKSPACE: ground.workspace },
    });
    await hub.until("file-guard", "ready");
    await hub.until("model", "ready");
    return [
      await overTheBus(hub.peer),
      await recorded(hub.peer),
      await largeFile(hub.peer, ground.workspace),
      ...(await searching(hub.peer, ground.workspace)),
      await listing(hub.peer, ground.workspace),
    ];
  } finally {
    await hub?.end();
    ground.remove();
  }
}

async function overTheBus(peer: Peer): Promise<BenchRow> {
  const bare: number[] = [];
  const guarded: number[] = [];
  for (let call = 0; call < CALLS; call += 1) {
    bare.push(await elapsedUs(() => peer.request(contract.status, {})));
    guarded.push(await elapsedUs(() => peer.request(contract.stat, { path: "deep/er/a.txt" })));
  }
  const [ours, theirs] = [median(guarded), median(bare)];
  return {
    what: "stat of a file over the bus, p50",
    against: "a call of the same actor that touches no file",
    goal: { max: (theirs + 300) / theirs },
    ...{ ours, theirs, unit: "us", ratio: ours / theirs },
    note: `${Math.round(ours - theirs)} us over it; the goal is 300 us`,
  };
}

async function recorded(peer: Peer): Promise<BenchRow> {
  const agent: number[] = [];
  const person: number[] = [];
  const path = "deep/er/a.txt";
  for (let round = 0; round < ROUNDS; round += 1) {
    agent.push(await elapsedUs(() => peer.request(look, { path, times: 500 }, CALL)));
    person.push(
      await elapsedUs(async () => {
        for (let call = 0; call < 500; call += 1) await peer.request(contract.stat, { path });
      }),
    );
  }
  const [ours, theirs] = [median(agent) / 500, median(person) / 500];
  return {
    what: "stat for the agent, recorded before and after",
    against: "stat for the person, not recorded",
    ...{ ours, theirs, unit: "us", ratio: ours / theirs },
    note: "one call after the other; the agent is an actor, the person the command line",
  };
}

async function largeFile(peer: Peer, workspace: string): Promise<BenchRow> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    theirs.push(await elapsedUs(() => readFileSync(join(workspace, "large.bin"))));
    ours.push(
      await elapsedUs(async () => {
        const stream = await peer.open(contract.content, { path: "large.bin" });
        stream.end();
        for await (const _ of stream);
      }),
    );
  }
  return row("a file of 64 MiB streamed over the bus", "fs.readFile", ours, theirs);
}

async function searching(peer: Peer, workspace: string): Promise<BenchRow[]> {
  const hasRipgrep = (() => {
    try {
      execFileSync("rg", ["--version"]);
      return true;
    } catch {
      return false;
    }
  })();
  if (!hasRipgrep) return [];
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    theirs.push(
      await elapsedUs(() =>
        execFileSync(
          "rg",
          ["--no-ignore", "--hidden", "--threads", "1", "--line-number", SEARCHED, "."],
          {
            cwd: workspace,
          },
        ),
      ),
    );
    ours.push(
      await elapsedUs(async () => {
        const search = { pattern: SEARCHED, isRegex: false, wholeWords: false, matchesMax: 0 };
        const stream = await peer.open(contract.search, { path: "", ...search, files: NOTHING });
        await textOf(stream);
      }),
    );
  }
  return [
    row("a search in 5,000 files", "ripgrep with one thread, its start included", ours, theirs),
  ];
}

async function listing(peer: Peer, workspace: string): Promise<BenchRow> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    theirs.push(
      await elapsedUs(() => readdirSync(join(workspace, "many"), { withFileTypes: true })),
    );
    ours.push(await elapsedUs(() => peer.request(contract.list, { path: "many" }, CALL)));
  }
  return row("a folder of 100,000 files listed, each judged", "readdir with kinds", ours, theirs);
}

function row(what: string, against: string, ours: number[], theirs: number[]): BenchRow {
  const [mine, other] = [median(ours) / 1000, median(theirs) / 1000];
  return { what, against, ours: mine, theirs: other, unit: "ms", ratio: mine / other };
}

async function elapsedUs(work: () => unknown): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) * 1000;
}
