/** What is killed, and how one sees that it is back. */
import { readyRow, type Stage } from "./stage.ts";

/** A victim before its kill. */
export interface Aim {
  /** Kills. Resolves with the wall clock of the kill, milliseconds. */
  kill(): Promise<number>;
  /** Waits until it works again. @throws Error when it does not, or its restart was not counted. */
  back(): Promise<void>;
}

/** A kind of victim. */
export interface Victim {
  readonly name: string;
  readonly stage: Stage["kind"];
  /** Kills of a full run. */
  readonly full: number;
  aim(stage: Stage): Promise<Aim>;
}

/** Processes the hub or the root starts again, by their row. */
function rowVictim(name: string, row: string, full: number): Victim {
  return {
    name,
    stage: "browser",
    full,
    async aim(stage) {
      const before = await readyRow(stage, row);
      return {
        async kill() {
          const killedMs = Date.now();
          process.kill(before.pid, "SIGKILL");
          return killedMs;
        },
        async back() {
          const after = await readyRow(stage, row, before.pid);
          if (after.restarts !== before.restarts + 1) {
            throw new Error(`${row}: ${after.restarts} restarts, expected ${before.restarts + 1}`);
          }
        },
      };
    },
  };
}

/** Victims that take the page with them: the stage waits for the next one. */
function pageVictim(
  name: string,
  stage: Stage["kind"],
  full: number,
  kill: (stage: Stage) => Promise<number>,
): Victim {
  return {
    name,
    stage,
    full,
    aim: async (on) => ({
      kill: () => kill(on),
      back: async () => void (await readyRow(on, "hub")),
    }),
  };
}

export const VICTIMS: readonly Victim[] = [
  rowVictim("terminal", "terminal", 200),
  rowVictim("hub", "hub", 200),
  pageVictim("renderer", "browser", 25, (stage) => stage.crashPage()),
  pageVictim("web-process", "window", 25, (stage) => stage.crashPage()),
  pageVictim("window", "window", 50, (stage) => stage.killWindow()),
  pageVictim("root", "window", 50, (stage) => stage.killRoot()),
];
