/** The processes of the hub, in start order. Data only; `lintSpecs` refuses what cannot work. */
import { DEFAULT_POLICY } from "./policy.ts";
import type { ChildSpec, Manifest, Timings } from "./spec.ts";
import { DEFAULT_WATCHDOG } from "./watchdog.ts";

const MIB = 1024 * 1024;

/** Nothing needs these for the first prompt, and on few cores their start would delay it, milliseconds. */
const AFTER_THE_PROMPT_MS = 2_500;

export const DEFAULT_TIMINGS: Timings = {
  watchdog: DEFAULT_WATCHDOG,
  stopGraceMs: 5000,
  termGraceMs: 2000,
  linkGraceMs: 1000,
  captureMs: 2000,
  memoryEveryChecks: 5,
};

/** The root is no child of the hub, but a peer with a manifest like one. */
export const ROOT_MANIFEST: Manifest = { calls: [], publishes: ["root.>"], subscribes: [] };

/** Every supervised process. Later ones may depend on earlier ones only. */
export const CHILDREN: readonly ChildSpec[] = [
  actor(
    "file-guard",
    { calls: [], publishes: ["file-guard.>"], subscribes: ["hub.settings"] },
    { startDelayMs: AFTER_THE_PROMPT_MS },
  ),
  actor(
    "editor-sync",
    {
      calls: ["file-guard.>", "hub.widen"],
      publishes: ["editor-sync.>"],
      subscribes: ["hub.settings", "file-guard.>"],
    },
    { dependsOn: ["file-guard"], startDelayMs: AFTER_THE_PROMPT_MS },
  ),
  actor(
    "terminal",
    {
      calls: ["hub.state.get", "hub.state.put"],
      publishes: ["terminal.>"],
      subscribes: ["hub.settings"],
    },
    { keeperLink: true },
  ),
  {
    ...actor(
      "runner",
      { calls: ["file-guard.audit-command"], publishes: ["runner.>"], subscribes: [] },
      { lazy: true },
    ),
    kind: "runner",
    program: { type: "native", path: "bin/bulkhead-keeper", args: ["--runner"] },
    sandbox: { open: "trusted" },
  },
  actor(
    "git",
    {
      calls: [
        "runner.spawn",
        "runner.stdin",
        "runner.stdout",
        "runner.stderr",
        "runner.signal",
        "file-guard.check",
      ],
      publishes: ["git.>"],
      subscribes: ["runner.exited"],
    },
    // It ends by itself when nobody has asked for a while.
    { lazy: true, policy: { ...DEFAULT_POLICY, restart: "transient" } },
  ),
  actor(
    "mcp",
    {
      calls: ["runner.>", "file-guard.>", "model.>"],
      publishes: ["mcp.>"],
      subscribes: ["hub.settings", "runner.>"],
      actsAs: "agent",
    },
    { lazy: true },
  ),
  actor(
    "model",
    {
      calls: ["file-guard.>", "editor-sync.>", "terminal.>", "mcp.>"],
      publishes: ["model.>"],
      subscribes: ["hub.settings", "terminal.>", "mcp.>"],
      actsAs: "agent",
    },
    { lazy: true },
  ),
];

function actor(name: string, manifest: Manifest, more: Partial<ChildSpec> = {}): ChildSpec {
  return {
    name,
    kind: "actor",
    program: { type: "node", script: `node/${name}.mjs`, args: [] },
    lazy: false,
    dependsOn: [],
    keeperLink: false,
    startTimeoutMs: 20_000,
    policy: DEFAULT_POLICY,
    memory: { softBytes: 384 * MIB, hardBytes: 768 * MIB },
    manifest,
    sandbox: { profile: name, reads: [] },
    ...more,
  };
}
