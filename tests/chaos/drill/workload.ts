/** What goes on in a terminal while something is killed. */
import type { Random } from "./random.ts";
import type { Seat } from "./seat.ts";

/** Where the work is done. A victim is killed under workloads of its own kind alone. */
export type Ground = "shells" | "documents";

/** The scene of one drill. */
export interface Scene {
  readonly seat: Seat;
  readonly random: Random;
  /** Counts the drills of this seat from 1. */
  readonly number: number;
  /** Notes something that must not be. */
  tell(problem: string): void;
}

/** A workload. Every drill begins and ends at the shell's prompt. */
export interface Workload {
  readonly name: string;
  /** Default: shells. */
  readonly of?: Ground;
  /** The kill comes at a random moment within this of the beginning, milliseconds. */
  readonly spanMs: number;
  /** Whether the screen is compared: not where a change of its size and output race by nature. */
  readonly hasScreen: boolean;
  /** Starts; resolves when it is under way. */
  begin(scene: Scene): Promise<void>;
  /** Goes on while the kill happens. */
  during?(scene: Scene): Promise<void>;
  /** Waits for its end and tells what is wrong; leaves the prompt. */
  finish(scene: Scene): Promise<void>;
}
