/** What is said of a document of the editor: facts, states, conflicts, and the lines of a view's stream. Calls: `editor-sync.ts`. */
import * as v from "valibot";

const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** Largest file that can be edited, bytes. A larger one is shown by ranges and read only. */
export const EDIT_BYTES_MAX = 10 * 1024 * 1024;
/** Longest line of a text that can be edited, UTF-16 units: each edit of a line copies it. */
export const EDIT_LINE_MAX = 4 * 1024 * 1024;
/** Longest text a document can grow to by edits, UTF-16 units. */
export const TEXT_LENGTH_MAX = 12 * 1024 * 1024;
/** Most changesets of one push. */
export const PUSH_CHANGES_MAX = 1_000;
/** Longest line of the attach stream in either direction, bytes, its `\n` included. */
export const LINE_BYTES_MAX = 16 * 1024 * 1024;
/** Both sides grant credit when this much was consumed, so that a keystroke costs no credit frame. */
export const CREDIT_STEP_BYTES = 64 * 1024;
/** Most lines of one `lines` call. */
export const RANGE_LINES_MAX = 2_000;
/** A line of a `lines` reply longer than this many UTF-16 units is cut. */
export const RANGE_LINE_MAX = 10_000;
/** Longest time `wait` keeps a call open, milliseconds. */
export const WAIT_MS_MAX = 25_000;

/**
 * Codes of this actor's errors. What the file guard says is passed on as it is: `file-guard/denied` with its `Denial`,
 * `file-guard/not-found`, `file-guard/not-a-file`.
 */
export const EditorSyncCode = {
  /** No document of this id is open or kept. */
  noSuchDocument: "editor-sync/no-such-document",
  /** The text can be read but not edited; data: `{why}` as in `Facts`. */
  readOnly: "editor-sync/read-only",
  /** A save found another file than the one this text comes from. Nothing was written; the change is merged by now. Data: `SaveRefusal`. */
  changed: "editor-sync/changed",
  /** A save found no file; with `mayCreate` it makes one. */
  deleted: "editor-sync/deleted",
  /** A save while conflicts are open. Data: `{conflicts}`, their ids. */
  conflicts: "editor-sync/conflicts",
  /** A text that no UTF-8 can hold: half of a surrogate pair. Data: `{line}`, from 1. */
  notEncodable: "editor-sync/not-encodable",
  /** A push whose first seq is above the one expected. Data: `{seq, expected}`. */
  gap: "editor-sync/gap",
  /** A push on a version that has not been yet, or with another length than the text had. Data: `{value, expected}`. */
  mismatch: "editor-sync/mismatch",
  /** A changeset that is none, or a text beyond TEXT_LENGTH_MAX. Data: the offending value and its bound. */
  invalid: "editor-sync/invalid",
  /** The journal cannot be written, such as on a full disk: the edit was not taken. Data: `{reason}`. */
  journal: "editor-sync/journal",
  /** A range, version or id that is not there (any more). Data: the offending value and its bound. */
  notThere: "editor-sync/not-there",
  /** A bound of this contract was reached. */
  limit: "editor-sync/limit",
} as const;

export const DocumentId = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/, "expected 16 hex digits"));
/** Who edits: unique for each page load and view, never used again. Names with a `:` are the actor's own. */
export const ClientId = v.pipe(
  v.string(),
  v.regex(/^[\w-]{1,32}$/, "expected 1 to 32 of A-Z a-z 0-9 _ -"),
);
/** JSON of a `ChangeSet`: kept length, or `[deleted, ...inserted lines]`. */
export const Changes = v.array(v.union([Count, v.tupleWithRest([Count], v.string())]));
export type Changes = v.InferOutput<typeof Changes>;

/** Why a text cannot be edited. */
export const ReadOnlyWhy = v.object({
  code: v.picklist([
    /** Over EDIT_BYTES_MAX: there is no text on the stream, ask `lines`. */
    "large",
    /** A line over EDIT_LINE_MAX: ask `lines` as well. */
    "long-line",
    /** NUL in the first 8,000 bytes, git's rule: there is no text. */
    "binary",
    /** Not UTF-8: shown as it was decoded, since saving would change bytes nobody touched. */
    "encoding",
    /** The one who attached is an agent or a server: it proposes. */
    "principal",
    /** The system forbids writing. */
    "permission",
  ]),
  /** A sentence for people, with the value and its bound. */
  says: v.string(),
});
export type ReadOnlyWhy = v.InferOutput<typeof ReadOnlyWhy>;

/** How the text lies on disk. Saving an unchanged text writes the same bytes for every mix of these. */
export const Format = v.object({
  encoding: v.picklist(["utf-8", "utf-16le", "utf-16be", "windows-1252", "binary"]),
  /** Whether a byte order mark stands first. It is no part of the text and is kept. */
  bom: v.boolean(),
  /** The most frequent line break; new lines take that of the line they were split from, else this. */
  eol: v.picklist(["\n", "\r\n", "\r"]),
  /** Whether lines end differently; each keeps its own. */
  mixedEol: v.boolean(),
});
export type Format = v.InferOutput<typeof Format>;

/** What changes in a document beside its text. Sent whole whenever something in it changes. */
export const State = v.object({
  /** Real path; another one after a rename on disk. */
  path: v.string(),
  /** Whether the text differs from what was last read from, or written to, the disk. */
  isDirty: v.boolean(),
  /** What the last look at the disk found. `changed` stands only while a change is not merged yet. */
  disk: v.picklist(["same", "changed", "deleted", "unreadable"]),
  /** Why the disk cannot be read; empty when it can. */
  diskSays: v.string(),
  /**
   * `kept`: an acknowledged edit survives the death of every process. `none`: it lives in memory only, because a rule
   * closes the file to records, or the journal cannot be written.
   */
  journal: v.picklist(["kept", "none"]),
  journalSays: v.string(),
  /** Clients attached now, views and others. */
  clients: Count,
});
export type State = v.InferOutput<typeof State>;

/** A document as it is when a client attaches. */
export const Facts = v.object({
  document: DocumentId,
  version: Count,
  /** UTF-16 units; 0 where there is no text on the stream. */
  length: Count,
  /** Lines of the text; 0 while a large file is still counted. */
  lines: Count,
  /** `hashText` of the text; empty where there is none. */
  hash: v.string(),
  format: Format,
  /** Bytes of the file as last seen. */
  bytes: Count,
  /** Permission bits. */
  mode: Count,
  /** Names of the file (hard links); with more than one it cannot be saved. */
  links: Count,
  /** Changes with every change of the file. */
  stamp: v.string(),
  access: v.picklist(["edit", "read"]),
  why: v.nullable(ReadOnlyWhy),
  state: State,
  /** Whether unsaved edits of an earlier life of the actor are in it. Said until the next save or discard. */
  isRestored: v.boolean(),
});
export type Facts = v.InferOutput<typeof Facts>;

/**
 * Two sides changed the same lines. The text has ours; theirs and the base are kept here until `resolve`. Positions move
 * with the text: those of the last `conflicts` line hold for the version it came at, map them on from there.
 */
export const Conflict = v.object({
  id: Count,
  from: Count,
  to: Count,
  /** What the disk has there: whole lines with their breaks, empty when it deleted them. */
  theirs: v.string(),
  /** What both came from, in the same way. */
  base: v.string(),
});
export type Conflict = v.InferOutput<typeof Conflict>;

/** An agent's edit of one place, waiting for a person. */
export const Proposal = v.object({
  id: Count,
  /** Hunks of one `propose` share it. */
  set: Count,
  /** `agent` or `mcp:NAME`. */
  by: v.string(),
  /** What the agent says it is for. */
  note: v.string(),
  from: Count,
  to: Count,
  insert: v.string(),
  /** Whether the text in it has changed since: it can be looked at and rejected, not accepted. */
  isStale: v.boolean(),
});
export type Proposal = v.InferOutput<typeof Proposal>;

/** Where a changeset of others comes from. */
export const Origin = v.picklist([
  /** A view. */
  "edit",
  /** The file changed on disk. */
  "disk",
  /** Proposals that a person accepted: the one named in `by` puts it into its undo history, as one step. */
  "accept",
  /** A conflict resolved, or unsaved edits thrown away; the same holds for `by`. */
  "resolve",
  "discard",
]);
export type Origin = v.InferOutput<typeof Origin>;

/** Edits, page to actor. A line of the attach stream. */
export const Push = v.object({
  /** Number of the first changeset: 1, 2, 3 ... over the life of the client. */
  seq: v.pipe(Count, v.minValue(1)),
  /** Version they apply to: all confirmed ones, none of the unconfirmed. */
  base: Count,
  /** Length of the text at `base`. A push on another length is refused, never applied. */
  length: Count,
  /** Every edit since `base` that is not acknowledged, in order; those that arrived before are known by their seq. */
  changes: v.pipe(v.array(Changes), v.minLength(1), v.maxLength(PUSH_CHANGES_MAX)),
});
export type Push = v.InferOutput<typeof Push>;

/** Lines from the page: a JSON value each. */
export const Up = v.union([
  Push,
  /** The text went astray: `check` did not fit. A snapshot follows. */
  v.object({ resync: v.literal(true) }),
  /**
   * The view goes: the last line before the page ends its side; the actor ends the other. `isClosed`: the tab was closed,
   * and `wait` answers at once. Without this line, as after a reload, the view has 10 s to come back.
   */
  v.object({ bye: v.object({ isClosed: v.boolean() }) }),
]);
export type Up = v.InferOutput<typeof Up>;

/** An update in a `changes` line: changeset, client, origin, and the client that asked for it. */
export const RemoteUpdate = v.object({
  changes: Changes,
  /** Absent for the disk and for what the actor does itself. */
  client: v.optional(v.string()),
  origin: v.optional(Origin, "edit"),
  /** The client in whose name it was done; that one undoes it. */
  by: v.optional(v.string()),
});
export type RemoteUpdate = v.InferOutput<typeof RemoteUpdate>;

/** Lines from the actor: a JSON value each, told apart by their key. */
export const Down = v.union([
  /** The next piece of the snapshot, to be appended. */
  v.object({ text: v.string() }),
  /** The snapshot is complete and stands at this version. */
  v.object({ loaded: v.object({ version: Count, hash: v.string() }) }),
  /** The next updates are this client's own, up to this seq: apply them as confirmed. */
  v.object({ ack: Count }),
  /**
   * Updates of others, after `version`. A client with unconfirmed edits applies them one by one: over two at once an
   * edit can move to another place, and the texts would part.
   */
  v.object({ version: Count, changes: v.array(RemoteUpdate) }),
  v.object({ state: State }),
  /** All open conflicts, at `version`. */
  v.object({ conflicts: v.array(Conflict), version: Count }),
  /** All waiting proposals, at `version`. */
  v.object({ proposals: v.array(Proposal), version: Count }),
  /** A change on disk was merged: what the strip over the text says. */
  v.object({ merged: v.object({ changes: Count, conflicts: Count }) }),
  /** A push was refused; the edits are still the page's. On `gap` or `mismatch` a `reset` follows. */
  v.object({
    refused: v.object({ seq: Count, code: v.string(), message: v.string(), data: v.unknown() }),
  }),
  /**
   * The client's version is of no use any more; a whole snapshot follows (text, loaded). Edits of its own up to
   * `acknowledged` are in it. Those above are not: rebase them over the difference between the last confirmed text and
   * the snapshot, and push them again with the same seqs.
   */
  v.object({
    reset: v.object({
      why: v.picklist(["floor", "resync", "behind", "refused", "other-document"]),
      facts: Facts,
      acknowledged: Count,
    }),
  }),
  /** Hash of the text at a version, sent when edits paused. When it does not fit the confirmed text, ask for `resync`. */
  v.object({ check: v.object({ version: Count, hash: v.string() }) }),
  /** A large file is being counted: so far. The last one has `isDone`. */
  v.object({ counted: v.object({ lines: Count, bytes: Count, isDone: v.boolean() }) }),
  /** The file moved on disk; the document goes with it. `state` has the path as well. */
  v.object({ moved: v.object({ path: v.string() }) }),
]);
export type Down = v.InferOutput<typeof Down>;
