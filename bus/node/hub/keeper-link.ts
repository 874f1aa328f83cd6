/**
 * The hub's own link to the keeper: to show it and its shells, to end them when a person asks, and to notice when it
 * hangs, also while nobody looks: the shells stand still with it.
 */
import { join } from "node:path";
import { connectPeer } from "../../client.ts";
import type { Clock } from "../../clock.ts";
import { end, shutdown } from "../../contracts/keeper.ts";
import { type AnySessionRow, anyInfo, anyList, canAttach } from "../../contracts/keeper-majors.ts";
import { BusCode, isBusError } from "../../errors.ts";
import type { Peer } from "../../peer.ts";
import { connectUnix, readToken } from "../index.ts";
import { readStat } from "./proc.ts";

const CALL_MS = 1000;
/** Between two attempts to reach a keeper that is away, milliseconds. */
const RETRY_MS = 1000;
/** Between two looks while nobody else asks, and while it is silent, milliseconds. */
const BEAT_MS = 3000;
const BEAT_SILENT_MS = 1000;
/** Silent looks before a person is told: on a busy machine one late answer is no hang. */
const SILENT_LOOKS_TOLD = 3;

/** What the keeper last said. */
export interface KeeperView {
  readonly pid: number;
  readonly version: string;
  readonly startedMs: number;
  /** Whether the terminals of this build can be held by it. */
  readonly canAttach: boolean;
  readonly sessions: readonly AnySessionRow[];
}

/** A link that is made when it is needed and made again after it broke. */
export interface KeeperLink {
  /** Asks the keeper; null when it does not answer within a second. */
  look(): Promise<KeeperView | null>;
  /** The answer before, without asking; kept while the keeper is silent, null once it is gone. */
  last(): KeeperView | null;
  /** Why a keeper that is there did not answer the last look, empty when it did or none is there. */
  silence(): string;
  /** Ends one session: HUP, then KILL at once. Throws what the keeper says. */
  endSession(session: string): Promise<void>;
  /** Ends all shells and the keeper. Throws `bus/closed` when there is none. */
  shutdown(): Promise<void>;
  close(): void;
}

/** What a link needs. */
export interface KeeperLinkOptions {
  readonly runtimeDir: string;
  /** Version in the names of its files. */
  readonly major: number;
  readonly clock: Clock;
  /** Pid of the keeper as somebody else knows it, null if nobody does. */
  pid(): number | null;
  /** Told once when a keeper stays silent: why; and once when it answers again: empty. */
  onSilence(why: string): void;
}

/** Makes a link and looks at the keeper from time to time until `close`. */
export function createKeeperLink(options: KeeperLinkOptions): KeeperLink {
  const { clock } = options;
  const line = createLine(options);
  const quiet = createQuiet(options.onSilence);
  let view: KeeperView | null = null;
  let looking: Promise<KeeperView | null> | undefined;
  let lookedAtMs = clock.now();
  let cancelBeat = clock.setTimer(BEAT_MS, beat);
  async function ask(): Promise<KeeperView | null> {
    try {
      view = await askView(await line.peer());
      quiet.answered();
      return view;
    } catch (error) {
      if (isSilence(error)) {
        quiet.missed(stateWords(view?.pid ?? options.pid()));
      } else if (isBusError(error, BusCode.version)) {
        quiet.missed(error.message);
      } else {
        quiet.answered();
        view = null;
      }
      return null;
    }
  }
  async function look(): Promise<KeeperView | null> {
    if (line.failedLately()) return null;
    // One at a time: two that wait for the same silence are one missed look.
    looking ??= ask().finally(() => {
      looking = undefined;
      lookedAtMs = clock.now();
    });
    return await looking;
  }
  function beat(): void {
    cancelBeat = clock.setTimer(quiet.why() === "" ? BEAT_MS : BEAT_SILENT_MS, beat);
    if (clock.now() - lookedAtMs >= BEAT_SILENT_MS) void look();
  }
  return {
    look,
    last: () => view,
    silence: quiet.why,
    async endSession(session) {
      await (await line.peer()).request(end, { session, graceMs: 0 }, { timeoutMs: CALL_MS });
    },
    async shutdown() {
      await (await line.peer()).request(shutdown, {}, { timeoutMs: 5 * CALL_MS });
    },
    close() {
      cancelBeat();
      line.close();
    },
  };
}

/** A link that is made when it is needed. */
function createLine({ runtimeDir, major, clock }: KeeperLinkOptions) {
  let link: Promise<Peer> | undefined;
  let failedAtMs = Number.NEGATIVE_INFINITY;
  return {
    failedLately: (): boolean => clock.now() - failedAtMs < RETRY_MS,
    async peer(): Promise<Peer> {
      link ??= connect(join(runtimeDir, `keeper-${major}`)).then((peer) => {
        void peer.closed.then(() => {
          link = undefined;
        });
        return peer;
      });
      try {
        return await link;
      } catch (error) {
        link = undefined;
        failedAtMs = clock.now();
        throw error;
      }
    },
    close(): void {
      void link?.then((peer) => peer.close()).catch(() => undefined);
    },
  };
}

async function connect(base: string): Promise<Peer> {
  const token = await readToken(`${base}.token`);
  const transport = await connectUnix(`${base}.sock`);
  const start = { hello: { name: "hub", pid: process.pid, token } };
  return await connectPeer(transport, start, { readyTimeoutMs: CALL_MS });
}

/** Counts silent looks and tells the first that matters. */
function createQuiet(tell: (why: string) => void) {
  let why = "";
  let looks = 0;
  let told = false;
  return {
    why: (): string => why,
    missed(words: string): void {
      why = words;
      looks += 1;
      if (told || (looks < SILENT_LOOKS_TOLD && words !== STOPPED)) return;
      told = true;
      tell(words);
    },
    answered(): void {
      why = "";
      looks = 0;
      if (told) tell("");
      told = false;
    },
  };
}

const STOPPED = "stopped (SIGSTOP)";

function stateWords(pid: number | null): string {
  const state = pid === null ? undefined : readStat(pid)?.state;
  return state === "T" || state === "t" ? STOPPED : `did not answer within ${CALL_MS / 1000} s`;
}

/** Whether somebody holds the socket and says nothing; a full backlog (EAGAIN) is that as well. */
function isSilence(error: unknown): boolean {
  if (isBusError(error, BusCode.expired)) return true;
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Error && "code" in cause && cause.code === "EAGAIN";
}

async function askView(peer: Peer): Promise<KeeperView> {
  const options = { timeoutMs: CALL_MS };
  const [said, rows] = await Promise.all([
    peer.request(anyInfo, {}, options),
    peer.request(anyList, {}, options),
  ]);
  return {
    pid: said.pid,
    version: said.version,
    canAttach: canAttach(said),
    startedMs: said.startedMs,
    sessions: rows.sessions,
  };
}
