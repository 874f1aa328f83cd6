/**
 * The machine of one supervised process. It only decides: `step` is pure, effects come back as names and
 * `supervisor.ts` carries them out. Clocks, counters and delays are outside it as plain data.
 *
 * The table is the truth; a test compares it with the machine, row by row.
 *
 * | state        | event      | next         | effects                     |
 * |--------------|------------|--------------|-----------------------------|
 * | dormant      | START      | starting     | spawn                       |
 * | dormant      | PARK       | parked       | park                        |
 * | starting     | READY      | ready        | serve                       |
 * | starting     | STOP       | stopping     | askToStop                   |
 * | starting     | RESTART    | backing-off  | wait                        |
 * | starting     | PARK       | parked       | park                        |
 * | starting     | REST       | dormant      | rest                        |
 * | ready        | MISSED     | unresponsive | captureStack                |
 * | ready        | SUSPEND    | suspended    | suspend                     |
 * | ready        | FREEZE     | frozen       | freeze                      |
 * | ready        | STOP       | stopping     | askToStop                   |
 * | ready        | RESTART    | backing-off  | wait                        |
 * | ready        | PARK       | parked       | park                        |
 * | ready        | REST       | dormant      | rest                        |
 * | unresponsive | ANSWERED   | ready        | recover                     |
 * | unresponsive | FREEZE     | frozen       | freeze                      |
 * | unresponsive | STOP       | stopping     | askToStop                   |
 * | unresponsive | RESTART    | backing-off  | wait                        |
 * | unresponsive | PARK       | parked       | park                        |
 * | unresponsive | REST       | dormant      | rest                        |
 * | suspended    | RESUME     | ready        | resume                      |
 * | suspended    | STOP       | stopping     | askToStop                   |
 * | suspended    | RESTART    | backing-off  | wait                        |
 * | suspended    | PARK       | parked       | park                        |
 * | suspended    | REST       | dormant      | rest                        |
 * | frozen       | RESUME     | ready        | thaw                        |
 * | frozen       | STOP       | stopping     | thaw, askToStop             |
 * | frozen       | RESTART    | backing-off  | wait                        |
 * | frozen       | PARK       | parked       | park                        |
 * | frozen       | REST       | dormant      | rest                        |
 * | stopping     | RESTART    | backing-off  | wait                        |
 * | stopping     | PARK       | parked       | park                        |
 * | stopping     | REST       | dormant      | rest                        |
 * | backing-off  | START      | starting     | spawn                       |
 * | backing-off  | PARK       | parked       | park                        |
 * | backing-off  | REST       | dormant      | rest                        |
 * | parked       | START      | starting     | spawn                       |
 * | parked       | REST       | dormant      | rest                        |
 *
 * RESTART, PARK and REST in a running state follow the end of the process: the policy has spoken.
 */
import { createMachine, initialTransition, type SnapshotFrom, transition } from "xstate";
import type { ProcessState } from "../contracts/hub.ts";

/** Facts and verdicts a machine hears. */
export type ChildEvent =
  | "START"
  | "READY"
  | "MISSED"
  | "ANSWERED"
  | "SUSPEND"
  | "RESUME"
  | "FREEZE"
  | "STOP"
  | "RESTART"
  | "PARK"
  | "REST";

/** What the supervisor has to do on a move. */
export type ChildEffect =
  | "spawn"
  | "serve"
  | "askToStop"
  | "wait"
  | "park"
  | "rest"
  | "captureStack"
  | "recover"
  | "suspend"
  | "resume"
  | "freeze"
  | "thaw";

const ENDED = {
  RESTART: { target: "backing-off", actions: "wait" },
  PARK: { target: "parked", actions: "park" },
  REST: { target: "dormant", actions: "rest" },
} as const;
const STOP = { target: "stopping", actions: "askToStop" } as const;
const FREEZE = { target: "frozen", actions: "freeze" } as const;
const START = { target: "starting", actions: "spawn" } as const;

/** The machine itself, exported for the panel's chart and the test of the table. */
export const childMachine = createMachine({
  types: {} as { events: { type: ChildEvent } },
  id: "child",
  initial: "dormant",
  states: {
    dormant: { on: { START, PARK: ENDED.PARK } },
    starting: { on: { READY: { target: "ready", actions: "serve" }, STOP, ...ENDED } },
    ready: {
      on: {
        MISSED: { target: "unresponsive", actions: "captureStack" },
        SUSPEND: { target: "suspended", actions: "suspend" },
        FREEZE,
        STOP,
        ...ENDED,
      },
    },
    unresponsive: {
      on: { ANSWERED: { target: "ready", actions: "recover" }, FREEZE, STOP, ...ENDED },
    },
    suspended: { on: { RESUME: { target: "ready", actions: "resume" }, STOP, ...ENDED } },
    frozen: {
      on: {
        RESUME: { target: "ready", actions: "thaw" },
        STOP: { target: "stopping", actions: ["thaw", "askToStop"] },
        ...ENDED,
      },
    },
    stopping: { on: ENDED },
    "backing-off": { on: { START, PARK: ENDED.PARK, REST: ENDED.REST } },
    parked: { on: { START, REST: ENDED.REST } },
  },
});

/** Where a machine stands. Opaque: pass it back to `step`. */
export type ChildSnapshot = SnapshotFrom<typeof childMachine>;

/** The snapshot every process begins with. */
export function initialSnapshot(): ChildSnapshot {
  return initialTransition(childMachine)[0];
}

/** The state of a snapshot as the contract names it. */
export function stateOf(snapshot: ChildSnapshot): ProcessState {
  return snapshot.value as ProcessState;
}

/** Whether `event` moves the machine from here. */
export function accepts(snapshot: ChildSnapshot, event: ChildEvent): boolean {
  return snapshot.can({ type: event });
}

/** Makes one move. An event that the state does not know changes nothing and has no effects. */
export function step(
  snapshot: ChildSnapshot,
  event: ChildEvent,
): { readonly snapshot: ChildSnapshot; readonly effects: readonly ChildEffect[] } {
  if (!accepts(snapshot, event)) return { snapshot, effects: [] };
  const [next, actions] = transition(childMachine, snapshot, { type: event });
  return { snapshot: next, effects: actions.map((action) => action.type as ChildEffect) };
}
