/** What the supervisor needs of the world. `bus/node/hub` gives the real ones, tests give simulated ones. */
import type { Clock } from "../clock.ts";
import type { EndClass } from "../contracts/hub.ts";
import type { Control } from "../protocol.ts";
import type { Exit } from "./end.ts";
import type { SavedSupervision } from "./saved.ts";
import type { ChildSpec } from "./spec.ts";

/** A started process. */
export interface RunningProcess {
  readonly pid: number;
  /** Sends a signal to it, or to its whole group. A process that is gone is no error. */
  signal(name: "SIGKILL" | "SIGTERM" | "SIGSTOP" | "SIGCONT", to: "process" | "group"): void;
  /** The last lines of its stderr, oldest first. */
  stderr(): readonly string[];
}

/** How the broker is told and asked. */
export interface LinkPort {
  setState(name: string, state: "absent" | "starting" | "ready" | "suspended" | "parked"): void;
  control(name: string, control: Control): void;
  ping(name: string): void;
  /** Closes the link of an ended process; says what it left unanswered and what waits for the next one. */
  takeLost(name: string): LostCalls;
  /** Lets two processes change their names: what is under way stays with each. */
  swap(name: string, other: string): void;
  /** Calls and streams that a process still has to answer. */
  busy(name: string): number;
}

/** What an end cost. Lists hold at most 100 entries. */
export interface LostCalls {
  /** Calls that were under way and failed by the end. */
  readonly failed: ReadonlyArray<{
    readonly subject: string;
    readonly source: string;
    readonly ageMs: number;
  }>;
  readonly waiting: ReadonlyArray<{
    readonly subject: string;
    readonly source: string;
    readonly waitedMs: number;
  }>;
}

/** A process ended badly: what the supervisor knows of it. */
export interface CrashFacts {
  readonly name: string;
  readonly epoch: number;
  readonly class: EndClass;
  readonly reason: string;
  readonly stack: string;
  readonly stderr: readonly string[];
  readonly uptimeMs: number;
  readonly lost: LostCalls;
  readonly memory: ReadonlyArray<{ readonly atMs: number; readonly rssBytes: number }>;
}

/** Something worth telling a person. */
export type Tale =
  | {
      readonly type: "restarted";
      readonly name: string;
      readonly epoch: number;
      readonly class: EndClass;
      readonly reason: string;
      readonly durationMs: number;
      readonly callsFailed: number;
      readonly crash: string | null;
    }
  | {
      readonly type: "parked";
      readonly name: string;
      readonly class: EndClass;
      readonly why: string;
      readonly reason: string;
      readonly crash: string | null;
    };

/** Everything else the supervisor asks for. */
export interface SupervisorPorts {
  readonly clock: Clock;
  /** Wall clock, milliseconds. Only shown, never calculated with. */
  wallMs(): number;
  /** Uniform in [0, 1). */
  random(): number;
  readonly link: LinkPort;
  /**
   * Starts a process. `onExit` is called once, never before this function has returned.
   * @throws Error when it cannot be started.
   */
  launch(
    spec: ChildSpec,
    epoch: number,
    onExit: (exit: Exit) => void,
    /** The name its link has until it takes over; absent: that of the spec. */
    as?: { readonly beside: string },
  ): RunningProcess;
  /** Gives what the process `name` knows to the one beside it. Rejects when one of them fails or is silent. */
  handOver(name: string, beside: string): Promise<void>;
  /** Stack of the process's event loop, or a sentence that says why there is none. Never rejects. */
  captureStack(process: RunningProcess, timeoutMs: number): Promise<string>;
  /** Resident set, null when the process is gone. */
  rssBytes(pid: number): number | null;
  /** Whether the kernel killed some process of this machine for lack of memory in the last seconds. */
  ranOutOfMemory(): boolean;
  /** Writes a crash report; returns its id. Never throws. */
  report(crash: CrashFacts): string;
  tell(tale: Tale): void;
  /** Some row changed. */
  changed(): void;
  /** Keeps restart windows and parked states for the next hub. Never throws. */
  save(saved: SavedSupervision): void;
}
