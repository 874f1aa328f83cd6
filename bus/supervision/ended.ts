/** Book-keeping of an end: class, reason, report, history, and the event the machine gets. */
import { type Child, type Loss, noteEnd } from "./child.ts";
import { classifyEnd, type Exit } from "./end.ts";
import { decideEnd, type Verdict } from "./policy.ts";
import type { Tale } from "./ports.ts";
import type { Supervision } from "./supervision.ts";

/** What the end led to. */
export interface EndVerdict {
  readonly event: "RESTART" | "PARK" | "REST";
  readonly why: string;
  /** Told after the move, so that the banner finds the row parked. */
  readonly parked: Tale | undefined;
}

/** Takes the process out of the child's record and decides what comes next. Does not move the machine. */
export function noteExit(
  sup: Supervision,
  child: Child,
  how: { readonly exit: Exit; readonly spawnError: string | null },
): EndVerdict {
  const { ports } = sup;
  const nowMs = ports.clock.now();
  child.cancelTimer();
  child.cancelLinkTimer();
  child.lastStderr = child.process?.stderr() ?? [];
  // What it left behind in its group must not go on beside the next one.
  child.process?.signal("SIGKILL", "group");
  const { intent } = child;
  const lost = ports.link.takeLost(child.spec.name);
  const end = classifyEnd({
    exit: how.exit,
    cause: intent?.cause ?? null,
    causeWords: intent?.words ?? "",
    stderr: child.lastStderr,
    spawnError: how.spawnError,
    ranOutOfMemory: ports.ranOutOfMemory(),
  });
  const uptimeMs = child.spawnedAtMs === undefined ? 0 : nowMs - child.spawnedAtMs;
  const readyForMs = child.readyAtMs === undefined ? null : nowMs - child.readyAtMs;
  child.reason = end.reason;
  const harmless = end.class === "asked" || end.class === "normal";
  const crash = harmless
    ? null
    : ports.report({
        name: child.spec.name,
        epoch: child.epoch,
        class: end.class,
        reason: end.reason,
        stack: child.stack,
        stderr: child.lastStderr,
        uptimeMs,
        lost,
        memory: child.memory,
      });
  noteEnd(child, nowMs);
  forgetProcess(child);
  child.loss = {
    atMs: child.loss?.atMs ?? nowMs,
    class: end.class,
    reason: end.reason,
    crash,
    callsFailed: (child.loss?.callsFailed ?? 0) + lost.failed.length,
    told: intent?.by !== "dependency",
  };
  if (intent?.cause === "asked") return asked(sup, child, intent.after);
  const killedFromOutside = end.class === "signal" && how.exit.signal === "SIGKILL";
  const verdict = decideEnd(child.spec.policy, child.history, {
    class: end.class,
    readyForMs,
    nowMs,
    random: ports.random(),
    counted: !(sup.drill && killedFromOutside),
  });
  child.history = verdict.history;
  return follow(sup, child, verdict, child.loss);
}

function forgetProcess(child: Child): void {
  child.process = undefined;
  child.spawnedAtMs = undefined;
  child.readyAtMs = undefined;
  child.lagMs = null;
  child.intent = undefined;
}

function asked(sup: Supervision, child: Child, after: "restart" | "park" | "rest"): EndVerdict {
  if (after === "park") return { event: "PARK", why: child.reason, parked: undefined };
  if (after === "rest" || sup.stopping)
    return { event: "REST", why: child.reason, parked: undefined };
  child.restarts += 1;
  waitFor(sup, child, 0);
  return { event: "RESTART", why: child.reason, parked: undefined };
}

function follow(sup: Supervision, child: Child, verdict: Verdict, loss: Loss): EndVerdict {
  if (sup.stopping) return { event: "REST", why: child.reason, parked: undefined };
  switch (verdict.kind) {
    case "rest":
      // It was done; when it is needed again, that is no recovery to tell of.
      if (loss.class === "normal") child.loss = undefined;
      return { event: "REST", why: child.reason, parked: undefined };
    case "restart":
      child.restarts += 1;
      waitFor(sup, child, verdict.delayMs);
      return { event: "RESTART", why: child.reason, parked: undefined };
    case "park":
      return {
        event: "PARK",
        why: verdict.why,
        parked: {
          type: "parked",
          name: child.spec.name,
          class: loss.class,
          why: verdict.why,
          reason: child.reason,
          crash: loss.crash,
        },
      };
  }
}

function waitFor(sup: Supervision, child: Child, delayMs: number): void {
  child.delayMs = delayMs;
  child.retryAtMs = sup.ports.wallMs() + delayMs;
}
