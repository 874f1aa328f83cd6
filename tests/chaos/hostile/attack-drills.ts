/** Drills against the two sockets. Each gives its breaches in words, with the seed that repeats them. */
import { join } from "node:path";
import { connectPeer } from "../../../bus/client.ts";
import { info } from "../../../bus/contracts/hub.ts";
import { info as keeperInfo } from "../../../bus/contracts/keeper.ts";
import { connectUnix, readToken } from "../../../bus/node/index.ts";
import type { HubUnderTest } from "../../system/hub-harness.ts";
import type { Soak, SoakOptions, SoakResult } from "../soak/soak.ts";
import { crowd, type FloodTarget, floodWithBytes, floodWithCalls } from "./floods.ts";
import { attackWithFrames } from "./frame-attack.ts";
import { HUB_FRAMES, KEEPER_FRAMES } from "./frames.ts";
import { hubToAttack, underAttack } from "./hub-under-attack.ts";
import { attackKeeper, type KeeperTarget } from "./keeper-under-attack.ts";
import { randomFrom } from "./random.ts";

/** Megabytes sent for each 1,000 frames of a flood. */
const MEGABYTES_PER_1000 = 10;
/** New good clients that come while a crowd stands at the door. */
const NEWCOMERS = 10;

/** Mutated frames against `hub.sock`. */
export const hubFrames: Soak = {
  name: "frames-hub",
  what: "mutated frames against hub.sock, with and without the token",
  count: 100_000,
  unit: "mutations",
  run: ({ count, seed, report }) =>
    onHub({ count, seed, report }, (hub, token) => {
      const to = { path: join(hub.runtimeDir, "hub.sock") };
      return attackWithFrames({ to, token, frames: HUB_FRAMES }, randomFrom(seed), count);
    }),
};

/** Mutated frames against the keeper. */
export const keeperFrames: Soak = {
  name: "frames-keeper",
  what: "mutated frames against keeper-1.sock, with and without the token",
  count: 100_000,
  unit: "mutations",
  run: (options) =>
    onKeeper(options, ({ path, token }) =>
      attackWithFrames(
        { to: { path }, token, frames: KEEPER_FRAMES },
        randomFrom(options.seed),
        options.count,
      ),
    ),
};

/** Calls whose answers nobody reads, and frames of 1 MiB, against the hub. */
export const hubFlood: Soak = {
  name: "flood-hub",
  what: "calls without reading and frames of 1 MiB against hub.sock",
  count: 200_000,
  unit: "frames",
  run: (options) =>
    onHub(options, (hub, token) =>
      flood(
        { to: { path: join(hub.runtimeDir, "hub.sock") }, token, subject: "hub.info" },
        options,
      ),
    ),
};

/** The same against the keeper. */
export const keeperFlood: Soak = {
  name: "flood-keeper",
  what: "calls without reading and frames of 1 MiB against keeper-1.sock",
  count: 200_000,
  unit: "frames",
  run: (options) =>
    onKeeper(options, ({ path, token }) =>
      flood({ to: { path }, token, subject: "session.list" }, options),
    ),
};

/** Silent and dribbling connections at the hub's door; good clients still come in. */
export const hubCrowd: Soak = {
  name: "crowd-hub",
  what: "connections that dribble a hello at hub.sock, while good clients come",
  count: 1_000,
  unit: "connections",
  run: (options) =>
    onHub(options, (hub, token) => {
      const path = join(hub.runtimeDir, "hub.sock");
      return crowd({ path }, options.count, () =>
        comeIn(async () => {
          const hello = { name: "cli", pid: process.pid, token };
          const peer = await connectPeer(await connectUnix(path), { hello });
          await peer.request(info, {});
          peer.close();
        }),
      );
    }),
};

/** The same at the keeper's door. */
export const keeperCrowd: Soak = {
  name: "crowd-keeper",
  what: "connections that dribble a hello at keeper-1.sock, while good clients come",
  count: 1_000,
  unit: "connections",
  run: (options) =>
    onKeeper(options, ({ path, running }) =>
      crowd({ path }, options.count, () =>
        comeIn(async () => {
          const peer = await running.connect();
          await peer.request(keeperInfo, {});
          peer.close();
        }),
      ),
    ),
};

async function comeIn(visit: () => Promise<void>): Promise<void> {
  for (let turn = 0; turn < NEWCOMERS; turn += 1) await visit();
}

async function flood(target: FloodTarget, { count }: SoakOptions): Promise<void> {
  await floodWithCalls(target, count);
  await floodWithBytes(target, Math.ceil((count / 1000) * MEGABYTES_PER_1000));
}

async function onHub(
  { count, seed, report }: SoakOptions,
  attack: (hub: HubUnderTest, token: Uint8Array) => Promise<unknown>,
): Promise<SoakResult> {
  const hub = await hubToAttack();
  try {
    const token = await readToken(join(hub.runtimeDir, "token"));
    const { sight, breaches } = await underAttack(hub, () => attack(hub, token));
    const { calls, slowestMs, growthMib } = sight;
    report(`${calls} good calls, the slowest ${Math.round(slowestMs)} ms`);
    return {
      figures: { count, calls, slowestMs, growthMib },
      failures: breaches.map((words) => `seed ${seed}: ${words}`),
    };
  } finally {
    await hub.end();
  }
}

async function onKeeper(
  { count, seed, report }: SoakOptions,
  attack: (target: KeeperTarget) => Promise<unknown>,
): Promise<SoakResult> {
  const { breaches, calls, slowestMs, growthMib } = await attackKeeper(attack);
  report(`${calls} good calls, the slowest ${Math.round(slowestMs)} ms`);
  return {
    figures: { count, calls, slowestMs, growthMib },
    failures: breaches.map((words) => `seed ${seed}: ${words}`),
  };
}
