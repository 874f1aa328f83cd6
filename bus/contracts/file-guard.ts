/**
 * What crosses the wire for the file-guard actor, the only one that opens the person's files. Every call is judged by
 * the rules for its actor and principal; what a rule closes is answered `file-guard/denied` with a `Denial` as data,
 * whether it is there or not.
 */
import * as v from "valibot";
import { method, stream, topic } from "./define.ts";

const Text = (max: number) => v.pipe(v.string(), v.maxLength(max));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Most bytes of one `read`. */
export const READ_BYTES_MAX = 4 * 1024 * 1024;
/** Most bytes of one `save`. */
export const SAVE_BYTES_MAX = 12 * 1024 * 1024;

/**
 * A path: absolute, or from the workspace on (empty: the workspace). Bytes for a name that is no UTF-8; `Entry.raw` has
 * such a name.
 */
export const Path = v.union([
  Text(4096),
  v.pipe(v.instance(Uint8Array), v.maxLength(4096, "a path has at most 4096 bytes")),
]);
export type Path = v.InferOutput<typeof Path>;

/** Data of the error `file-guard/denied`. */
export const Denial = v.object({
  /** `built-in/dotenv`. */
  rule: v.string(),
  source: v.string(),
  /** `fixed`: nothing lifts it; `guarded`: the person can open it for 10 minutes. */
  level: v.string(),
  /** Whether the one who asked could be granted it. */
  liftable: v.boolean(),
  /** What the rule protects, in words. */
  why: v.string(),
  /** Resolved as far as it was looked at. */
  path: v.string(),
  op: v.string(),
  actor: v.string(),
  principal: v.string(),
});
export type Denial = v.InferOutput<typeof Denial>;

/** What this actor can do today, and whether its walls are up. */
export const status = method("file-guard.status", {
  input: v.object({}),
  output: v.object({ built: v.boolean(), says: v.string() }),
  whenRestarting: "hold",
});

/** One name of a folder. */
export const Entry = v.object({
  /** As text; bytes that are no UTF-8 replaced. */
  name: v.string(),
  /** The name's bytes, when `name` does not give them back. */
  raw: v.optional(v.instance(Uint8Array)),
  /** `closed`: a rule closes it, and nothing else is said of it. */
  kind: v.picklist(["file", "folder", "link", "other", "closed"]),
  size: v.optional(Count),
  modifiedMs: v.optional(v.number()),
  /** Id of the rule that closes it. */
  denied: v.optional(v.string()),
  /** Whether the person could open it for 10 minutes. */
  liftable: v.optional(v.boolean()),
  /** Whether git leaves it out. */
  ignored: v.optional(v.boolean()),
});
export type Entry = v.InferOutput<typeof Entry>;

/** Names in a folder, unordered. An agent or a server is not shown closed names. */
export const list = method("file-guard.list", {
  input: v.object({ path: Path }),
  output: v.object({
    /** Real path of the folder. */
    path: v.string(),
    entries: v.array(Entry),
    /** Whether there are more than can be told. */
    isCut: v.boolean(),
  }),
  whenRestarting: "hold",
});

/** Facts of a file or folder. `stamp` changes with every change of the file. */
export const Stat = v.object({
  path: v.string(),
  kind: v.picklist(["file", "folder", "link", "other"]),
  size: Count,
  modifiedMs: v.number(),
  mode: Count,
  links: Count,
  stamp: v.string(),
});
export type Stat = v.InferOutput<typeof Stat>;

export const stat = method("file-guard.stat", {
  input: v.object({ path: Path }),
  output: Stat,
  whenRestarting: "hold",
});

/** A range of a file, at most READ_BYTES_MAX. */
export const read = method("file-guard.read", {
  input: v.object({
    path: Path,
    offset: v.optional(Count, 0),
    length: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(READ_BYTES_MAX)),
  }),
  output: v.object({ bytes: v.instance(Uint8Array), stat: Stat }),
  whenRestarting: "hold",
  capture: "content",
});

/** A whole file, from one opening of it, as far as the reader's credit goes. */
export const content = stream("file-guard.content", {
  input: v.object({ path: Path }),
  accept: v.object({ stat: Stat }),
  whenRestarting: "hold",
});

/**
 * Replaces a file's contents at once: the file is the old or the new one, never a mixture. Mode, owner, extended
 * attributes and symlinks stay. Error `file-guard/changed` when `expect` is not its stamp any more.
 */
export const save = method("file-guard.save", {
  input: v.object({
    path: Path,
    bytes: v.pipe(v.instance(Uint8Array), v.maxLength(SAVE_BYTES_MAX)),
    /** The stamp the caller last saw. */
    expect: v.optional(v.string()),
    /** Whether a new file may be made. */
    mayCreate: v.optional(v.boolean(), false),
  }),
  output: v.object({ stat: Stat }),
  capture: "content",
  changes: "something",
});

/**
 * Makes a file, empty unless `bytes` are given; it is there with all of them or not at all. `mode`: its permission bits,
 * default those of any new file. Error `file-guard/exists` when the name is taken, also by a symlink.
 */
export const createFile = method("file-guard.create-file", {
  input: v.object({
    path: Path,
    bytes: v.optional(v.pipe(v.instance(Uint8Array), v.maxLength(SAVE_BYTES_MAX))),
    mode: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0o777))),
  }),
  output: v.object({ stat: Stat }),
  capture: "content",
  changes: "something",
});
export const createFolder = method("file-guard.create-folder", {
  input: v.object({ path: Path }),
  output: v.object({}),
  changes: "something",
});
/** Renames or moves. Error `file-guard/exists`: nothing is ever written over. */
export const rename = method("file-guard.rename", {
  input: v.object({ from: Path, to: Path }),
  output: v.object({}),
  changes: "something",
});
/** Moves to the trash. */
export const trash = method("file-guard.trash", {
  input: v.object({ path: Path }),
  output: v.object({ id: Count }),
  changes: "something",
});
/** Takes a `trash` back, as long as this actor lives. */
export const restore = method("file-guard.restore", {
  input: v.object({ id: Count }),
  output: v.object({}),
  changes: "something",
});

/** Which files a walk is after. */
export const FindOptions = v.object({
  /** Globs of which a path, from the folder on, must fit one; empty: all. */
  include: v.optional(v.pipe(v.array(Text(1024)), v.maxLength(64)), []),
  exclude: v.optional(v.pipe(v.array(Text(1024)), v.maxLength(64)), []),
  /** Whether git's ignore rules are left out of account. */
  withIgnored: v.optional(v.boolean(), false),
  /** Most files; 0: the bound. */
  filesMax: v.optional(Count, 0),
});

/** Paths of files below a folder: data are the names, each ended by a zero byte. The last value is a `FindEnd`. */
export const find = stream("file-guard.find", {
  input: v.object({ path: v.optional(Path, ""), options: v.optional(FindOptions, {}) }),
  accept: v.object({}),
  whenRestarting: "hold",
});
export const FindEnd = v.object({
  files: Count,
  /** Files and folders among those asked for that a rule closes; programs are told of none. */
  closed: Count,
  /** Whether a bound ended it. */
  isCut: v.boolean(),
});

/** One line found. */
export const Hit = v.object({
  file: v.string(),
  line: Count,
  text: v.string(),
  /** Start and end of each place in `text`, UTF-16 units. */
  ranges: v.array(v.tuple([Count, Count])),
});
export type Hit = v.InferOutput<typeof Hit>;

/**
 * Lines in files below a folder, or in one file, whatever `files` says: data are `Hit`s, a JSON value per line. The last
 * value is a `SearchEnd`.
 */
export const search = stream("file-guard.search", {
  input: v.object({
    path: v.optional(Path, ""),
    pattern: v.pipe(Text(4096), v.minLength(1)),
    isRegex: v.optional(v.boolean(), false),
    /** Absent: case matters only when the pattern has a capital. */
    caseSensitive: v.optional(v.boolean()),
    wholeWords: v.optional(v.boolean(), false),
    matchesMax: v.optional(Count, 0),
    files: v.optional(FindOptions, {}),
  }),
  accept: v.object({}),
  whenRestarting: "hold",
});
export const SearchEnd = v.object({ ...FindEnd.entries, matches: Count });
export type SearchEnd = v.InferOutput<typeof SearchEnd>;

/** Changes in one folder while the stream is open: data are `Changed`s, a JSON value per line. A hint: list again. */
export const watch = stream("file-guard.watch", {
  input: v.object({ path: Path }),
  accept: v.object({}),
  whenRestarting: "hold",
  capture: "normal",
});
export const Changed = v.object({
  names: v.array(v.string()),
  /** Whether more may have changed than is named. */
  isAnything: v.boolean(),
  /** Whether the folder has gone or moved; the stream ends. */
  isGone: v.boolean(),
});

/** What would be decided, without opening anything. */
export const check = method("file-guard.check", {
  input: v.object({ path: Path, op: v.picklist(["read", "write"]) }),
  output: v.object({ isAllowed: v.boolean(), path: v.string(), denial: v.nullable(Denial) }),
  whenRestarting: "hold",
});
/** Opens a guarded file to the person for 10 minutes. Only a person can ask. */
export const grant = method("file-guard.grant", {
  input: v.object({ path: Path }),
  output: v.object({ path: v.string(), untilMs: v.number() }),
  changes: "something",
});

/** Ends a grant before its time, by the path that `grants` tells. Only a person can ask; one that is over is no error. */
export const takeBack = method("file-guard.take-back", {
  input: v.object({ path: Text(4096) }),
  output: v.object({}),
  changes: "something",
});
/** What is open to the person now, by the path as it was resolved. Told with every change; times are wall time. */
export const grants = topic("file-guard.grants", {
  value: v.object({ grants: v.array(v.object({ path: v.string(), untilMs: v.number() })) }),
  retained: true,
});

/** Hash and number of the last record of the audit log. */
export const AuditHead = v.object({
  /** Number of the last record, which is how many were ever written. */
  count: Count,
  /** SHA-256 of the last record, 64 hexadecimal digits; empty for an empty log. */
  hash: Text(64),
  /** Why nothing can be recorded now (`disk full`), and programs are therefore refused; empty when it can. */
  problem: Text(400),
});
export type AuditHead = v.InferOutput<typeof AuditHead>;

/** How an operation ended. `unknown`: the guard was killed before it could say. */
export const AuditDecision = v.picklist(["allowed", "denied", "failed", "unknown"]);
export type AuditDecision = v.InferOutput<typeof AuditDecision>;

/** One operation or command of the agent or a server, or a grant of the person. */
export const AuditEntry = v.object({
  /** Number of the record that closes it. Numbers have gaps: what was about to be done is a record too. */
  number: Count,
  atMs: v.number(),
  /** Who asked: `model`, `mcp`, `ui/1`, `runner`. */
  actor: Text(200),
  /** `agent`, `mcp:NAME`; `person` for grants. */
  principal: Text(200),
  /**
   * `stat`, `list`, `read`, `save`, `create-file`, `create-folder`, `rename`, `link`, `trash`, `restore`, `find`,
   * `search`, `watch`, `check`, `grant`, `take-back`; `command`: a program; `program-read`, `program-write`: what a
   * program was refused.
   */
  op: Text(40),
  /** Resolved, as far as it was looked at; of a command its folder. */
  path: Text(8192),
  /** The new name of `rename` and `link`. */
  to: v.optional(Text(8192)),
  /** Words of a command, cut at 4096 characters. */
  command: v.optional(Text(4096)),
  decision: AuditDecision,
  /** Rule of a denial: `built-in/dotenv`; else empty. */
  rule: Text(200),
  /** Error code of a failure, or how a command ended: `exit code 1`; else empty. */
  says: Text(400),
  hash: Text(64),
});
export type AuditEntry = v.InferOutput<typeof AuditEntry>;

/**
 * The audit log, newest first. Only a person can ask. A page may hold fewer entries than asked for, also none, while
 * `next` is not null: ask again with `before: next`.
 */
export const audit = method("file-guard.audit", {
  input: v.object({
    /** Only entries with smaller numbers. Absent: from the newest on. */
    before: v.optional(Count),
    limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(500)), 100),
    /** `agent`, `person`, `mcp:NAME`, or `mcp:` for all servers. */
    principal: v.optional(Text(200)),
    decision: v.optional(AuditDecision),
  }),
  output: v.object({
    entries: v.array(AuditEntry),
    next: v.nullable(Count),
    head: AuditHead,
  }),
  whenRestarting: "hold",
});

/** Told at most every 200 ms while the log grows, once what it names is on the disk. The hub keeps the last one. */
export const auditHead = topic("file-guard.audit-head", { value: AuditHead, retained: true });

/**
 * Records a program before it is started, and its end. Only the runner can ask. Error `file-guard/not-audited` when it
 * cannot be recorded: the program must not be started then.
 */
export const auditCommand = method("file-guard.audit-command", {
  input: v.object({
    principal: Text(200),
    /** `intent` before the start; `outcome` closes the one named by `of`. */
    stage: v.picklist(["intent", "outcome", "refused"]),
    of: v.optional(Count),
    command: Text(4096),
    cwd: Text(4096),
    /** `exit code 0`, `signal 9`, `could not be started: ...`. */
    says: v.optional(Text(400), ""),
    /** Of `refused`, a file that a rule closed to the program. */
    op: v.optional(v.picklist(["program-read", "program-write"]), "program-read"),
    rule: v.optional(Text(200), ""),
  }),
  output: v.object({ number: Count }),
  whenRestarting: "hold",
  changes: "something",
});

const Handover = v.object({
  /** Opaque: the addon reads what the addon has written. */
  guard: v.unknown(),
  grants: v.array(v.object({ path: v.string(), untilMs: v.number() })),
});
/** What a guard knows that a restart would forget. Only the hub can ask, when another guard takes over. */
export const handOver = method("file-guard.hand-over", {
  input: v.object({}),
  output: Handover,
  capture: "secret",
});
/** Given to the guard that waits beside the one that serves, under the name it has until it takes over. */
export const takeOver = method("file-guard-next.take-over", {
  input: Handover,
  output: v.object({}),
  capture: "secret",
  changes: "something",
});
