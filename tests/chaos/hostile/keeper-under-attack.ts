/** A real keeper with a shell and a good client, and the bounds that must hold while somebody attacks. */
import * as keeper from "../../../bus/contracts/keeper.ts";
import { readToken } from "../../../bus/node/index.ts";
import type { Peer } from "../../../bus/peer.ts";
import { type RealKeeper, startKeeper, until } from "../../actors/terminal/real-keeper.ts";
import { startBystander } from "./bystander.ts";
import { descriptors, rssMib } from "./figures.ts";

/** Slowest call of the good client that is let pass, milliseconds. */
const SLOWEST_MS = 5_000;
/** Growth of the keeper that is let pass, MiB: queues of 8 MiB for each of several links. */
const GROWTH_MIB = 100;

/** What an attacker knows of a keeper. */
export interface KeeperTarget {
  readonly path: string;
  readonly token: Uint8Array;
  readonly running: RealKeeper;
}

/** What was seen, and every breach in words. */
export interface KeeperSight {
  readonly calls: number;
  readonly slowestMs: number;
  readonly growthMib: number;
  readonly breaches: readonly string[];
}

/** Starts a keeper with one shell and attacks it; it is ended whatever happens. */
export async function attackKeeper(
  attack: (target: KeeperTarget) => Promise<unknown>,
): Promise<KeeperSight> {
  const running = await startKeeper();
  try {
    const peer = await running.connect();
    const shell = await peer.request(keeper.create, {
      argv: ["/bin/cat"],
      cwd: "/",
      env: {},
      cols: 80,
      rows: 24,
      meta: new Uint8Array(0),
    });
    const path = `${running.runtimeDir}/keeper-1.sock`;
    const token = await readToken(`${running.runtimeDir}/keeper-1.token`);
    const sight = await observe(running, peer, shell.session, () =>
      attack({ path, token, running }),
    );
    peer.close();
    return sight;
  } finally {
    await running.stop();
  }
}

async function observe(
  { pid }: RealKeeper,
  peer: Peer,
  session: string,
  attack: () => Promise<unknown>,
): Promise<KeeperSight> {
  const before = { mib: rssMib(pid), descriptors: descriptors(pid) };
  const bystander = startBystander(async () => {
    const { sessions } = await peer.request(keeper.list, {}, { timeoutMs: 20_000 });
    const ours = sessions.find((one) => one.session === session);
    if (ours?.exit !== null) throw new Error(`the shell is ${JSON.stringify(ours?.exit)}`);
  });
  await attack().catch(async (error: unknown) => {
    await bystander.stop();
    throw error;
  });
  const { calls, slowestMs, failures } = await bystander.stop();
  await until(() => descriptors(pid) <= before.descriptors).catch(() => undefined);
  const left = descriptors(pid) - before.descriptors;
  const growthMib = rssMib(pid) - before.mib;
  const breaches = [
    ...failures,
    ...(slowestMs > SLOWEST_MS ? [`a good call took ${Math.round(slowestMs)} ms`] : []),
    ...(growthMib > GROWTH_MIB ? [`the keeper grew by ${Math.round(growthMib)} MiB`] : []),
    ...(left > 0 ? [`${left} descriptors are left open`] : []),
    ...(rssMib(pid) === 0 ? ["the keeper is gone"] : []),
  ];
  return { calls, slowestMs, growthMib, breaches };
}
