/** The links to keepers that the launcher has left open for this process, and what is said first on them. */
import { connectPeer } from "../../bus/client.ts";
import type { Clock } from "../../bus/clock.ts";
import {
  anyInfo,
  canAttach,
  KEEPER_MAJOR,
  OLDEST_KEEPER_MAJOR,
} from "../../bus/contracts/keeper-majors.ts";
import { FRAME_BYTES_MAX, REQUEST_TIMEOUT_MS_MAX } from "../../bus/limits.ts";
import { inheritedTransport } from "../../bus/node/index.ts";
import type { Peer } from "../../bus/peer.ts";
import { PROTOCOL_VERSION } from "../../bus/protocol.ts";
import type { Logger } from "../runtime/index.ts";
import type { BackendRow } from "./backend.ts";
import { KeeperBackend } from "./keeper-backend.ts";
import { Keepers, type OtherKeeper } from "./keepers.ts";

/** Descriptor of our keeper's link; those of others follow. The launcher has said hello on each and read our ready. */
const FIRST_FD = 4;
/** A keeper of another version that takes longer is not waited for, milliseconds: our own terminals wait for it. */
const OTHER_MS = 2_000;

/** Our keeper with those that have answered at once, and those that may still answer. */
export interface OpenedKeepers {
  readonly keepers: Keepers;
  /** Keepers that hang at the start: what each holds once it answers and has joined; empty when it never does. */
  readonly late: readonly Promise<readonly BackendRow[]>[];
}

/**
 * Joins our keeper and those of other versions that this build can attach to.
 * @param majors value of `BULKHEAD_KEEPERS`: the keepers in the order of their descriptors, ours first.
 * @throws Error when `majors` is not that.
 */
export async function openKeepers(
  majors: string | undefined,
  clock: Clock,
  log: Logger,
): Promise<OpenedKeepers> {
  const [, ...others] = readMajors(majors);
  const keepers = new Keepers(new KeeperBackend(await connectOurs()), log);
  const opening = others.map((major, at) => openOther(major, FIRST_FD + 1 + at, log));
  const late: Promise<readonly BackendRow[]>[] = [];
  for (const [at, found] of (await firstOf(opening, clock)).entries()) {
    if (found === "late") {
      log.warn(`keeper ${others[at]} does not answer: its shells come when it does`);
      late.push(joinLate(keepers, opening[at]));
    } else if (found !== undefined) keepers.join(found);
  }
  return { keepers, late };
}

/** What each has come to when the time is over. */
async function firstOf(
  opening: readonly Promise<OtherKeeper | undefined>[],
  clock: Clock,
): Promise<readonly (OtherKeeper | undefined | "late")[]> {
  const over = Promise.withResolvers<"late">();
  const cancel = clock.setTimer(OTHER_MS, () => over.resolve("late"));
  try {
    return await Promise.all(opening.map((one) => Promise.race([one, over.promise])));
  } finally {
    cancel();
  }
}

async function joinLate(
  keepers: Keepers,
  opening: Promise<OtherKeeper | undefined> | undefined,
): Promise<readonly BackendRow[]> {
  const found = await opening;
  if (found === undefined) return [];
  keepers.join(found);
  return keepers.listOther(found.major);
}

/** Answers at last, with undefined for one that cannot be attached to or is gone; never rejects. */
async function openOther(major: number, fd: number, log: Logger): Promise<OtherKeeper | undefined> {
  let peer: Peer | undefined;
  try {
    const patient = { readyTimeoutMs: REQUEST_TIMEOUT_MS_MAX };
    peer = await connectPeer(inheritedTransport(fd), { helloSent: true }, patient);
    const said = await peer.request(anyInfo, {}, { timeoutMs: REQUEST_TIMEOUT_MS_MAX });
    if (canAttach(said)) return { major, backend: new KeeperBackend(peer, said.version) };
    const spoken = `${OLDEST_KEEPER_MAJOR} to ${KEEPER_MAJOR}`;
    const since = said.servesSince ?? said.protocol;
    log.warn(
      `keeper ${major} serves versions from ${since} on, this build speaks ${spoken}: left out`,
    );
  } catch (error) {
    log.warn(`keeper ${major} is left out: ${String(error)}`);
  }
  // One that keeps a client never ends.
  peer?.close();
  return undefined;
}

function connectOurs(): Promise<Peer> {
  return connectPeer(inheritedTransport(FIRST_FD), {
    ready: {
      protocol: PROTOCOL_VERSION,
      id: 0,
      name: "terminal",
      epoch: 0,
      hubEpoch: 0,
      frameBytesMax: FRAME_BYTES_MAX,
    },
  });
}

function readMajors(words: string | undefined): number[] {
  const majors = (words ?? `${KEEPER_MAJOR}`).split(",").map(Number);
  const isValid = majors.every((major) => Number.isInteger(major) && major >= 0);
  if (isValid && majors[0] === KEEPER_MAJOR) return majors;
  throw new Error(`BULKHEAD_KEEPERS is "${words}", expected majors with ${KEEPER_MAJOR} first`);
}
