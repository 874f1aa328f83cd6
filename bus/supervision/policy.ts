/**
 * The restart policy: what follows when a process ended. Pure: exit class x policy x history -> verdict.
 *
 * Two windows stand side by side because one is not enough: with delays that grow to 30 s, "more than 5 in
 * 30 s" can only be reached by a fresh failure, "more than 8 in 10 min" also by one that goes on for hours.
 */
import type { EndClass } from "../contracts/hub.ts";

/** `permanent` always comes back, `transient` not after a normal end, `temporary` never by itself. */
export type RestartType = "permanent" | "transient" | "temporary";

/** More than `count` counted ends within `withinMs` park the process. */
export interface RestartLimit {
  readonly count: number;
  readonly withinMs: number;
}

/** All figures of a policy. Times are milliseconds. */
export interface RestartPolicy {
  readonly restart: RestartType;
  /** Ready this long before the end: the next start is at once. */
  readonly healthyAfterMs: number;
  /** Ready this long before the end: the delays begin anew. */
  readonly resetAfterMs: number;
  readonly delay: {
    readonly firstMs: number;
    readonly maxMs: number;
    /** Share of the delay that is added at random, 0 to 1. */
    readonly jitter: number;
  };
  readonly limits: readonly RestartLimit[];
}

/** What the policy remembers of a process. Plain data, kept across hubs. */
export interface RestartHistory {
  /** Times of the counted ends on the supervisor's clock, oldest first, only those a limit still sees. */
  readonly endsMs: readonly number[];
  /** Delayed starts in a row; the exponent of the next delay. */
  readonly attempt: number;
}

/** One end as the policy sees it. */
export interface CountedEnd {
  readonly class: EndClass;
  /** How long it had been ready, null when it never was. */
  readonly readyForMs: number | null;
  readonly nowMs: number;
  /** Uniform in [0, 1), for the jitter. */
  readonly random: number;
  /** False lifts the limits and the delay for this end: a drill that kills from outside. */
  readonly counted: boolean;
}

/** What to do now. */
export type Verdict =
  | { readonly kind: "restart"; readonly delayMs: number; readonly history: RestartHistory }
  | { readonly kind: "park"; readonly why: string; readonly history: RestartHistory }
  | { readonly kind: "rest"; readonly history: RestartHistory };

export const EMPTY_HISTORY: RestartHistory = { endsMs: [], attempt: 0 };

/** The policy of every process of ours unless its spec says otherwise. */
export const DEFAULT_POLICY: RestartPolicy = {
  restart: "permanent",
  healthyAfterMs: 10_000,
  resetAfterMs: 60_000,
  delay: { firstMs: 250, maxMs: 30_000, jitter: 0.2 },
  limits: [
    { count: 5, withinMs: 30_000 },
    { count: 8, withinMs: 600_000 },
  ],
};

/** Decides about an end that nobody asked for. Ends that were asked for follow the asker, never this. */
export function decideEnd(policy: RestartPolicy, before: RestartHistory, end: CountedEnd): Verdict {
  const healthy = end.readyForMs !== null && end.readyForMs >= policy.resetAfterMs;
  const attempt = healthy ? 0 : before.attempt;
  if (end.class === "permanent") {
    return {
      kind: "park",
      why: "it says that starting again cannot help",
      history: { ...before, attempt },
    };
  }
  if (
    policy.restart === "temporary" ||
    (policy.restart === "transient" && end.class === "normal")
  ) {
    return { kind: "rest", history: { ...before, attempt: 0 } };
  }
  const endsMs = end.counted
    ? [...inReach(policy, before.endsMs, end.nowMs), end.nowMs]
    : inReach(policy, before.endsMs, end.nowMs);
  const broken = end.counted ? brokenLimit(policy, endsMs, end.nowMs) : undefined;
  if (broken !== undefined) {
    return {
      kind: "park",
      why: limitWords(broken, endsMs, end.nowMs),
      history: { endsMs, attempt },
    };
  }
  // A drill kills again and again: its kills wait no longer than those of a healthy process.
  const isWell = end.readyForMs !== null && end.readyForMs >= policy.healthyAfterMs;
  if (isWell || !end.counted) {
    return { kind: "restart", delayMs: 0, history: { endsMs, attempt } };
  }
  const delayMs = Math.round(baseDelayMs(policy, attempt) * (1 + policy.delay.jitter * end.random));
  return { kind: "restart", delayMs, history: { endsMs, attempt: attempt + 1 } };
}

/**
 * Says what is wrong with a policy, empty when nothing is. A limit that the delays keep out of reach is
 * refused: it would look like protection and be none.
 */
export function lintPolicy(policy: RestartPolicy): string[] {
  const problems: string[] = [];
  const { firstMs, maxMs, jitter } = policy.delay;
  if (!(firstMs > 0)) problems.push(`delay.firstMs is ${firstMs}, expected more than 0`);
  if (!(maxMs >= firstMs)) problems.push(`delay.maxMs is ${maxMs}, expected at least ${firstMs}`);
  if (!(jitter >= 0 && jitter <= 1)) problems.push(`delay.jitter is ${jitter}, expected 0 to 1`);
  if (policy.limits.length === 0) problems.push("limits is empty, expected at least one");
  if (problems.length > 0) return problems;
  for (const limit of policy.limits) {
    if (!(limit.count >= 1 && limit.withinMs > 0)) {
      problems.push(
        `limit ${limit.count} in ${limit.withinMs} ms: expected at least 1 in more than 0 ms`,
      );
    } else if (freshSpanMs(policy, limit.count) > limit.withinMs) {
      problems.push(
        `limit ${limit.count} in ${limit.withinMs} ms can never fire: the delays before it add up to ${freshSpanMs(policy, limit.count)} ms`,
      );
    }
  }
  const steady = policy.limits.some(
    (limit) => limit.count * maxMs * (1 + jitter) <= limit.withinMs,
  );
  if (!steady) {
    problems.push(
      `no limit fires once the delay has grown to ${maxMs} ms: it would start again for ever`,
    );
  }
  return problems;
}

/** Longest time the first `count` delays of a fresh failure take. */
function freshSpanMs(policy: RestartPolicy, count: number): number {
  let sumMs = 0;
  for (let attempt = 0; attempt < count; attempt += 1) sumMs += baseDelayMs(policy, attempt);
  return Math.round(sumMs * (1 + policy.delay.jitter));
}

function baseDelayMs(policy: RestartPolicy, attempt: number): number {
  return Math.min(policy.delay.maxMs, policy.delay.firstMs * 2 ** attempt);
}

function inReach(policy: RestartPolicy, endsMs: readonly number[], nowMs: number): number[] {
  const reachMs = Math.max(...policy.limits.map((limit) => limit.withinMs));
  const kept = Math.max(...policy.limits.map((limit) => limit.count));
  return endsMs.filter((endMs) => nowMs - endMs < reachMs).slice(-kept);
}

function brokenLimit(
  policy: RestartPolicy,
  endsMs: readonly number[],
  nowMs: number,
): RestartLimit | undefined {
  return policy.limits.find(
    (limit) => endsMs.filter((endMs) => nowMs - endMs < limit.withinMs).length > limit.count,
  );
}

function limitWords(limit: RestartLimit, endsMs: readonly number[], nowMs: number): string {
  const count = endsMs.filter((endMs) => nowMs - endMs < limit.withinMs).length;
  return `${count} crashes in ${durationWords(limit.withinMs)}`;
}

/** "30 s", "10 min". */
function durationWords(ms: number): string {
  if (ms < 1000) return `${ms} ms`;
  return ms < 120_000 ? `${Math.round(ms / 1000)} s` : `${Math.round(ms / 60_000)} min`;
}
