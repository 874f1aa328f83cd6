/** The plain data of one supervised process. The supervisor's files change it, nobody else. */
import type { EndClass, ProcessState } from "../contracts/hub.ts";
import type { Cause } from "./end.ts";
import { type ChildSnapshot, initialSnapshot, stateOf } from "./machine.ts";
import { EMPTY_HISTORY, type RestartHistory } from "./policy.ts";
import type { RunningProcess } from "./ports.ts";
import type { ChildSpec } from "./spec.ts";
import { WATCHDOG_CALM, type WatchdogState } from "./watchdog.ts";

/** Moves kept for the panel. */
export const MOVES_MAX = 10;
/** Ends kept for the count in a merged toast. */
const RECENT_MAX = 64;

/** One move of the machine. */
export interface Move {
  /** Wall clock, milliseconds. */
  readonly atMs: number;
  readonly from: ProcessState;
  readonly to: ProcessState;
  readonly why: string;
}

/** What follows when a process that we stop has ended. */
export type AfterStop = "restart" | "park" | "rest";

/** Why a process of ours was ended by us. */
export interface Intent {
  readonly cause: Cause;
  /** "kill by a person", "10 checks missed". */
  readonly words: string;
  /** Only for cause `asked`: the policy is not asked then. */
  readonly after: AfterStop;
  readonly by: "person" | "dependency" | "supervisor";
}

/** A moment a process was lost, until it is back. */
export interface Loss {
  /** Supervisor clock. */
  readonly atMs: number;
  readonly class: EndClass;
  readonly reason: string;
  readonly crash: string | null;
  readonly callsFailed: number;
  /** False for processes restarted only because of a dependency: their toast would say nothing. */
  readonly told: boolean;
}

/** A process as the supervisor sees it. */
export interface Child {
  /** Changed by a replacement alone. */
  spec: ChildSpec;
  snapshot: ChildSnapshot;
  process: RunningProcess | undefined;
  epoch: number;
  restarts: number;
  history: RestartHistory;
  /** Supervisor clock; undefined when it is not running or never was ready. */
  spawnedAtMs: number | undefined;
  readyAtMs: number | undefined;
  /** Wall clock of the last move. */
  sinceMs: number;
  /** Wall clock at which a delayed start is due. */
  retryAtMs: number | null;
  /** How long the next start is waited for, whatever the wall clock does meanwhile. */
  delayMs: number;
  reason: string;
  moves: Move[];
  intent: Intent | undefined;
  loss: Loss | undefined;
  watchdog: WatchdogState;
  lagMs: number | null;
  stack: string;
  capturing: boolean;
  /** Killed once the capture under way is done. */
  killAfterCapture: boolean;
  shedding: boolean;
  memory: Array<{ readonly atMs: number; readonly rssBytes: number }>;
  /** Someone needs it, but a dependency is not ready. */
  wanted: boolean;
  /** Ends the timer under way: start timeout, delay, stop escalation. One at a time. */
  cancelTimer: () => void;
  cancelLinkTimer: () => void;
  /** Stderr of the last incarnation, for a parked row. */
  lastStderr: readonly string[];
  /** Supervisor clock of the ends of the last minute, asked ones too. */
  recentMs: number[];
}

/** A child that has never run. */
export function createChild(spec: ChildSpec, wallMs: number): Child {
  return {
    spec,
    snapshot: initialSnapshot(),
    process: undefined,
    epoch: 0,
    restarts: 0,
    history: EMPTY_HISTORY,
    spawnedAtMs: undefined,
    readyAtMs: undefined,
    sinceMs: wallMs,
    retryAtMs: null,
    delayMs: 0,
    reason: "",
    moves: [],
    intent: undefined,
    loss: undefined,
    watchdog: WATCHDOG_CALM,
    lagMs: null,
    stack: "",
    capturing: false,
    killAfterCapture: false,
    shedding: false,
    memory: [],
    wanted: false,
    cancelTimer: () => undefined,
    cancelLinkTimer: () => undefined,
    lastStderr: [],
    recentMs: [],
  };
}

/** The child's state in the words of the contract. */
export function childState(child: Child): ProcessState {
  return stateOf(child.snapshot);
}

/** Notes an end and says how many there were in the last minute, this one included. */
export function noteEnd(child: Child, nowMs: number): number {
  child.recentMs = [...child.recentMs.filter((atMs) => nowMs - atMs < 60_000), nowMs].slice(
    -RECENT_MAX,
  );
  return child.recentMs.length;
}
