/**
 * Drills about orphans: something is killed at a random moment, also while it starts; in the end the root is killed too,
 * and nothing may be left but the keeper with its shells, and after the keeper's end nothing at all.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { spawn } from "../../../bus/contracts/runner.ts";
import { eventually } from "../../window/harness/processes.ts";
import type { Soak, SoakOptions, SoakResult } from "../soak/soak.ts";
import type { Kin } from "./kin.ts";
import { type Random, randomFrom } from "./random.ts";
import { isKept, killQuietly, leftAfterRoot, startWhole, type Whole } from "./whole.ts";

/** A start takes about this long; kills fall at any moment of it. */
const START_MS = 500;

/** Leaves children behind in every way a program has. */
const CLINGING = `trap '' TERM HUP INT
setsid sleep 613 &
(sleep 614 &)
sh -c 'setsid sh -c "sleep 615 & exec sleep 616" &'
exec sleep 617`;

/** Kills while an instance starts. */
export const orphansAtStart: Soak = {
  name: "orphans-start",
  what: "a process killed within 500 ms of its start leaves no orphan",
  count: 200,
  unit: "kills",
  run: (options) => repeat(options, killAtStart),
};

/** Kills while programs of the runner, a shell and all actors run. */
export const orphansAtWork: Soak = {
  name: "orphans-work",
  what: "a process killed at work, with grandchildren, double forks and sessions, leaves no orphan",
  count: 100,
  unit: "kills",
  run: (options) => repeat(options, killAtWork),
};

async function repeat(
  { count, seed, report }: SoakOptions,
  turn: (random: Random) => Promise<{ victim: string; left: string[] }>,
): Promise<SoakResult> {
  const failures: string[] = [];
  const random = randomFrom(seed);
  for (let at = 0; at < count; at += 1) {
    const { victim, left } = await turn(random);
    report(`${at + 1} of ${count}: ${victim}, ${left.length} left`);
    failures.push(...left.map((words) => `seed ${seed}, kill ${at + 1} of ${victim}: ${words}`));
  }
  return { figures: { kills: count, orphans: failures.length }, failures };
}

async function killAtStart(random: Random): Promise<{ victim: string; left: string[] }> {
  const whole = startWhole();
  try {
    await sleep(random.next() * START_MS);
    const choices = whole.kin.alive().filter((one) => !isKept(one));
    const victim = choices.length === 0 ? undefined : random.pick(choices);
    if (victim !== undefined) killQuietly(victim.pid);
    // What it was about to start comes back, or is on its way, when the root follows.
    await sleep(random.next() * START_MS);
    return { victim: nameOf(victim), left: await leftAfterRoot(whole) };
  } finally {
    await whole.end();
  }
}

async function killAtWork(random: Random): Promise<{ victim: string; left: string[] }> {
  const whole = startWhole();
  try {
    await whole.ready();
    await busy(whole);
    const choices = whole.kin.alive().filter((one) => !isKept(one));
    const victim = random.pick(choices);
    killQuietly(victim.pid);
    await sleep(random.next() * START_MS);
    return { victim: nameOf(victim), left: await leftAfterRoot(whole) };
  } finally {
    await whole.end();
  }
}

/** A shell, and a program of the runner that leaves children behind in every way. */
async function busy(whole: Whole): Promise<void> {
  const peer = await whole.attached();
  await peer.requestRaw("terminal.create", { cols: 80, rows: 24 });
  const env = { PATH: "/usr/bin:/bin", ...whole.mark };
  await peer.request(spawn, {
    argv: ["/bin/sh", "-c", CLINGING],
    cwd: whole.place.workspace,
    env,
    profile: "agent",
    keep: Object.keys(whole.mark),
  });
  await eventually("all four kinds of children run", () => {
    const sleeping = whole.kin.alive().filter((one) => /^sleep 61\d$/.test(one.command));
    return sleeping.length === 5 || undefined;
  });
  peer.close();
}

function nameOf(victim: Kin | undefined): string {
  return victim === undefined
    ? "nothing"
    : (/(\w[\w-]*)\.mjs/.exec(victim.command)?.[1] ?? victim.name);
}
