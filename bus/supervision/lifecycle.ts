/**
 * Carries out what the machine of a process decided: start, serve, stop, wait, park. Every effect of
 * `machine.ts` has one function here.
 *
 *   spawn --- ready ---> serve            ended --- policy ---> wait | park | rest
 *     \--- start timeout ---> stack, kill ---^
 */
import { type Child, childState, MOVES_MAX } from "./child.ts";
import type { Exit } from "./end.ts";
import { noteExit } from "./ended.ts";
import { accepts, type ChildEffect, type ChildEvent, step } from "./machine.ts";
import { EMPTY_HISTORY } from "./policy.ts";
import { type SavedSupervision, saveEnds } from "./saved.ts";
import { dependentsOf } from "./spec.ts";
import { killAfterStack } from "./stack.ts";
import type { Supervision } from "./supervision.ts";
import { WATCHDOG_CALM } from "./watchdog.ts";

/** Moves the machine and carries out what follows. An event that the state does not know does nothing. */
export function send(sup: Supervision, child: Child, event: ChildEvent, why: string): void {
  if (!accepts(child.snapshot, event)) return;
  const from = childState(child);
  const moved = step(child.snapshot, event);
  child.snapshot = moved.snapshot;
  child.sinceMs = sup.ports.wallMs();
  child.moves = [
    ...child.moves,
    { atMs: child.sinceMs, from, to: childState(child), why: why.slice(0, 400) },
  ].slice(-MOVES_MAX);
  for (const effect of moved.effects) carryOut(sup, child, effect);
  sup.ports.changed();
}

/** Starts a process when all it depends on is ready; starts those first. */
export function want(sup: Supervision, child: Child, why: string): void {
  if (sup.stopping || !accepts(child.snapshot, "START")) return;
  child.wanted = true;
  const missing = child.spec.dependsOn
    .map((name) => sup.children.get(name))
    .filter((needed) => needed !== undefined)
    .filter((needed) => needed.readyAtMs === undefined);
  for (const needed of missing) {
    if (childState(needed) === "dormant") want(sup, needed, `${child.spec.name} needs it`);
  }
  if (missing.length > 0) {
    const stopped = missing.find((needed) => childState(needed) === "parked");
    if (stopped !== undefined) send(sup, child, "REST", `${stopped.spec.name} is stopped`);
    return;
  }
  child.wanted = false;
  send(sup, child, "START", why);
}

/** Windows, parked states and epochs, written on every end and every change by hand. */
export function save(sup: Supervision): void {
  const wallMs = sup.ports.wallMs();
  const nowMs = sup.ports.clock.now();
  const children: SavedSupervision["children"] = {};
  for (const [name, child] of sup.children) {
    children[name] = {
      endsMs: saveEnds(child.history, wallMs, nowMs),
      attempt: child.history.attempt,
      restarts: child.restarts,
      epoch: child.epoch,
      parked:
        childState(child) === "parked"
          ? { why: child.moves.at(-1)?.why ?? "", reason: child.reason }
          : null,
    };
  }
  sup.ports.save({ version: 1, rootPid: sup.rootPid, children });
}

function carryOut(sup: Supervision, child: Child, effect: ChildEffect): void {
  const { link } = sup.ports;
  const { name } = child.spec;
  switch (effect) {
    case "spawn":
      return spawn(sup, child);
    case "serve":
      return serve(sup, child);
    case "askToStop":
      return askToStop(sup, child);
    case "wait":
      return wait(sup, child);
    case "park":
      return park(sup, child);
    case "rest":
      link.setState(name, "absent");
      return;
    case "captureStack":
      killAfterStack(sup, child, "no");
      return;
    case "recover":
      child.stack = "";
      return;
    case "suspend":
      link.setState(name, "suspended");
      return;
    case "resume":
      child.watchdog = WATCHDOG_CALM;
      link.setState(name, "ready");
      return;
    case "freeze":
      link.setState(name, "suspended");
      child.process?.signal("SIGSTOP", "group");
      return;
    case "thaw":
      child.watchdog = WATCHDOG_CALM;
      child.process?.signal("SIGCONT", "group");
      link.setState(name, "ready");
      return;
  }
}

function spawn(sup: Supervision, child: Child): void {
  child.cancelTimer();
  child.epoch += 1;
  child.retryAtMs = null;
  child.intent = undefined;
  child.readyAtMs = undefined;
  child.watchdog = WATCHDOG_CALM;
  child.lagMs = null;
  child.stack = "";
  child.capturing = false;
  child.killAfterCapture = false;
  child.memory = [];
  child.shedding = false;
  child.spawnedAtMs = sup.ports.clock.now();
  sup.ports.link.setState(child.spec.name, "starting");
  const { epoch } = child;
  try {
    child.process = sup.ports.launch(child.spec, epoch, (exit) => {
      if (child.epoch === epoch) ended(sup, child, exit, null);
      else sup.replacing.get(child.spec.name)?.oldEnded();
    });
  } catch (error) {
    // Not in this turn: the machine is still on its way into `starting`.
    const words = error instanceof Error ? error.message : String(error);
    child.cancelTimer = sup.ports.clock.setTimer(0, () => {
      ended(sup, child, { code: null, signal: null }, words);
    });
    return;
  }
  child.cancelTimer = sup.ports.clock.setTimer(child.spec.startTimeoutMs, () => {
    child.intent = {
      cause: "start-timeout",
      words: `${child.spec.startTimeoutMs} ms`,
      after: "restart",
      by: "supervisor",
    };
    killAfterStack(sup, child, "yes");
  });
}

function serve(sup: Supervision, child: Child): void {
  const { ports } = sup;
  child.cancelTimer();
  child.readyAtMs = ports.clock.now();
  ports.link.setState(child.spec.name, "ready");
  const { loss } = child;
  child.loss = undefined;
  if (loss?.told === true) {
    ports.tell({
      type: "restarted",
      name: child.spec.name,
      epoch: child.epoch,
      class: loss.class,
      reason: loss.reason,
      durationMs: ports.clock.now() - loss.atMs,
      callsFailed: loss.callsFailed,
      crash: loss.crash,
    });
  }
  for (const other of sup.children.values()) {
    if (other.wanted) want(sup, other, `${child.spec.name} is ready`);
  }
}

function askToStop(sup: Supervision, child: Child): void {
  const { ports, timings } = sup;
  child.cancelTimer();
  // Stopping for good refuses calls at once; stopping for a restart lets them wait.
  if (child.intent?.after === "restart") ports.link.setState(child.spec.name, "starting");
  const { termGraceMs } = timings;
  // Before it is ready a process takes no stop and has nothing to put away.
  const stopGraceMs = child.readyAtMs === undefined ? 0 : timings.stopGraceMs;
  ports.link.control(child.spec.name, {
    op: "stop",
    graceMs: stopGraceMs,
    reason: child.intent?.words ?? "stop",
  });
  child.cancelTimer = ports.clock.setTimer(stopGraceMs, () => {
    child.process?.signal("SIGTERM", "group");
    child.cancelTimer = ports.clock.setTimer(termGraceMs, () => {
      child.process?.signal("SIGKILL", "group");
    });
  });
}

function wait(sup: Supervision, child: Child): void {
  const { ports } = sup;
  ports.link.setState(child.spec.name, "starting");
  const { delayMs } = child;
  child.cancelTimer();
  child.cancelTimer = ports.clock.setTimer(delayMs, () => {
    child.retryAtMs = null;
    want(sup, child, delayMs === 0 ? "at once" : `after ${Math.round(delayMs)} ms`);
  });
}

function park(sup: Supervision, child: Child): void {
  child.cancelTimer();
  child.retryAtMs = null;
  child.wanted = false;
  child.loss = undefined;
  sup.ports.link.setState(child.spec.name, "parked");
}

/** The process is gone: classify, let the policy speak, move, and take its dependents along. */
export function ended(sup: Supervision, child: Child, exit: Exit, spawnError: string | null): void {
  sup.replacing.get(child.spec.name)?.oldEnded();
  const verdict = noteExit(sup, child, { exit, spawnError });
  send(sup, child, verdict.event, verdict.why);
  save(sup);
  if (verdict.parked !== undefined) sup.ports.tell(verdict.parked);
  if (sup.stopping) return;
  for (const name of dependentsOf(
    [...sup.children.values()].map((one) => one.spec),
    child.spec.name,
  )) {
    const dependent = sup.children.get(name);
    if (dependent === undefined) continue;
    if (verdict.event === "RESTART" || verdict.event === "PARK")
      followDown(sup, dependent, child.spec.name);
  }
}

/** rest_for_one: a dependent stops and waits until what it needs is ready again. */
function followDown(sup: Supervision, dependent: Child, needed: string): void {
  if (!accepts(dependent.snapshot, "STOP")) return;
  dependent.intent = {
    cause: "asked",
    words: `${needed} ended`,
    after: "restart",
    by: "dependency",
  };
  send(sup, dependent, "STOP", `${needed} ended`);
}

/** A person or a dependency starts it anew: earlier failures are forgotten. */
export function retry(sup: Supervision, child: Child, why: string): void {
  child.history = EMPTY_HISTORY;
  child.cancelTimer();
  child.loss ??= {
    atMs: sup.ports.clock.now(),
    class: "asked",
    reason: child.reason,
    crash: null,
    callsFailed: 0,
    told: true,
  };
  want(sup, child, why);
  save(sup);
}
