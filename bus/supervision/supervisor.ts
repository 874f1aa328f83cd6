/**
 * The supervisor of a hub: starts the processes of its specs, keeps them alive, stops them in reverse order.
 * It knows no operating system and no broker; both are ports.
 */
import type { ProcessAct } from "../contracts/hub.ts";
import type { Pulse } from "../protocol.ts";
import { doAct } from "./acts.ts";
import { type Child, childState, createChild } from "./child.ts";
import { ended, send, want } from "./lifecycle.ts";
import type { SupervisorPorts } from "./ports.ts";
import { besideName, Replacement, type SpecChange } from "./replacement.ts";
import { loadHistory, type SavedSupervision } from "./saved.ts";
import { type ChildSpec, dependentsOf, lintSpecs, type Timings } from "./spec.ts";
import type { Supervision } from "./supervision.ts";
import { notePulse, startWatch } from "./watch.ts";

/** How a supervisor is made. */
export interface SupervisorOptions {
  readonly specs: readonly ChildSpec[];
  readonly timings: Timings;
  readonly rootPid: number;
  /** Lifts the restart limits for kills from outside. */
  readonly drill: boolean;
  /** What the last hub of this root left, if there was one. */
  readonly saved: SavedSupervision | undefined;
}

/** A running supervisor. Closed by `stop`, which is its end. */
export interface Supervisor {
  /** All processes in start order. Read only. */
  children(): readonly Readonly<Child>[];
  child(name: string): Readonly<Child> | undefined;
  /** Starts everything that is not lazy and not parked. */
  start(): void;
  /** A message for a dormant process came: start it. */
  need(name: string): void;
  /** The process said ready. */
  ready(name: string): void;
  pulse(name: string, pulse: Pulse): void;
  /** Its link closed; a process that lives on without it is killed. */
  linkLost(name: string): void;
  /** Does an act of a person; false when the state does not offer it. Throws nothing. */
  act(name: string, act: ProcessAct): boolean;
  /**
   * Puts a process with a changed spec in the place of one that serves, which goes on until the new one is ready and
   * then ends what it has begun. One at a time.
   * Rejects, with everything as it was, when the new one does not become ready.
   */
  replace(name: string, change: SpecChange): Promise<void>;
  /** Ends all processes, those that others need last. Resolves when none is left; bounded by the graces. */
  stop(reason: string): Promise<void>;
}

/**
 * Makes a supervisor; nothing is started before `start`.
 * @throws Error listing everything that is wrong with the specs.
 */
export function createSupervisor(options: SupervisorOptions, ports: SupervisorPorts): Supervisor {
  const problems = lintSpecs(options.specs);
  if (problems.length > 0) throw new Error(`processes refused: ${problems.join("; ")}`);
  const sup: Supervision = {
    children: new Map(
      options.specs.map((spec) => [spec.name, restore(spec, options.saved, ports)]),
    ),
    ports,
    timings: options.timings,
    rootPid: options.rootPid,
    drill: options.drill,
    stopping: false,
    replacing: new Map(),
    ended: (child, exit) => ended(sup, child, exit, null),
  };
  const endWatch = startWatch(sup);
  const withChild = (name: string, work: (child: Child) => void): void => {
    const child = sup.children.get(name);
    if (child !== undefined) work(child);
  };
  return {
    children: () => [...sup.children.values()],
    child: (name) => sup.children.get(name),
    start: () => startAll(sup, options.saved),
    need: (name) =>
      withChild(name, (child) => {
        if (childState(child) === "dormant") want(sup, child, "a message for it came");
      }),
    ready: (name) => {
      for (const [replaced, replacement] of sup.replacing) {
        if (besideName(replaced) === name) replacement.nextReady();
      }
      withChild(name, (child) => send(sup, child, "READY", "it said ready"));
    },
    pulse: (name, pulse) => withChild(name, (child) => notePulse(sup, child, pulse)),
    linkLost: (name) => withChild(name, (child) => expectEnd(sup, child)),
    act: (name, act) => {
      const child = sup.children.get(name);
      if (child === undefined || sup.stopping) return false;
      return doAct(sup, child, act);
    },
    replace: (name, change) => replace(sup, name, change),
    stop: (reason) => stopAll(sup, reason, endWatch),
  };
}

async function replace(sup: Supervision, name: string, change: SpecChange): Promise<void> {
  const child = sup.children.get(name);
  if (child === undefined || sup.stopping) throw new Error(`${name} cannot be replaced now`);
  if (sup.replacing.get(name)?.isOver === false) {
    throw new Error(`${name} is being replaced already`);
  }
  const replacement = new Replacement(sup, child, change);
  sup.replacing.set(name, replacement);
  await replacement.start();
}

function restore(
  spec: ChildSpec,
  saved: SavedSupervision | undefined,
  ports: SupervisorPorts,
): Child {
  const child = createChild(spec, ports.wallMs());
  const before = saved?.children[spec.name];
  if (before === undefined) return child;
  child.epoch = before.epoch;
  child.restarts = before.restarts;
  child.history = loadHistory(before, ports.wallMs(), ports.clock.now());
  return child;
}

function startAll(sup: Supervision, saved: SavedSupervision | undefined): void {
  for (const child of sup.children.values()) {
    const { name, lazy, startDelayMs = 0 } = child.spec;
    const parked = saved?.children[name]?.parked ?? null;
    sup.ports.link.setState(name, "absent");
    if (parked !== null) {
      child.reason = parked.reason;
      send(sup, child, "PARK", parked.why);
      continue;
    }
    if (lazy) continue;
    if (startDelayMs === 0) want(sup, child, "starts with the hub");
    else startLater(sup, child, startDelayMs);
  }
}

function startLater(sup: Supervision, child: Child, delayMs: number): void {
  child.cancelTimer();
  child.cancelTimer = sup.ports.clock.setTimer(delayMs, () => {
    if (childState(child) === "dormant") want(sup, child, `starts ${delayMs} ms after the hub`);
  });
}

function expectEnd(sup: Supervision, child: Child): void {
  const { process } = child;
  if (process === undefined) return;
  child.cancelLinkTimer();
  child.cancelLinkTimer = sup.ports.clock.setTimer(sup.timings.linkGraceMs, () => {
    if (child.process !== process) return;
    child.intent ??= { cause: "link", words: "", after: "restart", by: "supervisor" };
    process.signal("SIGKILL", "group");
  });
}

async function stopAll(sup: Supervision, reason: string, endWatch: () => void): Promise<void> {
  sup.stopping = true;
  for (const replacement of sup.replacing.values()) replacement.abandon();
  const specs = [...sup.children.values()].map((child) => child.spec);
  const boundMs = sup.timings.stopGraceMs + sup.timings.termGraceMs + sup.timings.linkGraceMs;
  for (let round = 0; round < specs.length; round += 1) {
    const running = [...sup.children.values()].filter((child) => child.process !== undefined);
    if (running.length === 0) break;
    // Reverse start order, all at once that nobody running needs any more.
    const free = running.filter((child) =>
      dependentsOf(specs, child.spec.name).every(
        (name) => sup.children.get(name)?.process === undefined,
      ),
    );
    for (const child of free) {
      child.intent = { cause: "asked", words: reason, after: "rest", by: "supervisor" };
      send(sup, child, "STOP", reason);
    }
    await allGone(sup, free, boundMs);
  }
  for (const child of sup.children.values()) child.cancelTimer();
  endWatch();
}

function allGone(sup: Supervision, children: readonly Child[], boundMs: number): Promise<void> {
  const untilMs = sup.ports.clock.now() + boundMs;
  return new Promise((resolve) => {
    const look = (): void => {
      const gone = children.every((child) => child.process === undefined);
      if (gone || sup.ports.clock.now() >= untilMs) resolve();
      else sup.ports.clock.setTimer(20, look);
    };
    look();
  });
}
