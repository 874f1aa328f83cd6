/** What crosses the wire for the terminal actor: sessions, their output and input streams. */
import * as v from "valibot";
import { method, stream, topic } from "./define.ts";

const Text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Columns and rows of a terminal, 1 to 2,000 each. */
export const Cells = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2000));
export const SessionId = Text(64);

/** How a session ended. Exactly one of code and signal is set. */
export const Exit = v.object({
  code: v.nullable(v.number()),
  /** Name such as `SIGKILL`. */
  signal: v.nullable(v.string()),
  /** How long it ran, milliseconds. */
  ranMs: v.number(),
});
export type Exit = v.InferOutput<typeof Exit>;

/** The last command seen through shell integration (OSC 133 / 633). */
export const CommandMark = v.object({
  command: Text(4096),
  state: v.picklist(["running", "ended"]),
  exitCode: v.nullable(v.number()),
  startedMs: v.number(),
  durationMs: v.nullable(v.number()),
});
export type CommandMark = v.InferOutput<typeof CommandMark>;

/** One terminal as every view of it sees it. */
export const Session = v.object({
  id: SessionId,
  /** What the person called it; empty when they did not. */
  name: Text(200),
  /** What the program called it (OSC 0/2); empty until then. */
  title: Text(1024),
  /** Current folder by OSC 7 or /proc; where a split of this one starts. */
  cwd: Text(4096),
  /** Base name of the shell: `zsh`. */
  shell: Text(200),
  pid: v.number(),
  state: v.picklist(["running", "ended", "closing"]),
  exit: v.nullable(Exit),
  cols: Cells,
  rows: Cells,
  backend: v.picklist(["keeper", "node-pty"]),
  /** Version of the Bulkhead whose keeper holds it, when that is another than ours; else empty. */
  heldBy: v.optional(Text(64), ""),
  createdMs: v.number(),
  command: v.nullable(CommandMark),
  /** Foreground group that is not the shell: what a close would end. */
  job: v.nullable(v.object({ pid: v.number(), command: Text(4096) })),
  /** Bells and OSC 9/777 notices since the session was last focused. */
  attention: v.object({ bells: Count, notice: v.nullable(Text(1024)) }),
  /** Whole output so far, absolute bytes. */
  outputBytes: Count,
  /** Output since the last view of it went away, bytes; 0 while a view shows it. */
  unseenBytes: Count,
  integration: v.picklist(["none", "bash", "zsh", "fish"]),
});
export type Session = v.InferOutput<typeof Session>;

/** An id the caller makes up: 16 random hex digits. */
const FreshId = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, "expected 16 hex digits"));

export const CreateInput = v.object({
  /** Id of the new session. With one the call may be made again after a failure: a session of it is answered, not made anew. */
  id: v.optional(FreshId),
  /** Program and arguments; empty: the person's login shell. */
  argv: v.optional(v.pipe(v.array(Text(4096)), v.maxLength(256)), []),
  /** Absolute folder; empty: that of `near`, else the workspace. */
  cwd: v.optional(Text(4096), ""),
  /** Session whose folder is inherited. */
  near: v.optional(SessionId),
  /** Whole environment of the asking window; empty: the one the actor was started with. */
  env: v.optional(v.record(v.string(), v.string()), {}),
  cols: Cells,
  rows: Cells,
  name: v.optional(Text(200), ""),
});

/** Starts a terminal. Only for a person: it stands behind no walls. Errors: `bus/denied`, `terminal/shell-not-found`, `terminal/no-folder`, `terminal/pty-limit`, `terminal/keeper-away`. */
export const create = method("terminal.create", {
  input: CreateInput,
  output: Session,
  whenRestarting: "hold",
  // The environment may hold keys.
  capture: "secret",
  changes: "something",
});

export const list = method("terminal.list", {
  input: v.object({}),
  output: v.object({ sessions: v.array(Session) }),
  whenRestarting: "hold",
});

/** All sessions, kept for late joiners, published on every change, at most 10 times a second. */
export const sessions = topic("terminal.sessions", {
  value: v.object({ sessions: v.array(Session) }),
  retained: true,
});

/** A bell or notice of one session, as it happens. */
export const attention = topic("terminal.attention", {
  value: v.object({
    session: SessionId,
    kind: v.picklist(["bell", "notice"]),
    title: Text(200),
    text: Text(1024),
  }),
});

/**
 * Output of a session, raw bytes; the page grants credit when its parser is done with them.
 * With `from: "screen"` the first `restoreBytes` bytes rebuild the screen (checkpoint, serialized) and the
 * rest is the program's output from `offset`. The last value is the `Exit`.
 * The actor resets with `terminal/view-behind` when a hidden or slow view must be rebuilt: attach again.
 */
export const attach = stream("terminal.attach", {
  input: v.object({
    session: SessionId,
    from: v.union([v.literal("screen"), Count]),
    cols: Cells,
    rows: Cells,
    /** Only visible views hold a program back. */
    visible: v.boolean(),
  }),
  accept: v.object({
    /** Absolute offset of the first output byte after the restore part. */
    offset: Count,
    restoreBytes: Count,
    /** Output bytes lost before `offset` since `from`: shown as one line. */
    gapBytes: Count,
    /** Size the restore part was made for. */
    cols: Cells,
    rows: Cells,
  }),
  whenRestarting: "hold",
  capture: "content",
});

/** Says whether a view of a session is visible now. */
export const visible = method("terminal.visible", {
  input: v.object({ session: SessionId, visible: v.boolean() }),
  output: v.object({}),
});

/**
 * Keys and pastes. Bytes are numbered from 0 per writer; the accept value says how many of this writer
 * have been written to the terminal, and every credit acknowledges more: after a reconnect resend from there.
 * What lies between `offset` and `received` waits to be written and is known when it is sent again; absent: not known.
 */
export const input = stream("terminal.input", {
  input: v.object({ session: SessionId, writer: Text(64) }),
  accept: v.object({ offset: Count, received: v.optional(Count) }),
  whenRestarting: "hold",
  capture: "secret",
});

export const resize = method("terminal.resize", {
  input: v.object({ session: SessionId, cols: Cells, rows: Cells }),
  output: v.object({}),
  whenRestarting: "hold",
  changes: "something",
});
export const rename = method("terminal.rename", {
  input: v.object({ session: SessionId, name: Text(200) }),
  output: Session,
  changes: "something",
});
/** Marks bells and notices as seen. */
export const focus = method("terminal.focus", {
  input: v.object({ session: SessionId }),
  output: v.object({}),
});
/** Hides the session for `undoMs`, then ends its shell. */
export const close = method("terminal.close", {
  input: v.object({ session: SessionId }),
  output: v.object({ undoMs: v.number() }),
  changes: "something",
});
/** Takes a close back. Error `terminal/no-such-session` when its time is over. */
export const reopen = method("terminal.reopen", {
  input: v.object({ session: SessionId }),
  output: Session,
  changes: "something",
});
/** Ends a session now: HUP, then KILL after 2 s. */
export const end = method("terminal.end", {
  input: v.object({ session: SessionId }),
  output: v.object({}),
  changes: "something",
});
/** Starts the same program again in an ended session's folder; returns the new session, the old one is forgotten. `id`: as in create. */
export const restart = method("terminal.restart", {
  input: v.object({ session: SessionId, cols: Cells, rows: Cells, id: v.optional(FreshId) }),
  output: Session,
  changes: "something",
});
/** Foreground jobs of all sessions: what a window close asks about. */
export const jobs = method("terminal.jobs", {
  input: v.object({}),
  output: v.object({
    jobs: v.array(v.object({ session: SessionId, pid: v.number(), command: Text(4096) })),
    idleShells: Count,
  }),
});

/** What the terminal actor found when it (re)started, for the restart toast. Kept for late joiners. */
export const recovered = topic("terminal.recovered", {
  value: v.object({ epoch: Count, shellsKept: Count, bytesLost: Count, atMs: v.number() }),
  retained: true,
});

/** Codes of this actor's errors. */
export const TerminalCode = {
  shellNotFound: "terminal/shell-not-found",
  noFolder: "terminal/no-folder",
  ptyLimit: "terminal/pty-limit",
  keeperAway: "terminal/keeper-away",
  noSuchSession: "terminal/no-such-session",
  ended: "terminal/ended",
  viewBehind: "terminal/view-behind",
  backend: "terminal/backend",
} as const;
