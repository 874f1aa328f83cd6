/** Situations in which the hub of a whole instance is killed, and what must be so afterwards. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  act,
  info,
  type ProcessAct,
  type ProcessRow,
  processesList,
} from "../../../bus/contracts/hub.ts";
import { isBusError } from "../../../bus/errors.ts";
import { readToken } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";
import { fixture, QUICK } from "../../system/hub-harness.ts";
import { makePlace } from "../../window/harness/place.ts";
import { eventually } from "../../window/harness/processes.ts";
import { floodWithCalls } from "./floods.ts";
import type { Random } from "./random.ts";
import { killQuietly, startWhole, type Whole } from "./whole.ts";

/** When the hub is killed. */
export const MOMENTS = ["start", "idle", "flood", "backing-off", "parked", "stopping"] as const;
export type Moment = (typeof MOMENTS)[number];

/** Frames of the flood during which a hub is killed; it lasts longer than the hub. */
const FLOOD_FRAMES = 200_000;

/** An instance with a steady actor, one that is paused, one that a person stopped, and one that crashes at start. */
export async function startForKills(): Promise<Whole> {
  const place = makePlace();
  const file = join(place.base, "drill.json");
  const startTimeoutMs = 60_000;
  const children = [
    { name: "steady", script: fixture("steady"), startTimeoutMs },
    { name: "paused", script: fixture("steady"), startTimeoutMs },
    { name: "stopped", script: fixture("steady"), startTimeoutMs },
    { name: "crash", script: fixture("crash"), delayFirstMs: 700 },
  ];
  writeFileSync(file, JSON.stringify({ timings: QUICK, children }));
  const whole = startWhole({ BULKHEAD_DRILL_FILE: file }, place);
  await whole.ready();
  const peer = await whole.attached();
  await reach(peer, "stopped", "ready");
  await perform(peer, "stopped", "park");
  await reach(peer, "stopped", "parked");
  peer.close();
  return whole;
}

/** What one kill showed. */
export interface KillSight {
  /** From the kill until the steady actor answers a new client, milliseconds. */
  readonly backMs: number;
  readonly breaches: readonly string[];
}

/** Kills the hub once at this moment and waits until everything is as it was. */
export async function killHub(whole: Whole, moment: Moment, random: Random): Promise<KillSight> {
  const peer = await whole.attached();
  await reach(peer, "steady", "ready");
  await reach(peer, "paused", "ready");
  await perform(peer, "paused", "suspend");
  const before = await peer.request(info, {});
  const inFlight = codeOf(peer.requestRaw("steady.wait", {}, { timeoutMs: 60_000 }));
  const held = codeOf(peer.requestRaw("paused.echo", {}, { timeoutMs: 60_000 }));
  await reachMoment(whole, peer, moment, random);
  const pid = moment === "start" ? await nextHub(whole, before.pid, random) : before.pid;
  const killedMs = performance.now();
  killQuietly(pid);
  const codes = { "call in flight": await inFlight, "held call": await held };
  const after = await whole.attached();
  const now = await after.request(info, {});
  await reach(after, "steady", "ready");
  if ((await after.requestRaw("steady.echo", 7)) !== 7) throw new Error("steady echoes wrongly");
  const backMs = performance.now() - killedMs;
  await reach(after, "paused", "ready");
  const stopped = await rowOf(after, "stopped");
  after.close();
  peer.close();
  // A hub that is being stopped stops its actors first, and says so.
  const fitting = moment === "stopping" ? ["bus/closed", "bus/down"] : ["bus/closed"];
  const breaches = [
    ...Object.entries(codes).flatMap(([what, code]) =>
      fitting.includes(code) ? [] : [`the ${what} ended with ${code}`],
    ),
    ...(stopped.state === "parked" ? [] : [`what a person stopped is ${stopped.state}`]),
    ...(now.hubEpoch > before.hubEpoch ? [] : [`the hub's epoch stays ${now.hubEpoch}`]),
  ];
  return { backMs, breaches };
}

async function reachMoment(
  whole: Whole,
  peer: Peer,
  moment: Moment,
  random: Random,
): Promise<void> {
  switch (moment) {
    case "start":
    case "idle":
      await sleep(random.next() * 300);
      return;
    case "flood": {
      const token = await readToken(join(whole.place.runtimeDir, "token"));
      const to = { path: join(whole.place.runtimeDir, "hub.sock") };
      void floodWithCalls({ to, token, subject: "steady.echo" }, FLOOD_FRAMES);
      await sleep(50 + random.next() * 300);
      return;
    }
    case "backing-off":
    case "parked":
      if ((await rowOf(peer, "crash")).state === "parked") await perform(peer, "crash", "retry");
      await reach(peer, "crash", "backing-off");
      if (moment === "parked") await perform(peer, "crash", "park");
      return;
    case "stopping":
      process.kill((await peer.request(info, {})).pid, "SIGTERM");
      await sleep(random.next() * 200);
      return;
  }
}

/** Ends the hub and gives the pid of the next one, at a random moment of its start. */
async function nextHub(whole: Whole, pid: number, random: Random): Promise<number> {
  killQuietly(pid);
  const next = await eventually("the next hub starts", () =>
    whole.kin.alive().find((one) => one.command.endsWith("hub.mjs") && one.pid !== pid),
  );
  await sleep(random.next() * 400);
  return next.pid;
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return "an answer";
  } catch (error) {
    return isBusError(error) ? error.code : String(error);
  }
}

async function rowOf(peer: Peer, name: string): Promise<ProcessRow> {
  const { processes } = await peer.request(processesList, {});
  const found = processes.find((row) => row.name === name);
  if (found === undefined) throw new Error(`no row ${name}`);
  return found;
}

async function perform(peer: Peer, name: string, what: ProcessAct): Promise<void> {
  await peer.request(act, { name, act: what, endShells: false });
}

function reach(peer: Peer, name: string, state: ProcessRow["state"]): Promise<ProcessRow> {
  return eventually(`${name} is ${state}`, async () => {
    const row = await rowOf(peer, name);
    return row.state === state ? row : undefined;
  });
}
