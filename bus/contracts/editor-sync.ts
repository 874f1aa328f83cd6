/**
 * What crosses the wire for the editor-sync actor, which owns the text of every open file.
 *
 * A document is a text with a version: the number of changesets it took. Views are clients of it; so is the disk, and
 * so are agents. Positions count UTF-16 units of the text with every line break as one `\n`. A changeset is the JSON of
 * a CodeMirror `ChangeSet`; its lines hold no `\r` and no `\n`.
 *
 *   page                            editor-sync
 *     attach {path, client}   -->                      accepts with Facts
 *                             <--  {text} ... {loaded}  the snapshot, first screen first
 *     {seq, base, changes}    -->  written to the journal, then
 *                             <--  {ack}                to the one who sent it, {changes} to all others, in one order
 *
 * Everything of one view goes over one stream, so edits keep their order against saves of the same peer, and a keystroke
 * costs two short frames. Grant credit in steps (`CREDIT_STEP_BYTES`), not by the line. `editor-document.ts` has the values.
 */
import * as v from "valibot";
import { method, stream, topic } from "./define.ts";
import { ClientId, DocumentId, Facts, RANGE_LINES_MAX } from "./editor-document.ts";

const Short = (max: number) => v.pipe(v.string(), v.maxLength(max));
const Count = v.pipe(v.number(), v.integer(), v.minValue(0));

/** What a client has: the updates since then are sent instead of a snapshot. */
export const Known = v.object({
  document: DocumentId,
  /** The last confirmed version. */
  version: Count,
  /** `hashText` of the confirmed text; checked where the actor has that version at hand. */
  hash: v.optional(v.string()),
});

/**
 * A view of a document, as long as the stream is open. Both directions carry lines of JSON in UTF-8, each ended by `\n`:
 * `Up` from the page, `Down` to it. With `known` that still fits (the same document, at or above the floor of its
 * history) `isResumed` is true and only what is missing comes; else a snapshot: `text` lines, then `loaded`. After
 * either come `state`, `conflicts` and `proposals`, then everything as it happens. A known document that is open or kept
 * goes before `path`: its file may have moved.
 *
 * The page ends it with the line `bye`; a link that breaks ends it as well. Unacknowledged pushes are dropped with it,
 * acknowledged ones are kept. A client id may be attached once: a second attach takes the place of the first. Of agents
 * and servers the file guard judges every attach by itself.
 * Errors: those of `file-guard.content`, `no-such-document`, `limit`.
 */
export const attach = stream("editor-sync.attach", {
  input: v.object({
    /** One of both. Absolute, or from the workspace on. */
    path: v.optional(Short(4096)),
    document: v.optional(DocumentId),
    client: ClientId,
    known: v.optional(Known),
  }),
  accept: v.object({
    facts: Facts,
    isResumed: v.boolean(),
    /** Edits of this client that are in the text already: its highest acknowledged seq, 0 for a new one. */
    acknowledged: Count,
  }),
  whenRestarting: "hold",
});

const Named = v.object({ document: DocumentId });

/** What a refused save found. */
export const SaveRefusal = v.object({ changes: Count, conflicts: Count });
export type SaveRefusal = v.InferOutput<typeof SaveRefusal>;

/**
 * Writes the text to the file, byte for byte as its format says. The disk is looked at first and once more by the guard
 * in the act: another file than the one last seen is never overwritten. Errors: `changed`, `deleted`, `conflicts`,
 * `read-only`, `not-encodable`, `no-such-document`, those of `file-guard.save`.
 */
export const save = method("editor-sync.save", {
  input: v.object({
    document: DocumentId,
    /** Wait until these edits are in; data of a stream before the call are, when they had credit. */
    upTo: v.optional(v.object({ client: ClientId, seq: Count })),
    /** Whether a file that was deleted is made anew. */
    mayCreate: v.optional(v.boolean(), false),
  }),
  output: v.object({ version: Count, stamp: v.string(), bytes: Count }),
  changes: "something",
});

/** Back to what the disk has, as one changeset that `client` can undo. Conflicts and the mark of a restored text go. */
export const discard = method("editor-sync.discard", {
  input: v.object({ document: DocumentId, client: v.optional(ClientId) }),
  output: v.object({ version: Count }),
  changes: "something",
});

/** Settles a conflict, or all that are open; what was chosen is one changeset that `client` can undo. */
export const resolve = method("editor-sync.resolve", {
  input: v.object({
    document: DocumentId,
    conflict: v.union([Count, v.literal("all")]),
    take: v.picklist([
      /** Leave the text as it is. */
      "ours",
      "theirs",
      /** Ours, then theirs. */
      "both",
      "base",
    ]),
    client: v.optional(ClientId),
  }),
  output: v.object({ version: Count, left: Count }),
  changes: "something",
});

/** An edit as an agent gives it. */
export const ProposedEdit = v.variant("kind", [
  /** The whole new text. */
  v.object({ kind: v.literal("text"), text: v.string() }),
  /** `old` must be there exactly once, or with `every` at least once. Error `not-there` with the count. */
  v.object({
    kind: v.literal("replace"),
    old: v.pipe(v.string(), v.minLength(1)),
    new: v.string(),
    every: v.optional(v.boolean(), false),
  }),
]);

export type ProposedEdit = v.InferOutput<typeof ProposedEdit>;

/**
 * An agent's edit: shown per hunk, and in the text only when a person accepts. It is made against the text at `version`
 * (default: now) and moves with later edits. The file guard judges the caller.
 */
export const propose = method("editor-sync.propose", {
  input: v.object({
    path: Short(4096),
    version: v.optional(Count),
    edit: ProposedEdit,
    note: v.optional(Short(1000), ""),
  }),
  output: v.object({ document: DocumentId, set: Count, proposals: v.array(Count) }),
  whenRestarting: "hold",
  capture: "content",
  changes: "something",
});

const Chosen = v.union([
  v.object({ proposal: Count }),
  v.object({ set: Count }),
  v.object({ all: v.literal(true) }),
]);

/** Puts proposals into the text as one changeset that `client` undoes as one step. Only a person may; stale ones stay. */
export const accept = method("editor-sync.accept", {
  input: v.object({ document: DocumentId, which: Chosen, client: v.optional(ClientId) }),
  output: v.object({ version: Count, accepted: v.array(Count), stale: v.array(Count) }),
  changes: "something",
});
/** Drops proposals. An agent may drop its own. */
export const reject = method("editor-sync.reject", {
  input: v.object({ document: DocumentId, which: Chosen }),
  output: v.object({ rejected: v.array(Count) }),
  changes: "something",
});

/** Which text of a document is meant. */
export const Side = v.picklist([
  /** As it is now, unsaved edits included. */
  "text",
  /** As it was last read from or written to the disk; also what a save is compared with. */
  "saved",
  /** Read from the disk for this call. */
  "disk",
]);
export type Side = v.InferOutput<typeof Side>;

/** One text whole, as raw UTF-8 with every break as `\n`. */
export const version = stream("editor-sync.version", {
  input: v.object({ document: v.optional(DocumentId), path: v.optional(Short(4096)), side: Side }),
  accept: v.object({ version: Count, length: Count, hash: v.string() }),
  whenRestarting: "hold",
});

/**
 * Lines that differ: `[from, to)` of the old side and of the new one, lines from 0. Anchored on lines unique to both
 * sides; within the time it has it is minimal between those, beyond it coarser, block by block. `isExact` tells.
 */
export const Hunk = v.tuple([Count, Count, Count, Count]);
export type Hunk = v.InferOutput<typeof Hunk>;

/** Compares a side with the current text, or with `other` (such as git HEAD's) as the old one. */
export const compare = method("editor-sync.compare", {
  input: v.object({
    document: DocumentId,
    old: v.union([Side, v.object({ other: v.string() })]),
  }),
  output: v.object({ version: Count, hunks: v.array(Hunk), isExact: v.boolean() }),
  whenRestarting: "hold",
  capture: "content",
});

/** Looks at the disk now, for one document or all: on focus, or when a watcher said nothing. */
export const rescan = method("editor-sync.rescan", {
  input: v.object({ document: v.optional(DocumentId) }),
  output: v.object({ changed: Count }),
  whenRestarting: "hold",
});

/** Hash of the text now. */
export const hash = method("editor-sync.hash", {
  input: Named,
  output: v.object({ version: Count, length: Count, hash: v.string() }),
});

/** Lines of a file that is too large to edit, from 0. Lines not counted yet are answered as soon as they are. */
export const lines = method("editor-sync.lines", {
  input: v.object({
    document: DocumentId,
    from: Count,
    count: v.pipe(Count, v.minValue(1), v.maxValue(RANGE_LINES_MAX)),
  }),
  output: v.object({
    from: Count,
    lines: v.array(v.object({ text: v.string(), isCut: v.boolean() })),
    /** Lines of the file as far as it is counted. */
    counted: Count,
    isDone: v.boolean(),
  }),
  whenRestarting: "hold",
  capture: "content",
});

/** A document as a list shows it. */
export const Summary = v.object({
  document: DocumentId,
  path: v.string(),
  isDirty: v.boolean(),
  isRestored: v.boolean(),
  disk: v.picklist(["same", "changed", "deleted", "unreadable"]),
  conflicts: Count,
  proposals: Count,
  clients: Count,
});
export type Summary = v.InferOutput<typeof Summary>;

/** Documents that are open, and those whose unsaved edits are kept. */
export const list = method("editor-sync.list", {
  input: v.object({}),
  output: v.object({ documents: v.array(Summary) }),
  whenRestarting: "hold",
});
/** The same, kept for late joiners, told after changes at most 5 times a second. */
export const documents = topic("editor-sync.documents", {
  value: v.object({ documents: v.array(Summary) }),
  retained: true,
});

/**
 * Follows whether a file is shown, for `bulkhead open --wait`. Answers when the state is another than `seen`, or after at
 * most WAIT_MS_MAX: call again with what it said. A view that vanished without closing has 10 s to come back.
 */
export const wait = method("editor-sync.wait", {
  input: v.object({ path: Short(4096), seen: v.picklist(["pending", "open"]) }),
  output: v.object({
    /** `pending`: nobody has shown it yet. */
    state: v.picklist(["pending", "open", "closed"]),
    /** Whether edits are kept that were not saved. */
    isDirty: v.boolean(),
  }),
  whenRestarting: "hold",
});

/** What this actor can do today. */
export const status = method("editor-sync.status", {
  input: v.object({}),
  output: v.object({ built: v.boolean(), says: v.string() }),
  whenRestarting: "hold",
});
