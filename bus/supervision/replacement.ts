/**
 * Puts a new process in the place of one that serves, without a moment in which nobody does: the new one starts beside
 * it, gets what the old one hands over, takes its name, and the old one ends what it has begun. It counts as asked.
 *
 * | state        | event      | next         | effects           |
 * |--------------|------------|--------------|-------------------|
 * | idle         | START      | starting     | launchNext        |
 * | starting     | READY      | handing-over | handOver          |
 * | starting     | NEXT_ENDED | idle         | giveUp            |
 * | starting     | LATE       | idle         | killNext, giveUp  |
 * | starting     | OLD_ENDED  | idle         | killNext, finish  |
 * | handing-over | TAKEN      | draining     | switchOver        |
 * | handing-over | NEXT_ENDED | idle         | giveUp            |
 * | handing-over | LATE       | idle         | killNext, giveUp  |
 * | handing-over | OLD_ENDED  | idle         | killNext, finish  |
 * | draining     | OLD_ENDED  | idle         | bury              |
 *
 * An old one that ends by itself is started again by its own machine, and with the new spec: nothing is left to do.
 */
import { createMachine, initialTransition, type SnapshotFrom, transition } from "xstate";
import { type Child, childState } from "./child.ts";
import type { Exit } from "./end.ts";
import type { RunningProcess } from "./ports.ts";
import type { ChildSpec } from "./spec.ts";
import type { Supervision } from "./supervision.ts";
import { WATCHDOG_CALM } from "./watchdog.ts";

export type ReplacementEvent = "START" | "READY" | "NEXT_ENDED" | "LATE" | "TAKEN" | "OLD_ENDED";
export type ReplacementEffect =
  | "launchNext"
  | "handOver"
  | "switchOver"
  | "killNext"
  | "giveUp"
  | "finish"
  | "bury";

/** Between two looks at what the old process still has to do, milliseconds. */
const LOOK_MS = 20;
/** How long the old process may go on with what it has begun, milliseconds. */
export const DRAIN_MS = 2_000;
/** How long it may take to end when it was told to, milliseconds. */
const END_MS = 1_000;

const BEFORE = {
  NEXT_ENDED: { target: "idle", actions: "giveUp" },
  LATE: { target: "idle", actions: ["killNext", "giveUp"] },
  OLD_ENDED: { target: "idle", actions: ["killNext", "finish"] },
} as const;

/** The machine itself, exported for the test of the table. */
export const replacementMachine = createMachine({
  types: {} as { events: { type: ReplacementEvent } },
  id: "replacement",
  initial: "idle",
  states: {
    idle: { on: { START: { target: "starting", actions: "launchNext" } } },
    starting: { on: { READY: { target: "handing-over", actions: "handOver" }, ...BEFORE } },
    "handing-over": { on: { TAKEN: { target: "draining", actions: "switchOver" }, ...BEFORE } },
    draining: { on: { OLD_ENDED: { target: "idle", actions: "bury" } } },
  },
});

/** The name under which the next process of `name` is known until it takes over, and the old one afterwards. */
export function besideName(name: string): string {
  return `${name}-next`;
}

/** What a replacement changes. */
export type SpecChange = Pick<ChildSpec, "sandbox"> & { readonly env: ChildSpec["env"] & object };

/** One replacement under way or over. Made for one use. */
export class Replacement {
  readonly #sup: Supervision;
  readonly #child: Child;
  readonly #before: ChildSpec;
  readonly #settle = Promise.withResolvers<void>();
  #snapshot: SnapshotFrom<typeof replacementMachine> = initialTransition(replacementMachine)[0];
  #next: RunningProcess | undefined;
  #old: RunningProcess | undefined;
  #epoch = 0;
  #why = "";
  #cancelTimer: () => void = () => undefined;

  constructor(sup: Supervision, child: Child, change: SpecChange) {
    this.#sup = sup;
    this.#child = child;
    this.#before = child.spec;
    // From now on: a process that is started for whatever reason is one of the new kind.
    child.spec = { ...child.spec, ...change };
  }

  /** Whether another one may be begun. */
  get isOver(): boolean {
    return this.#snapshot.value === "idle";
  }

  /** Resolves when the new process serves; rejects, with everything as it was, when it cannot. */
  start(): Promise<void> {
    if (childState(this.#child) !== "ready") this.#settle.resolve();
    else this.#send("START");
    return this.#settle.promise;
  }

  /** The next process said ready. */
  nextReady(): void {
    this.#send("READY");
  }

  /** The process that serves, or did, has ended. */
  oldEnded(): void {
    this.#send("OLD_ENDED");
  }

  /** The hub ends: nothing of this may go on. */
  abandon(): void {
    this.#cancelTimer();
    this.#next?.signal("SIGKILL", "group");
    this.#old?.signal("SIGKILL", "group");
  }

  #send(type: ReplacementEvent): void {
    if (!this.#snapshot.can({ type })) return;
    const [snapshot, actions] = transition(replacementMachine, this.#snapshot, { type });
    this.#snapshot = snapshot;
    for (const { type: effect } of actions) this.#carryOut(effect as ReplacementEffect);
  }

  #carryOut(effect: ReplacementEffect): void {
    switch (effect) {
      case "launchNext":
        return this.#launchNext();
      case "handOver":
        return this.#handOver();
      case "switchOver":
        return this.#switchOver();
      case "killNext":
        this.#next?.signal("SIGKILL", "group");
        return;
      case "giveUp":
        this.#cancelTimer();
        this.#child.spec = this.#before;
        this.#takeLost();
        this.#settle.reject(new Error(this.#why));
        return;
      case "finish":
        this.#cancelTimer();
        this.#settle.resolve();
        return;
      case "bury":
        this.#cancelTimer();
        this.#takeLost();
        return;
    }
  }

  #launchNext(): void {
    const { ports } = this.#sup;
    const { spec } = this.#child;
    const epoch = this.#child.epoch + 1;
    this.#epoch = epoch;
    ports.link.setState(besideName(spec.name), "starting");
    this.#why = `the new ${spec.name} was not ready within ${spec.startTimeoutMs} ms`;
    this.#arm(spec.startTimeoutMs, () => this.#send("LATE"));
    try {
      const env = { ...spec.env, BULKHEAD_BESIDE: "1" };
      const ended = (exit: Exit): void => this.#nextEnded(epoch, exit);
      this.#next = ports.launch({ ...spec, env }, epoch, ended, { beside: besideName(spec.name) });
    } catch (error) {
      // Not in this turn: the machine is still on its way into `starting`.
      this.#why = error instanceof Error ? error.message : String(error);
      this.#arm(0, () => this.#send("NEXT_ENDED"));
    }
  }

  #nextEnded(epoch: number, exit: Exit): void {
    if (this.#snapshot.value === "starting" || this.#snapshot.value === "handing-over") {
      const last = this.#next?.stderr().at(-1) ?? "";
      this.#why = `the new ${this.#child.spec.name} ended: ${exit.signal ?? exit.code} ${last}`;
      this.#send("NEXT_ENDED");
    } else if (this.#child.epoch === epoch) {
      this.#sup.ended(this.#child, exit);
    } else {
      this.#sup.replacing.get(this.#child.spec.name)?.oldEnded();
    }
  }

  #handOver(): void {
    const { name } = this.#child.spec;
    this.#sup.ports.link.setState(besideName(name), "ready");
    this.#sup.ports.handOver(name, besideName(name)).then(
      () => this.#send("TAKEN"),
      (error: unknown) => {
        this.#why = `${name} could not hand over: ${String(error)}`;
        this.#send("LATE");
      },
    );
  }

  /** In one turn: what was sent before goes to the old process, what comes after to the new one. */
  #switchOver(): void {
    const { ports } = this.#sup;
    const child = this.#child;
    this.#cancelTimer();
    ports.link.swap(child.spec.name, besideName(child.spec.name));
    this.#old = child.process;
    child.process = this.#next;
    this.#next = undefined;
    child.epoch = this.#epoch;
    child.restarts += 1;
    child.reason = "replaced by one with a wider profile (asked)";
    child.readyAtMs = ports.clock.now();
    child.spawnedAtMs = child.readyAtMs;
    child.watchdog = WATCHDOG_CALM;
    child.lagMs = null;
    child.memory = [];
    child.shedding = false;
    ports.changed();
    this.#settle.resolve();
    this.#drain(ports.clock.now() + DRAIN_MS);
  }

  #drain(untilMs: number): void {
    const { ports } = this.#sup;
    const beside = besideName(this.#child.spec.name);
    if (ports.link.busy(beside) > 0 && ports.clock.now() < untilMs) {
      this.#arm(LOOK_MS, () => this.#drain(untilMs));
      return;
    }
    ports.link.control(beside, { op: "stop", graceMs: END_MS, reason: "another has taken over" });
    this.#arm(END_MS, () => this.#old?.signal("SIGKILL", "group"));
  }

  /** What is still asked of a process that has ended fails, as at any end. */
  #takeLost(): void {
    this.#sup.ports.link.takeLost(besideName(this.#child.spec.name));
  }

  #arm(ms: number, fire: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#sup.ports.clock.setTimer(ms, fire);
  }
}
