/** Drills: shorter times and misbehaving processes from a JSON file. Only with BULKHEAD_DRILL=1 in a checkout. */
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { DEFAULT_TIMINGS } from "../../supervision/children.ts";
import { DEFAULT_POLICY } from "../../supervision/policy.ts";
import type { ChildSpec, Timings } from "../../supervision/spec.ts";
import type { DrillOptions } from "./options.ts";

const Ms = v.pipe(v.number(), v.minValue(0));
const Count = v.pipe(v.number(), v.integer(), v.minValue(1));
const Bytes = v.pipe(v.number(), v.minValue(1));

const Drill = v.strictObject({
  timings: v.optional(
    v.strictObject({
      checkMs: v.optional(Count),
      unresponsiveAfter: v.optional(Count),
      killAfter: v.optional(Count),
      stopGraceMs: v.optional(Ms),
      termGraceMs: v.optional(Ms),
      linkGraceMs: v.optional(Ms),
      captureMs: v.optional(Count),
      memoryEveryChecks: v.optional(Count),
    }),
    {},
  ),
  /** Added, or put in the place of one of the same name. */
  children: v.optional(
    v.array(
      v.strictObject({
        name: v.string(),
        script: v.string(),
        args: v.optional(v.array(v.string()), []),
        lazy: v.optional(v.boolean(), false),
        dependsOn: v.optional(v.array(v.string()), []),
        startTimeoutMs: v.optional(Count, 10_000),
        restart: v.optional(v.picklist(["permanent", "transient", "temporary"]), "permanent"),
        delayFirstMs: v.optional(Count, 250),
        softBytes: v.optional(Bytes, 384 * 1024 * 1024),
        hardBytes: v.optional(Bytes, 768 * 1024 * 1024),
        /** A profile of the launcher; without one it is not confined. */
        profile: v.optional(v.string()),
        reads: v.optional(v.array(v.string()), []),
      }),
    ),
    [],
  ),
  /** Only these are kept, when given. */
  only: v.optional(v.array(v.string())),
});

/** Times and processes of this hub. */
export interface Plan {
  readonly specs: readonly ChildSpec[];
  readonly timings: Timings;
}

/**
 * The plan of a drill, or the plain one.
 * @throws Error naming what the drill file has that it must not have.
 */
export function planOf(specs: readonly ChildSpec[], drill: DrillOptions | undefined): Plan {
  if (drill === undefined || drill.file === "") return { specs, timings: DEFAULT_TIMINGS };
  const parsed = v.safeParse(Drill, JSON.parse(readFileSync(drill.file, "utf8")));
  if (!parsed.success) throw new Error(`${drill.file}: ${v.summarize(parsed.issues)}`);
  const { timings, children, only } = parsed.output;
  const replaced = new Map(children.map((child) => [child.name, childOf(child)]));
  const kept = specs.map((spec) => replaced.get(spec.name) ?? spec);
  const added = [...replaced.values()].filter((child) => !kept.includes(child));
  return {
    specs: [...kept, ...added].filter((spec) => only === undefined || only.includes(spec.name)),
    timings: timingsOf(timings),
  };
}

type DrillOutput = v.InferOutput<typeof Drill>;

function timingsOf(given: DrillOutput["timings"]): Timings {
  const { watchdog } = DEFAULT_TIMINGS;
  return {
    watchdog: {
      checkMs: given.checkMs ?? watchdog.checkMs,
      unresponsiveAfter: given.unresponsiveAfter ?? watchdog.unresponsiveAfter,
      killAfter: given.killAfter ?? watchdog.killAfter,
    },
    stopGraceMs: given.stopGraceMs ?? DEFAULT_TIMINGS.stopGraceMs,
    termGraceMs: given.termGraceMs ?? DEFAULT_TIMINGS.termGraceMs,
    linkGraceMs: given.linkGraceMs ?? DEFAULT_TIMINGS.linkGraceMs,
    captureMs: given.captureMs ?? DEFAULT_TIMINGS.captureMs,
    memoryEveryChecks: given.memoryEveryChecks ?? DEFAULT_TIMINGS.memoryEveryChecks,
  };
}

function childOf(child: DrillOutput["children"][number]): ChildSpec {
  const firstMs = child.delayFirstMs;
  return {
    name: child.name,
    kind: "actor",
    program: { type: "node", script: child.script, args: child.args },
    lazy: child.lazy,
    dependsOn: child.dependsOn,
    keeperLink: false,
    startTimeoutMs: child.startTimeoutMs,
    policy: {
      ...DEFAULT_POLICY,
      restart: child.restart,
      delay: { ...DEFAULT_POLICY.delay, firstMs },
    },
    memory: { softBytes: child.softBytes, hardBytes: child.hardBytes },
    manifest: { calls: [">"], publishes: [`${child.name}.>`], subscribes: [">"] },
    sandbox:
      child.profile === undefined
        ? { open: "open: a drill" }
        : { profile: child.profile, reads: child.reads },
  };
}
