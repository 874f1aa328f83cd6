/** What is killed, and how one sees that it is back. */
import { readyRow, type Stage } from "./stage.ts";
import type { Ground } from "./workload.ts";

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
  /** Workloads it is killed under. */
  readonly under: Ground;
  /** Kills of a full run. */
  readonly full: number;
  aim(stage: Stage): Promise<Aim>;
}

type Place = Pick<Victim, "stage" | "under" | "full">;

/** Processes the hub or the root starts again, by their row. */
function rowVictim(name: string, row: string, place: Place): Victim {
  return {
    name,
    ...place,
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
function pageVictim(name: string, place: Place, kill: (stage: Stage) => Promise<number>): Victim {
  return {
    name,
    ...place,
    aim: async (on) => ({
      kill: () => kill(on),
      back: async () => void (await readyRow(on, "hub")),
    }),
  };
}

function shellsIn(stage: Stage["kind"], full: number): Place {
  return { stage, under: "shells", full };
}

/** Documents are typed into in the real window. */
const DOCUMENTS: Place = { stage: "window", under: "documents", full: 50 };

export const VICTIMS: readonly Victim[] = [
  rowVictim("terminal", "terminal", shellsIn("browser", 200)),
  rowVictim("hub", "hub", shellsIn("browser", 200)),
  pageVictim("renderer", shellsIn("browser", 25), (stage) => stage.crashPage()),
  pageVictim("web-process", shellsIn("window", 25), (stage) => stage.crashPage()),
  pageVictim("window", shellsIn("window", 50), (stage) => stage.killWindow()),
  pageVictim("root", shellsIn("window", 50), (stage) => stage.killRoot()),
  rowVictim("editor-sync", "editor-sync", DOCUMENTS),
  rowVictim("editor-hub", "hub", DOCUMENTS),
  pageVictim("editor-page", DOCUMENTS, (stage) => stage.crashPage()),
  pageVictim("editor-all", DOCUMENTS, (stage) => stage.killAll()),
];
