/** A real hub with one actor, a good client at work, and the bounds that must hold while somebody attacks. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  eventually,
  fixture,
  type HubOptions,
  type HubUnderTest,
  QUICK,
  startHub,
} from "../../system/hub-harness.ts";
import { type Sight, startBystander } from "./bystander.ts";
import { descriptors, rssMib } from "./figures.ts";

/** Slowest call of the good client that is let pass, milliseconds: a busy machine is no defect. */
const SLOWEST_MS = 5_000;
/** Growth of the hub that is let pass, MiB: its rings fill, and V8 collects late. */
const GROWTH_MIB = 150;

/** What an attack on a hub showed. */
export interface HubSight extends Sight {
  readonly growthMib: number;
  readonly descriptorsLeft: number;
}

/** Starts the hub with the fixture `steady`. End it whatever happens. */
export async function hubToAttack(
  options: Omit<Partial<HubOptions>, "drill"> = {},
): Promise<HubUnderTest> {
  const children = [{ name: "steady", script: fixture("steady"), startTimeoutMs: 60_000 }];
  const hub = await startHub({ ...options, drill: { timings: QUICK, children } });
  await hub.until("steady", "ready");
  return hub;
}

/** Runs an attack beside a good client's calls. Gives what was seen, and every breach in words. */
export async function underAttack(
  hub: HubUnderTest,
  attack: () => Promise<unknown>,
): Promise<{ readonly sight: HubSight; readonly breaches: readonly string[] }> {
  const pid = Number(hub.process.pid);
  const before = {
    mib: rssMib(pid),
    descriptors: descriptors(pid),
    steady: await hub.row("steady"),
  };
  const bystander = startBystander(async (turn) => {
    const answer = await hub.peer.requestRaw("steady.echo", turn, { timeoutMs: 20_000 });
    if (answer !== turn) throw new Error(`answered ${String(answer)}`);
  });
  let seen: Sight;
  try {
    await attack();
  } finally {
    seen = await bystander.stop();
  }
  const left = await settledDescriptors(pid, before.descriptors);
  const sight = {
    ...seen,
    growthMib: rssMib(pid) - before.mib,
    descriptorsLeft: left - before.descriptors,
  };
  const after = await hub.row("steady");
  const log = readFileSync(join(hub.stateDir, "hub.log"), "utf8");
  const breaches = [
    ...seen.failures,
    ...(seen.slowestMs > SLOWEST_MS ? [`a good call took ${Math.round(seen.slowestMs)} ms`] : []),
    ...(sight.growthMib > GROWTH_MIB ? [`the hub grew by ${Math.round(sight.growthMib)} MiB`] : []),
    ...(sight.descriptorsLeft > 0 ? [`${sight.descriptorsLeft} descriptors are left open`] : []),
    ...(after.epoch === before.steady.epoch && after.state === "ready"
      ? []
      : [`steady is ${after.state} in epoch ${after.epoch}: ${after.reason}`]),
    ...log.split("\n").filter((line) => line.includes("error over a frame")),
  ];
  return { sight, breaches };
}

/** Waits until no more are open than before; gives what is there in the end. */
async function settledDescriptors(pid: number, before: number): Promise<number> {
  await eventually("the attackers' links are closed", () =>
    descriptors(pid) <= before ? true : undefined,
  ).catch(() => undefined);
  return descriptors(pid);
}
