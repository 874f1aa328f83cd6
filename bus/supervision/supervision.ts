/** What the files of the supervisor share. One per hub, made by `createSupervisor`. */
import type { Child } from "./child.ts";
import type { Exit } from "./end.ts";
import type { SupervisorPorts } from "./ports.ts";
import type { Timings } from "./spec.ts";

/** Everything the supervisor's files share. One per hub. */
export interface Supervision {
  readonly children: ReadonlyMap<string, Child>;
  readonly ports: SupervisorPorts;
  readonly timings: Timings;
  readonly rootPid: number;
  /** A drill: kills from outside do not count. */
  readonly drill: boolean;
  /** Set by the orderly stop: nothing is started any more. */
  stopping: boolean;
  /** Replacements by name, those that are over included. */
  readonly replacing: Map<string, ReplacementUnderWay>;
  /** A process that served has ended. */
  ended(child: Child, exit: Exit): void;
}

/** What the other files know of a replacement. */
export interface ReplacementUnderWay {
  readonly isOver: boolean;
  nextReady(): void;
  oldEnded(): void;
  abandon(): void;
}
