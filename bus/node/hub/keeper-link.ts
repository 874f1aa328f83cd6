/** The hub's own link to the keeper: only to show it and its shells, and to end them when a person asks. */
import { join } from "node:path";
import { connectPeer } from "../../client.ts";
import { end, info, list, type SessionRow, shutdown } from "../../contracts/keeper.ts";
import type { Peer } from "../../peer.ts";
import { connectUnix, readToken } from "../index.ts";

const CALL_MS = 1000;
/** Between two attempts to reach a keeper that is away, milliseconds. */
const RETRY_MS = 1000;

/** What the keeper last said. */
export interface KeeperView {
  readonly pid: number;
  readonly version: string;
  readonly startedMs: number;
  readonly sessions: readonly SessionRow[];
}

/** A link that is made when it is needed and made again after it broke. */
export interface KeeperLink {
  /** Asks the keeper; null when it does not answer within a second. */
  look(): Promise<KeeperView | null>;
  /** The answer before, without asking. */
  last(): KeeperView | null;
  /** Ends one session: HUP, then KILL at once. Throws what the keeper says. */
  endSession(session: string): Promise<void>;
  /** Ends all shells and the keeper. Throws `bus/closed` when there is none. */
  shutdown(): Promise<void>;
  close(): void;
}

/** Makes a link; nothing is connected before the first question. */
export function createKeeperLink(runtimeDir: string, now: () => number): KeeperLink {
  let link: Promise<Peer> | undefined;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  let view: KeeperView | null = null;
  const connected = (): Promise<Peer> => {
    link ??= connect(runtimeDir).then((peer) => {
      void peer.closed.then(() => {
        link = undefined;
      });
      return peer;
    });
    return link.catch((error: unknown) => {
      link = undefined;
      failedAtMs = now();
      throw error;
    });
  };
  return {
    async look() {
      if (now() - failedAtMs < RETRY_MS) return null;
      try {
        view = await ask(await connected());
      } catch {
        view = null;
      }
      return view;
    },
    last: () => view,
    async endSession(session) {
      await (await connected()).request(end, { session, graceMs: 0 }, { timeoutMs: CALL_MS });
    },
    async shutdown() {
      await (await connected()).request(shutdown, {}, { timeoutMs: 5 * CALL_MS });
    },
    close() {
      void link?.then((peer) => peer.close()).catch(() => undefined);
    },
  };
}

async function connect(runtimeDir: string): Promise<Peer> {
  const token = await readToken(join(runtimeDir, "keeper-1.token"));
  const transport = await connectUnix(join(runtimeDir, "keeper-1.sock"));
  return await connectPeer(transport, { hello: { name: "hub", pid: process.pid, token } });
}

async function ask(peer: Peer): Promise<KeeperView> {
  const options = { timeoutMs: CALL_MS };
  const [said, rows] = await Promise.all([
    peer.request(info, {}, options),
    peer.request(list, {}, options),
  ]);
  return {
    pid: said.pid,
    version: said.version,
    startedMs: said.startedMs,
    sessions: rows.sessions,
  };
}
