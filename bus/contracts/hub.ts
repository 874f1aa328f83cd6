/** What the hub itself serves: processes, supervision by hand, notices, crash reports, taps, small UI state. */
import * as v from "valibot";
import { method, stream, topic } from "./define.ts";

const Text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Machine states of a supervised process (design 5); `frozen` is a SIGSTOP by a person. */
export const ProcessState = v.picklist([
  "dormant",
  "starting",
  "ready",
  "unresponsive",
  "suspended",
  "frozen",
  "stopping",
  "backing-off",
  "parked",
]);
export type ProcessState = v.InferOutput<typeof ProcessState>;

/** What can be done to a process by hand. */
export const ProcessAct = v.picklist([
  "kill",
  "restart",
  "suspend",
  "resume",
  "freeze",
  "park",
  "retry",
]);
export type ProcessAct = v.InferOutput<typeof ProcessAct>;

/** How a process ended. */
export const EndClass = v.picklist([
  "normal",
  "asked",
  "crash",
  "signal",
  "out-of-memory",
  "watchdog",
  "start-timeout",
  "permanent",
]);
export type EndClass = v.InferOutput<typeof EndClass>;

/** One line of `ps` and of the Processes table. */
export const ProcessRow = v.object({
  name: Text(200),
  kind: v.picklist([
    "root",
    "window",
    "page",
    "hub",
    "actor",
    "runner",
    "keeper",
    "shell",
    "mcp",
    "client",
  ]),
  /** Name of the process above it in the tree; empty for the root. */
  parent: Text(200),
  state: ProcessState,
  pid: v.nullable(v.number()),
  epoch: Count,
  restarts: Count,
  /** Last end in words, empty if none: `signal SIGKILL (asked)`. */
  reason: Text(1000),
  /** Why it is stopped: `6 crashes in 30 s`; empty in every other state. */
  why: v.optional(Text(400), ""),
  rssBytes: v.nullable(Count),
  /** Proportional set size; costs a read of smaps_rollup, so it may be older than rssBytes. */
  pssBytes: v.nullable(Count),
  /** Messages delivered or waiting and not yet answered. */
  mailbox: Count,
  /** Messages held while it is away or paused. */
  held: Count,
  uptimeMs: v.nullable(v.number()),
  cpuPercent: v.nullable(v.number()),
  lagMs: v.nullable(v.number()),
  /** When a backing-off process starts again, wall clock ms. */
  retryAtMs: v.nullable(v.number()),
  /** Since when it has been in this state, wall clock ms. */
  sinceMs: v.number(),
  /** Calls other processes are waiting on from it. */
  callsInFlight: Count,
  /** Sandbox: `confined`, `open` with the reason in words, or `trusted` for root, hub, keeper, runner. */
  sandbox: Text(200),
  /** Acts that are offered now. */
  acts: v.array(ProcessAct),
});
export type ProcessRow = v.InferOutput<typeof ProcessRow>;

export const processesList = method("hub.processes.list", {
  input: v.object({}),
  output: v.object({ processes: v.array(ProcessRow) }),
});

/** All processes, kept for late joiners; on every change of state, and once a second while somebody subscribes. */
export const processes = topic("hub.processes", {
  value: v.object({ atMs: v.number(), processes: v.array(ProcessRow) }),
  retained: true,
});

/** More about one process, for the panel's detail pane. */
export const processDetail = method("hub.processes.detail", {
  input: v.object({ name: Text(200) }),
  output: v.object({
    row: ProcessRow,
    /** Last moves of its machine, oldest first, at most 10. */
    moves: v.array(
      v.object({ atMs: v.number(), from: ProcessState, to: ProcessState, why: Text(400) }),
    ),
    /** Held or waiting messages, at most 100, with what happens to each. */
    mailbox: v.array(
      v.object({
        subject: Text(200),
        source: Text(200),
        bytes: Count,
        waitedMs: v.number(),
        fate: v.picklist(["delivered", "held", "failed", "dropped"]),
      }),
    ),
    stderr: v.array(Text(2000)),
    policy: v.object({
      restart: v.picklist(["permanent", "transient", "temporary"]),
      dependsOn: v.array(v.string()),
    }),
  }),
});

/** What an act would do now, in counts and in one sentence: shown before it is done. */
export const consequence = method("hub.processes.consequence", {
  input: v.object({ name: Text(200), act: ProcessAct }),
  output: v.object({
    offered: v.boolean(),
    /** "Kill terminal: 3 shells stay, 1 call fails, 2 wait". */
    sentence: Text(400),
    /** Things that would be lost; non-empty turns the button to "Kill anyway". */
    loses: v.array(Text(400)),
    shells: Count,
    callsFail: Count,
    callsWait: Count,
  }),
});

/**
 * Supervision by hand. Errors: `hub/no-such-process`, `hub/not-offered` (with the reason),
 * `hub/needs-end-shells` for `kill keeper` without it.
 */
export const act = method("hub.processes.act", {
  input: v.object({ name: Text(200), act: ProcessAct, endShells: v.optional(v.boolean(), false) }),
  output: v.object({ sentence: Text(400) }),
  changes: "something",
});

/** Something a person is told. Numbers are measured. */
export const Notice = v.object({
  id: Count,
  atMs: v.number(),
  kind: v.picklist([
    "restarted",
    "hang",
    "memory",
    "parked",
    "start-failed",
    "denied",
    "config",
    "hub-restarted",
    "page-crashed",
    "updated",
    "info",
  ]),
  level: v.picklist(["ok", "info", "warn", "error"]),
  process: Text(200),
  /** Bold part: "terminal restarted in 140 ms". */
  title: Text(400),
  /** The rest: "3 shells kept, 0 bytes lost, 1 call failed". */
  text: Text(2000),
  /** Crash report behind "Details", if there is one. */
  crash: v.nullable(Text(64)),
  durationMs: v.nullable(v.number()),
  /** Restarts within the last 60 s, for the merged toast. */
  repeats: Count,
});
export type Notice = v.InferOutput<typeof Notice>;
export const notices = topic("hub.notices", { value: Notice });
/** The last 200 notices, oldest first. */
export const noticesList = method("hub.notices.list", {
  input: v.object({}),
  output: v.object({ notices: v.array(Notice) }),
});

/** A crash report's head; the whole one is on disk as JSON. */
export const CrashHead = v.object({
  id: Text(64),
  process: Text(200),
  epoch: Count,
  atMs: v.number(),
  class: EndClass,
  /** "signal SIGSEGV", "exit code 1". */
  reason: Text(1000),
  /** False when the disk refused it: kept in memory, with why. */
  saved: v.boolean(),
  saveError: Text(400),
});
export type CrashHead = v.InferOutput<typeof CrashHead>;
export const CrashReport = v.object({
  head: CrashHead,
  /** Stack of the hung or crashed loop, or why there is none: "no stack: stopped/native". */
  stack: Text(65536),
  stderr: v.array(Text(2000)),
  uptimeMs: v.number(),
  mailbox: v.array(v.object({ subject: Text(200), source: Text(200), waitedMs: v.number() })),
  callsInFlight: v.array(v.object({ subject: Text(200), source: Text(200), ageMs: v.number() })),
  /** Recorder ids of the last frames from and to it, oldest first, at most 64. */
  frames: v.array(v.unknown()),
  memory: v.array(v.object({ atMs: v.number(), rssBytes: Count })),
  path: Text(4096),
});
export type CrashReport = v.InferOutput<typeof CrashReport>;
export const crashesList = method("hub.crashes.list", {
  input: v.object({}),
  output: v.object({ crashes: v.array(CrashHead) }),
});
export const crashGet = method("hub.crashes.get", {
  input: v.object({ id: Text(64) }),
  output: CrashReport,
});
export const crashes = topic("hub.crashes", { value: CrashHead });

/**
 * One recorded frame. `record` counts all frames of this hub incarnation, so a hole is visible.
 * Times are milliseconds on the hub's monotonic clock plus `epochMs` of the tap's accept.
 */
export const FrameRecord = v.object({
  record: Count,
  atMs: v.number(),
  source: Text(200),
  destination: Text(200),
  kind: Text(20),
  subject: Text(200),
  /** Call or stream id, with `source`/`destination` it names the conversation. */
  correlation: Count,
  /** Stream frames: whether the opener sent it. */
  opener: v.boolean(),
  epoch: Count,
  bytes: Count,
  lane: v.picklist(["data", "control"]),
  /** Milliseconds the frame waited in the hub. */
  waitMs: v.number(),
  /** `ok`, or the dead-letter reason or error code. */
  status: Text(100),
  trace: Text(32),
  capture: v.picklist(["normal", "content", "secret"]),
  /** Bytes of payload the recorder still has; 0 when masked or overwritten. */
  payloadBytes: Count,
});
export type FrameRecord = v.InferOutput<typeof FrameRecord>;

/**
 * Live frames as MessagePack arrays of FrameRecord, one array per data frame boundary-free batch:
 * each batch is `u32 little-endian length` + MessagePack. Lossy by design: `missed` is in every batch.
 * A tap never shows itself.
 */
export const tap = stream("hub.tap", {
  input: v.object({
    /** Expression of ux.md section 8, header fields only; empty takes all. */
    filter: v.optional(Text(2000), ""),
    /** First what the recorder still has. */
    past: v.optional(v.boolean(), false),
    /** Stop after this many records; 0 is endless. */
    count: v.optional(Count, 0),
  }),
  accept: v.object({ epochMs: v.number(), hubEpoch: Count }),
  capture: "content",
});
/** One batch of a tap. */
export const TapBatch = v.object({ missed: Count, total: Count, records: v.array(FrameRecord) });
export type TapBatch = v.InferOutput<typeof TapBatch>;

/** Payload of a recorded frame, if it is still there and not masked. Error `hub/not-recorded`. */
export const recordPayload = method("hub.record.payload", {
  input: v.object({ record: Count }),
  output: v.object({ payload: v.instance(Uint8Array), codec: Count, wholeBytes: Count }),
  capture: "content",
});
/** "Record contents for 5 minutes": lifts the mask of class `content`, never of `secret`. */
export const recordContents = method("hub.record.contents", {
  input: v.object({ seconds: v.pipe(v.number(), v.minValue(0), v.maxValue(300)) }),
  output: v.object({ untilMs: v.number() }),
  changes: "something",
});
/** Counters of the recorder for the panel's head line. */
export const recorderStats = method("hub.record.stats", {
  input: v.object({}),
  output: v.object({
    frames: Count,
    framesPerSecond: v.number(),
    oldestRecord: Count,
    missed: Count,
  }),
});

export const info = method("hub.info", {
  input: v.object({}),
  output: v.object({
    version: Text(40),
    pid: v.number(),
    hubEpoch: Count,
    startedMs: v.number(),
    workspace: Text(4096),
    runtimeDir: Text(4096),
    stateDir: Text(4096),
    configDir: Text(4096),
    mode: v.picklist(["window", "browser"]),
    node: Text(40),
    home: Text(4096),
    /** This run of the machine: its id, and when it began, wall clock ms. */
    boot: v.optional(v.object({ id: Text(64), startedMs: v.number() }), { id: "", startedMs: 0 }),
  }),
});

/**
 * Small JSON values of the interface (layout, sizes); 0600 files in the state dir. Keys: `[a-z0-9-]{1,64}`, values up to
 * 256 KiB. Error `hub/not-saved` when the disk refuses one; the hub tries again by itself.
 */
export const stateGet = method("hub.state.get", {
  input: v.object({ key: Text(64) }),
  output: v.object({ value: v.unknown() }),
  whenRestarting: "hold",
});
export const statePut = method("hub.state.put", {
  input: v.object({ key: Text(64), value: v.unknown() }),
  output: v.object({}),
  whenRestarting: "hold",
  changes: "something",
});

/** settings.json and keybindings.json as last read; `problem` says what is wrong with the file on disk, the values are the last good ones. */
export const settings = topic("hub.settings", {
  value: v.object({
    values: v.record(v.string(), v.unknown()),
    /** `line` of keybindings.json, from 1. */
    keybindings: v.array(
      v.object({ key: v.string(), command: v.string(), line: v.optional(Count, 0) }),
    ),
    problems: v.array(Text(1000)),
    files: v.array(Text(4096)),
  }),
  retained: true,
});
/** Changes one setting in settings.json, keeping the rest of the file. */
export const settingPut = method("hub.settings.put", {
  input: v.object({ key: Text(200), value: v.unknown() }),
  output: v.object({}),
  changes: "something",
});

/** Starts what is installed in the place of what runs: this hub goes, shells stay. Error of the root when it is away. */
export const reload = method("hub.reload", {
  input: v.object({}),
  output: v.object({}),
  changes: "something",
});

/** Ends this instance. With `all` the shells end too. */
export const quit = method("hub.quit", {
  input: v.object({ all: v.boolean() }),
  output: v.object({}),
  changes: "something",
});

/** Asks the windows to show something; every page subscribes. */
export const show = topic("hub.show", {
  value: v.object({
    what: v.picklist(["file", "terminal", "debug", "focus"]),
    path: v.optional(Text(4096)),
    line: v.optional(Count),
    column: v.optional(Count),
    session: v.optional(Text(64)),
  }),
});
/** Publishes `show`; opens a window when none is there. */
export const open = method("hub.open", {
  input: v.object({
    path: v.optional(Text(4096), ""),
    line: v.optional(Count, 0),
    column: v.optional(Count, 0),
    newWindow: v.optional(v.boolean(), false),
    /** Environment of whoever asks, for the shells of a window opened by it; empty: that of the root. */
    env: v.optional(v.record(v.string(), v.string())),
  }),
  output: v.object({ windows: Count, url: Text(4096) }),
  capture: "secret",
  changes: "something",
});

/** Every check of this machine: what is here, what is missing, and the command that would fix it. */
export const doctor = method("hub.doctor", {
  input: v.object({}),
  output: v.object({
    checks: v.array(
      v.object({
        name: Text(200),
        level: v.picklist(["ok", "warn", "error"]),
        says: Text(1000),
        fix: Text(1000),
      }),
    ),
  }),
});

/**
 * Opens one file outside the workspace to the person, in the editor; never to the agent or a server. Only a person can
 * ask. A second file guard is started that may also open this file, takes over when it is ready (some 200 ms), and the
 * first one ends what it has begun within 2 s. Calls meanwhile are answered by one of the two; none is lost.
 *
 * What an editor does: `file-guard.content` of `/etc/hosts` is `file-guard/denied` by rule
 * `built-in/outside-workspace` -> `hub.widen` with the path -> `file-guard.content` with the path that was answered,
 * which is the real one. It lasts until the hub ends; then the same again. At most 32 files; the oldest go.
 * Errors: `hub/not-widened` with the reason (no such file, a folder, only a person can).
 */
export const widen = method("hub.widen", {
  input: v.object({ path: Text(4096) }),
  output: v.object({
    /** Real path of the file, to be used from now on. */
    path: Text(4096),
  }),
  changes: "something",
});

/** Looks through the whole audit log and compares it with the head that the hub keeps. */
export const auditVerify = method("hub.audit.verify", {
  input: v.object({}),
  output: v.object({
    isWhole: v.boolean(),
    /** Records looked at, and the numbers of the first and last. Older ones were dropped by rotation. */
    records: Count,
    first: Count,
    last: Count,
    /** The first thing that is wrong. */
    wrong: v.nullable(v.object({ file: Text(4096), line: Count, number: Count, says: Text(1000) })),
    /** What is not wrong and worth knowing: a line cut by a kill, records dropped by rotation. */
    notes: v.array(Text(1000)),
  }),
});

/** Every frame that could not be delivered, with the reason; at most 200 a second, `suppressed` counts the rest. */
export const dead = topic("hub.dead", {
  value: v.object({
    reason: Text(40),
    kind: Count,
    source: Text(200),
    destination: Text(200),
    subject: Text(200),
    correlation: Count,
    message: Text(1000),
    suppressed: Count,
  }),
});

export const HubCode = {
  noSuchProcess: "hub/no-such-process",
  notOffered: "hub/not-offered",
  needsEndShells: "hub/needs-end-shells",
  notRecorded: "hub/not-recorded",
  badFilter: "hub/bad-filter",
  badKey: "hub/bad-key",
  noWindow: "hub/no-window",
  notSaved: "hub/not-saved",
  notWidened: "hub/not-widened",
} as const;
