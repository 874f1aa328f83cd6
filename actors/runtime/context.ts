/** What an actor gets to work with, and what it hands back. */
import type { Clock } from "../../bus/clock.ts";
import type { Peer } from "../../bus/peer.ts";
import type { ActorEnvironment } from "./environment.ts";
import type { Logger } from "./log.ts";

/** An actor as its `main.ts` describes it. */
export interface ActorDefinition {
  /** The part of its subjects before the first dot: `terminal`. */
  readonly name: string;
  /**
   * Registers handlers and prepares state; the actor is announced ready when it returns. Throwing ends the
   * process with code 1, a `PermanentError` with 78.
   */
  start(ctx: ActorContext): void | Promise<void>;
}

/** Handed to `start`. Everything in it lives as long as the process. */
export interface ActorContext {
  /** Link to the hub. Closed by the runtime. */
  readonly peer: Peer;
  readonly log: Logger;
  readonly clock: Clock;
  /** Aborts when the hub asks to stop: take no new work, finish what is under way. */
  readonly stopping: AbortSignal;
  /** Folder of this actor alone, made with mode 0700. */
  readonly stateDir: string;
  readonly env: ActorEnvironment;
  /**
   * Runs before the link closes in an orderly stop, last registered first, all together within the grace
   * time of the hub (5 s). Not run when the process crashes or is killed.
   */
  onStop(work: (graceMs: number) => void | Promise<void>): void;
  /** Called when memory passed the soft limit: drop what can be had again. */
  onShed(work: (rssBytes: number, limitBytes: number) => void): void;
  /** Called with true when a person pauses the actor (the hub holds its messages), with false at the end. */
  onSuspend(work: (suspended: boolean) => void): void;
}
