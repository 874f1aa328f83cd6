/** What the runner serves: programs with pipes, each in its own process group, all dead when the hub's link closes. */
import * as v from "valibot";
import { method, stream, topic } from "./define.ts";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Exit = v.object({
  code: v.nullable(v.number()),
  signal: v.nullable(v.number()),
  ranMs: v.number(),
});

/**
 * Starts a program behind walls; no other is started. With a profile it is recorded in the audit log before it starts,
 * and again when it has ended. `HOME`, `XDG_*` and `BULKHEAD_*` are those of the instance, whatever `env` says.
 * Who may: a person any, the agent any with a profile, a server `mcp-server` for itself; others only profiles of ours.
 * A program is listed to, read and ended by whoever started it, and by a person.
 * Errors: `bus/denied`, `runner/not-found`, `runner/no-folder`, `runner/limit`, `runner/not-confined`, `runner/not-audited`.
 */
export const spawn = method("runner.spawn", {
  input: v.object({
    argv: v.array(v.string()),
    cwd: v.string(),
    env: v.record(v.string(), v.string()),
    /**
     * What it may do: `agent` writes the workspace, `mcp-server` reads it. Absent: `argv` is a whole call of
     * `bulkhead-launch` with a profile of ours, such as git's.
     */
    profile: v.optional(v.picklist(["agent", "mcp-server"])),
    /** On whose behalf: `agent` for that profile, `mcp:NAME` for the other. */
    principal: v.optional(v.string()),
    /** Further folders it may read. */
    reads: v.optional(v.array(v.string())),
    /** TCP ports it may connect to. */
    ports: v.optional(v.array(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65_535)))),
    /** Variables it is given although their names look like secrets. */
    keep: v.optional(v.array(v.string())),
  }),
  output: v.object({ program: v.string(), pid: v.number() }),
  changes: "something",
});
export const list = method("runner.list", {
  input: v.object({}),
  output: v.object({
    programs: v.array(
      v.object({
        program: v.string(),
        pid: v.number(),
        argv: v.array(v.string()),
        startedMs: v.number(),
        exit: v.nullable(Exit),
      }),
    ),
  }),
});
/** Raw bytes; ends when the pipe does. */
export const stdout = stream("runner.stdout", {
  input: v.object({ program: v.string() }),
  accept: v.object({}),
  capture: "content",
});
export const stderr = stream("runner.stderr", {
  input: v.object({ program: v.string() }),
  accept: v.object({}),
  capture: "content",
});
/** The opener's end closes the pipe. */
export const stdin = stream("runner.stdin", {
  input: v.object({ program: v.string() }),
  accept: v.object({}),
  capture: "content",
});
/** Signal to the whole group; with number 9 nothing of it is left. */
export const signal = method("runner.signal", {
  input: v.object({ program: v.string(), signal: Count }),
  output: v.object({}),
  changes: "something",
});
export const exited = topic("runner.exited", {
  value: v.object({ program: v.string(), exit: Exit }),
});
