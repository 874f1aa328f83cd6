/**
 * What the keeper serves on its own socket, in the same frame protocol. It interns no subjects: every
 * request and open carries its subject in the extension. Offsets are absolute, 64 bit.
 */
import * as v from "valibot";
import { method, stream, topic } from "./define.ts";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));
const Session = v.string();
const Cells = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(2000));

export const Exit = v.object({
  code: v.nullable(v.number()),
  signal: v.nullable(v.number()),
  ranMs: v.number(),
});

export const info = method("keeper.info", {
  input: v.object({}),
  output: v.object({
    pid: v.number(),
    version: v.string(),
    /** Its major: see keeper-majors.ts for who may attach. */
    protocol: Count,
    servesSince: v.optional(Count),
    sessions: Count,
    startedMs: v.number(),
    ringBytes: Count,
    clients: Count,
  }),
});
/** Ends all shells (HUP, 2 s, KILL) and the keeper. */
export const shutdown = method("keeper.shutdown", {
  input: v.object({}),
  output: v.object({}),
  changes: "something",
});

/** Errors: `keeper/not-found` (program), `keeper/no-folder`, `keeper/pty-limit`, `keeper/session-limit`. */
export const create = method("session.create", {
  input: v.object({
    argv: v.array(v.string()),
    cwd: v.string(),
    env: v.record(v.string(), v.string()),
    cols: Cells,
    rows: Cells,
    /** Opaque to the keeper, at most 16 KiB: name, title, what the actor must know after its own death. */
    meta: v.instance(Uint8Array),
  }),
  output: v.object({ session: Session, pid: v.number() }),
  changes: "something",
});

export const SessionRow = v.object({
  session: Session,
  pid: v.number(),
  argv: v.array(v.string()),
  cols: Cells,
  rows: Cells,
  createdMs: v.number(),
  /** Null while it runs. Set only after the drain. */
  exit: v.nullable(Exit),
  /** Oldest byte still in the ring, and one past the newest. */
  tail: Count,
  head: Count,
  /** Output up to here was consumed (credited) by the last attachment; absent: not known. */
  read: v.optional(Count),
  /** Offset of the stored checkpoint, null if none. */
  checkpoint: v.nullable(v.object({ offset: Count, cols: Cells, rows: Cells, bytes: Count })),
  attached: Count,
  /** Foreground process group, 0 if unknown; equals pid at a prompt. */
  foreground: Count,
  cwd: v.string(),
  meta: v.instance(Uint8Array),
});
export type SessionRow = v.InferOutput<typeof SessionRow>;
export const list = method("session.list", {
  input: v.object({}),
  output: v.object({ sessions: v.array(SessionRow) }),
});

/**
 * Output from an absolute offset. `offset` of the accept is where it really starts; `gap` bytes before it are lost.
 * Unread bytes are protected while attached and for 60 s after the link broke. Ends with the Exit after the drain.
 * A second attach of the same session by any link resets the first with `keeper/replaced`.
 */
export const attach = stream("session.attach", {
  input: v.object({ session: Session, offset: Count }),
  accept: v.object({ offset: Count, gap: Count, head: Count }),
  capture: "content",
});
/** Ends protection at once. */
export const detach = method("session.detach", {
  input: v.object({ session: Session }),
  output: v.object({}),
});
/**
 * Bytes of one writer, numbered from 0. The accept tells how many were written already, and how many received (absent
 * in keepers before 0.2); credits acknowledge the rest.
 */
export const input = stream("session.input", {
  input: v.object({ session: Session, writer: v.string() }),
  accept: v.object({ offset: Count, received: v.optional(Count) }),
  capture: "secret",
});
export const resize = method("session.resize", {
  input: v.object({ session: Session, cols: Cells, rows: Cells }),
  output: v.object({}),
  changes: "something",
});
/** Sends a signal number to the foreground group or to the shell's own group. */
export const signal = method("session.signal", {
  input: v.object({ session: Session, signal: Count, target: v.picklist(["foreground", "shell"]) }),
  output: v.object({}),
  changes: "something",
});
/** HUP to the session, KILL to what is left after `graceMs`. */
export const end = method("session.end", {
  input: v.object({ session: Session, graceMs: Count }),
  output: v.object({}),
  changes: "something",
});
/** An ended session has been read and may go. */
export const forget = method("session.forget", {
  input: v.object({ session: Session }),
  output: v.object({}),
  changes: "something",
});
export const setMeta = method("session.set-meta", {
  input: v.object({ session: Session, meta: v.instance(Uint8Array) }),
  output: v.object({}),
  changes: "something",
});
/** One checkpoint a session, at most 512 KiB; error `keeper/checkpoint-too-large`. */
export const putCheckpoint = method("session.put-checkpoint", {
  input: v.object({
    session: Session,
    offset: Count,
    cols: Cells,
    rows: Cells,
    blob: v.instance(Uint8Array),
  }),
  output: v.object({}),
  capture: "content",
});
export const getCheckpoint = method("session.get-checkpoint", {
  input: v.object({ session: Session }),
  output: v.object({
    checkpoint: v.nullable(
      v.object({ offset: Count, cols: Cells, rows: Cells, blob: v.instance(Uint8Array) }),
    ),
  }),
  capture: "content",
});
/** To every link, after the drain. */
export const exited = topic("session.exited", {
  value: v.object({ session: Session, exit: Exit }),
});

/** Codes of the keeper's errors. */
export const KeeperCode = {
  notFound: "keeper/not-found",
  noFolder: "keeper/no-folder",
  ptyLimit: "keeper/pty-limit",
  sessionLimit: "keeper/session-limit",
  noSuchSession: "keeper/no-such-session",
  replaced: "keeper/replaced",
  checkpointTooLarge: "keeper/checkpoint-too-large",
} as const;
