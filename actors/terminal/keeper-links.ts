/** The links to keepers that the launcher has left open for this process, and what is said first on them. */
import { connectPeer } from "../../bus/client.ts";
import {
  anyInfo,
  canAttach,
  KEEPER_MAJOR,
  OLDEST_KEEPER_MAJOR,
} from "../../bus/contracts/keeper-majors.ts";
import { FRAME_BYTES_MAX } from "../../bus/limits.ts";
import { inheritedTransport } from "../../bus/node/index.ts";
import type { Peer } from "../../bus/peer.ts";
import { PROTOCOL_VERSION } from "../../bus/protocol.ts";
import type { Logger } from "../runtime/index.ts";
import { KeeperBackend } from "./keeper-backend.ts";
import { Keepers, type OtherKeeper } from "./keepers.ts";

/** Descriptor of our keeper's link; those of others follow. The launcher has said hello and read ready on each. */
const FIRST_FD = 4;
/** A keeper of another version that takes longer counts as hung, milliseconds: our own terminals wait for it. */
const OTHER_MS = 2_000;

/**
 * Joins our keeper and those of other versions that this build can attach to.
 * @param majors value of `BULKHEAD_KEEPERS`: the keepers in the order of their descriptors, ours first.
 * @throws Error when `majors` is not that.
 */
export async function openKeepers(majors: string | undefined, log: Logger): Promise<Keepers> {
  const [, ...others] = readMajors(majors);
  const ours = new KeeperBackend(await connect(FIRST_FD));
  const opened = others.map((major, at) => openOther(major, FIRST_FD + 1 + at, log));
  const found = (await Promise.all(opened)).filter((other) => other !== undefined);
  return new Keepers(ours, found, log);
}

async function openOther(major: number, fd: number, log: Logger): Promise<OtherKeeper | undefined> {
  const peer = await connect(fd);
  try {
    const said = await peer.request(anyInfo, {}, { timeoutMs: OTHER_MS });
    if (canAttach(said)) return { major, backend: new KeeperBackend(peer, said.version) };
    const spoken = `${OLDEST_KEEPER_MAJOR} to ${KEEPER_MAJOR}`;
    const since = said.servesSince ?? said.protocol;
    log.warn(
      `keeper ${major} serves versions from ${since} on, this build speaks ${spoken}: left out`,
    );
  } catch (error) {
    log.warn(`keeper ${major} is left out: ${String(error)}`);
  }
  peer.close();
  return undefined;
}

function connect(fd: number): Promise<Peer> {
  return connectPeer(inheritedTransport(fd), {
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
