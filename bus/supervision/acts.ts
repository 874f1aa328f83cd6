/** Supervision by hand: which acts a state offers, and what each does. */
import type { ProcessAct, ProcessState } from "../contracts/hub.ts";
import type { Child } from "./child.ts";
import { childState } from "./child.ts";
import { retry, save, send } from "./lifecycle.ts";
import type { Supervision } from "./supervision.ts";

const RUNNING: readonly ProcessState[] = [
  "starting",
  "ready",
  "unresponsive",
  "suspended",
  "frozen",
];

/** States in which an act is offered. */
const OFFERED: Readonly<Record<ProcessAct, readonly ProcessState[]>> = {
  kill: [...RUNNING, "stopping"],
  restart: RUNNING,
  suspend: ["ready"],
  resume: ["suspended", "frozen"],
  freeze: ["ready", "unresponsive"],
  park: [...RUNNING, "backing-off"],
  retry: ["dormant", "backing-off", "parked"],
};

/** Acts offered in a state, in the order of the menu. */
export function actsIn(state: ProcessState): ProcessAct[] {
  const acts = Object.keys(OFFERED) as ProcessAct[];
  return acts.filter((act) => OFFERED[act].includes(state));
}

/**
 * Does an act for a person.
 * @returns false when the state does not offer it; nothing was done then.
 */
export function doAct(sup: Supervision, child: Child, act: ProcessAct): boolean {
  if (!OFFERED[act].includes(childState(child))) return false;
  switch (act) {
    case "kill":
      // A stop under way keeps its goal: killing what is being stopped must not start it again.
      child.intent ??= {
        cause: "asked",
        words: "kill by a person",
        after: "restart",
        by: "person",
      };
      child.process?.signal("SIGKILL", "group");
      return true;
    case "restart":
    case "park": {
      if (childState(child) === "backing-off") {
        send(sup, child, "PARK", "stopped by a person");
        save(sup);
        return true;
      }
      const words = act === "park" ? "stopped by a person" : "restarted by a person";
      child.intent = { cause: "asked", words, after: act, by: "person" };
      send(sup, child, "STOP", words);
      return true;
    }
    case "suspend":
      send(sup, child, "SUSPEND", "paused by a person");
      return true;
    case "freeze":
      send(sup, child, "FREEZE", "frozen by a person");
      return true;
    case "resume":
      send(sup, child, "RESUME", "resumed by a person");
      return true;
    case "retry":
      retry(sup, child, "started by a person");
      return true;
  }
}
