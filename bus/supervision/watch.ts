/** The supervisor's clockwork: pings, missed checks and memory, for all processes in one timer. */
import type { Pulse } from "../protocol.ts";
import { type Child, childState, type Intent } from "./child.ts";
import { send } from "./lifecycle.ts";
import { judgeMemory, MEMORY_SAMPLES_MAX, memoryWords } from "./memory.ts";
import { killAfterStack } from "./stack.ts";
import type { Supervision } from "./supervision.ts";
import { checkWatchdog, WATCHDOG_CALM } from "./watchdog.ts";

/** Starts the checks; the returned function ends them. */
export function startWatch(sup: Supervision): () => void {
  let checks = 0;
  let cancel = sup.ports.clock.setTimer(sup.timings.watchdog.checkMs, tick);
  function tick(): void {
    // Armed anew after each check, never repeated: a hub that was late does not count the time twice.
    cancel = sup.ports.clock.setTimer(sup.timings.watchdog.checkMs, tick);
    checks += 1;
    for (const child of sup.children.values()) {
      checkLife(sup, child);
      if (checks % sup.timings.memoryEveryChecks === 0) checkMemory(sup, child);
    }
  }
  return () => cancel();
}

/** An answer to a ping. */
export function notePulse(sup: Supervision, child: Child, pulse: Pulse): void {
  child.watchdog = WATCHDOG_CALM;
  child.lagMs = pulse.lagMs ?? null;
  if (!child.killAfterCapture) send(sup, child, "ANSWERED", "answered again");
}

function checkLife(sup: Supervision, child: Child): void {
  const state = childState(child);
  if (state !== "ready" && state !== "unresponsive") return;
  const check = checkWatchdog(sup.timings.watchdog, child.watchdog);
  child.watchdog = check.state;
  switch (check.verdict) {
    case "ping":
      sup.ports.link.ping(child.spec.name);
      return;
    case "unresponsive":
      send(sup, child, "MISSED", `${check.state.missed} checks missed`);
      return;
    case "kill":
      end(sup, child, { cause: "watchdog", words: `${check.state.missed} checks missed` });
      return;
    case "none":
      return;
  }
}

function checkMemory(sup: Supervision, child: Child): void {
  const rssBytes = child.process === undefined ? null : sup.ports.rssBytes(child.process.pid);
  if (rssBytes === null || child.intent !== undefined) return;
  child.memory = [...child.memory, { atMs: sup.ports.wallMs(), rssBytes }].slice(
    -MEMORY_SAMPLES_MAX,
  );
  const { memory: limits, name } = child.spec;
  const judged = judgeMemory(limits, rssBytes, child.shedding);
  child.shedding = judged.shedding;
  if (judged.verdict === "shed") {
    sup.ports.link.control(name, { op: "shed", rssBytes, limitBytes: limits.softBytes });
  }
  if (judged.verdict === "kill") {
    end(sup, child, { cause: "memory", words: `passed ${memoryWords(limits.hardBytes)}` });
  }
}

function end(sup: Supervision, child: Child, why: Pick<Intent, "cause" | "words">): void {
  child.intent = { ...why, after: "restart", by: "supervisor" };
  if (why.cause === "watchdog") killAfterStack(sup, child, "yes");
  else child.process?.signal("SIGKILL", "group");
}
