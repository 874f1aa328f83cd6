/** What the root serves to the hub: windows, the hub's own process, the keeper, quitting. Only the hub may call it. */
import * as v from "valibot";
import { method, topic } from "./define.ts";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** A process the root started, or the root itself. */
export const RootProcess = v.object({
  /** `root`, `hub`, `window/1`, `page/1` (the sandboxed web process), `keeper`. */
  name: v.string(),
  pid: v.nullable(v.number()),
  state: v.picklist(["starting", "ready", "stopping", "backing-off", "parked", "frozen"]),
  restarts: Count,
  reason: v.string(),
  startedMs: v.number(),
  retryAtMs: v.nullable(v.number()),
});
export type RootProcess = v.InferOutput<typeof RootProcess>;

/** Kept for late joiners, on every change. */
export const processes = topic("root.processes", {
  value: v.object({ processes: v.array(RootProcess) }),
  retained: true,
});
export const list = method("root.list", {
  input: v.object({}),
  output: v.object({ processes: v.array(RootProcess) }),
});
/** `kill` of the hub is classified as asked and answered before it happens. */
export const act = method("root.act", {
  input: v.object({
    name: v.string(),
    act: v.picklist(["kill", "restart", "park", "retry", "freeze", "resume"]),
  }),
  output: v.object({}),
  changes: "something",
});
/** Opens a further window. Error `root/no-display`. */
export const openWindow = method("root.open-window", {
  /** Environment of whoever asks, for the window and its shells; empty: the root's own. */
  input: v.object({ env: v.optional(v.record(v.string(), v.string()), {}) }),
  output: v.object({ name: v.string() }),
  capture: "secret",
  changes: "something",
});
/** Starts the keeper if none answers. */
export const startKeeper = method("root.start-keeper", {
  input: v.object({}),
  output: v.object({ pid: v.number() }),
  changes: "something",
});
/** What is installed where the programs come from; kept for late joiners. Not told where nobody keeps a list of it. */
export const installed = topic("root.installed", {
  value: v.object({
    version: v.string(),
    /** Whether something of it does not run yet. */
    isNew: v.boolean(),
    /** Differs with every installation. */
    build: v.string(),
  }),
  retained: true,
});
/** Starts what is installed in the place of the hub and the windows that run, as far as it differs. Shells stay. */
export const reload = method("root.reload", {
  input: v.object({}),
  output: v.object({}),
  changes: "something",
});
/** Orderly end: windows, hub, then the root; with `all` the keeper and its shells as well. */
export const quit = method("root.quit", {
  input: v.object({ all: v.boolean() }),
  output: v.object({}),
  changes: "something",
});
