/** What a supervised process is, as data: how to start it, what it may do, when it comes back. */
import type { Principal } from "../protocol.ts";
import type { MemoryLimits } from "./memory.ts";
import { lintPolicy, type RestartPolicy } from "./policy.ts";
import type { WatchdogLimits } from "./watchdog.ts";

/** Subjects a process may use; patterns with `*` and `>`. Everything else is refused by the hub. */
export interface Manifest {
  readonly calls: readonly string[];
  readonly publishes: readonly string[];
  readonly subscribes: readonly string[];
  /** On whose behalf it calls, at most; also where it names nobody. Default: on its own, or its caller's. */
  readonly actsAs?: Principal;
}

/** How a process is started. Paths are relative to `BULKHEAD_HOME` unless absolute. */
export type Program =
  | { readonly type: "node"; readonly script: string; readonly args: readonly string[] }
  | { readonly type: "native"; readonly path: string; readonly args: readonly string[] };

/** What a process may do on this machine. */
export type Sandbox =
  /** A profile of the launcher by name, and further paths it may read. */
  | {
      readonly profile: string;
      readonly reads: readonly string[];
      /** Folders it may write beside those of the profile; absent: none. */
      readonly writes?: readonly string[];
    }
  /** Not confined; the reason in words for the row. */
  | { readonly open: string };

/** One supervised process. */
export interface ChildSpec {
  readonly name: string;
  readonly kind: "actor" | "runner";
  readonly program: Program;
  /** Started on the first message for it instead of with the hub. */
  readonly lazy: boolean;
  /** How long after the hub it starts, milliseconds; sooner when a message for it comes. Default 0. */
  readonly startDelayMs?: number;
  /** Ready before this one starts; when one of them ends, this one is stopped and started again after it. */
  readonly dependsOn: readonly string[];
  /** Gets a connected link to the keeper as file descriptor 4. */
  readonly keeperLink: boolean;
  /** From spawn to ready, milliseconds. */
  readonly startTimeoutMs: number;
  readonly policy: RestartPolicy;
  readonly memory: MemoryLimits;
  readonly manifest: Manifest;
  readonly sandbox: Sandbox;
  /** Variables beside those of every process. Default none. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Times of the supervisor itself. Milliseconds. */
export interface Timings {
  readonly watchdog: WatchdogLimits;
  /** From STOP to SIGTERM. */
  readonly stopGraceMs: number;
  /** From SIGTERM to SIGKILL. */
  readonly termGraceMs: number;
  /** How long a process may live without its link. */
  readonly linkGraceMs: number;
  /** Longest wait for a stack. */
  readonly captureMs: number;
  /** Checks between two looks at the memory. */
  readonly memoryEveryChecks: number;
}

/**
 * Says what is wrong with a set of specs, empty when nothing is: names twice, unknown or circular
 * dependencies, limits that can never fire, memory limits the wrong way round.
 */
export function lintSpecs(specs: readonly ChildSpec[]): string[] {
  const names = new Set<string>();
  const problems: string[] = [];
  for (const spec of specs) {
    if (names.has(spec.name)) problems.push(`${spec.name}: the name is used twice`);
    // Dependencies stand earlier in the list, which makes a circle impossible and the order plain.
    for (const needed of spec.dependsOn) {
      if (!names.has(needed))
        problems.push(`${spec.name}: dependsOn "${needed}" does not stand before it`);
    }
    names.add(spec.name);
    const { softBytes, hardBytes } = spec.memory;
    if (!(softBytes > 0 && softBytes < hardBytes)) {
      problems.push(
        `${spec.name}: memory.softBytes ${softBytes} must lie between 0 and ${hardBytes}`,
      );
    }
    if (!(spec.startTimeoutMs > 0)) {
      problems.push(`${spec.name}: startTimeoutMs is ${spec.startTimeoutMs}, expected more than 0`);
    }
    problems.push(...lintPolicy(spec.policy).map((problem) => `${spec.name}: ${problem}`));
  }
  return problems;
}

/** All that need `name`, directly or through others, in start order. */
export function dependentsOf(specs: readonly ChildSpec[], name: string): string[] {
  const found = new Set([name]);
  for (const spec of specs) {
    if (spec.dependsOn.some((needed) => found.has(needed))) found.add(spec.name);
  }
  found.delete(name);
  return [...found];
}
