/** What changes a text beside typing: conflicts settled, unsaved edits thrown away, an agent's edits proposed and accepted. */
import type { ChangeSet, Text } from "@codemirror/state";
import { EditorSyncCode, type Origin, type Proposal } from "../../bus/contracts/editor-document.ts";
import type { ProposedEdit } from "../../bus/contracts/editor-sync.ts";
import { BusError } from "../../bus/errors.ts";
import type { Principal } from "../../bus/protocol.ts";
import type { LiveDocument } from "./document.ts";
import { acceptance, movedPlace, PROPOSALS_MAX, resolution } from "./marks.ts";
import type { Merger } from "./merger.ts";
import type { Edit } from "./refine.ts";
import { ownUpdate } from "./update.ts";

/** Which proposals are meant. */
export type Chosen =
  | { readonly proposal: number }
  | { readonly set: number }
  | { readonly all: true };

/** @throws BusError `not-there` */
export function resolve(
  document: LiveDocument,
  which: number | "all",
  take: "ours" | "theirs" | "both" | "base",
  client: string | undefined,
): { version: number; left: number } {
  const { marks, authority } = document;
  const conflicts = marks.conflictsOf(which);
  const ids = new Set(conflicts.map(({ id }) => id));
  put(document, resolution(conflicts, take, authority.text), "resolve", client);
  marks.dropConflicts(ids);
  document.kept.appendMarks();
  document.told();
  return { version: authority.version, left: marks.conflicts.length };
}

/** Back to what the disk has. */
export function discard(document: LiveDocument, client: string | undefined): { version: number } {
  const { marks, authority } = document;
  put(document, authority.dirty.invert(authority.base), "discard", client);
  marks.dropConflicts(new Set(marks.conflicts.map(({ id }) => id)));
  document.discarded();
  return { version: authority.version };
}

/** An agent's edit. */
export interface Proposing {
  readonly edit: ProposedEdit;
  readonly by: string;
  readonly note: string;
  /** The text it was made against. */
  readonly against: Text;
}

/** @throws BusError `read-only`, `not-there`, `limit` */
export async function propose(
  document: LiveDocument,
  merger: Merger,
  { edit, by, note, against }: Proposing,
): Promise<{ set: number; proposals: number[] }> {
  if (document.why !== null) {
    throw new BusError(EditorSyncCode.readOnly, document.why.says, { data: { why: document.why } });
  }
  const { authority, marks } = document;
  const found = edit.kind === "replace" ? replacing(authority.text, edit) : undefined;
  const { edits, clashes } =
    found ?? (await rewriting(document, merger, { against, text: normal(textOf(edit)) }));
  marks.checkRoom([...edits, ...clashes]);
  const { set, ids } = marks.propose(edits, by, note);
  if (clashes.length > 0) ids.push(...marks.proposeStale(clashes, { by, note, set }));
  document.kept.appendMarks();
  document.told();
  return { set, proposals: ids };
}

/** Puts what a person chose into the text. */
export function accept(
  document: LiveDocument,
  which: Chosen,
  client: string | undefined,
): { version: number; accepted: number[]; stale: number[] } {
  const { authority, marks } = document;
  const chosen = marks.proposals.filter((one) => isChosen(one, which));
  const { changes, accepted, stale } = acceptance(chosen, authority.text);
  put(document, changes, "accept", client);
  marks.dropProposals(new Set(accepted));
  document.kept.appendMarks();
  document.told();
  return { version: authority.version, accepted, stale };
}

/** Drops proposals; an agent its own alone. */
export function reject(
  document: LiveDocument,
  which: Chosen,
  principal: Principal | undefined,
): { rejected: number[] } {
  const isPerson = principal === undefined || principal === "person";
  const rejected = document.marks.proposals
    .filter((one) => isChosen(one, which) && (isPerson || one.by === principal))
    .map(({ id }) => id);
  document.marks.dropProposals(new Set(rejected));
  document.kept.appendMarks();
  document.told();
  return { rejected };
}

function put(
  document: LiveDocument,
  changes: ChangeSet,
  origin: Origin,
  client: string | undefined,
): void {
  if (!changes.empty) document.take([ownUpdate(changes, origin, client)]);
}

function isChosen({ id, set }: Proposal, which: Chosen): boolean {
  if ("proposal" in which) return id === which.proposal;
  return "set" in which ? set === which.set : true;
}

/** A proposal made while somebody types is made again this often; then it is moved over what was typed. */
const ROUNDS_MAX = 3;

interface Edits {
  readonly edits: readonly Edit[];
  /** Where the text was changed meanwhile. */
  readonly clashes: readonly Edit[];
}

function replacing(text: Text, edit: Extract<ProposedEdit, { kind: "replace" }>): Edits {
  const whole = text.toString();
  const old = normal(edit.old);
  const insert = normal(edit.new);
  const edits: Edit[] = [];
  let count = 0;
  for (let at = whole.indexOf(old); at >= 0; at = whole.indexOf(old, at + old.length)) {
    count++;
    // One too many is refused like a million.
    if (count <= PROPOSALS_MAX + 1) edits.push({ from: at, to: at + old.length, insert });
  }
  if (count === 1 || (edit.every && count > 0)) return { edits, clashes: [] };
  const message = `the old text is there ${count} times, expected ${edit.every ? "at least 1" : "1"}`;
  throw new BusError(EditorSyncCode.notThere, message, { data: { value: count, bound: 1 } });
}

async function rewriting(
  document: LiveDocument,
  merger: Merger,
  { against, text: theirs }: { against: Text; text: string },
): Promise<Edits> {
  const { authority } = document;
  for (let round = 1; ; round++) {
    const { text, version } = authority;
    const ours = text.eq(against) ? {} : { ours: text.toString() };
    const input = { base: against.toString(), ...ours, theirs, detail: "lines" as const };
    const merged = await merger.merge(input);
    const clashes = merged.conflicts.map((one) =>
      unshifted({ from: one.from, to: one.to, insert: one.theirs }, merged.ours),
    );
    // Typing went on meanwhile: made again, since a proposal has to fit the text.
    if (authority.version !== version && round < ROUNDS_MAX) continue;
    const later = authority.changesSince(version, text);
    const moved = (edit: Edit): Edit => ({ ...edit, ...movedPlace(edit, later) });
    return { edits: merged.ours.map(moved), clashes: clashes.map(moved) };
  }
}

/** A conflict's place is told for the merged text; here nothing is merged yet. */
function unshifted({ from, to, insert }: Edit, edits: readonly Edit[]): Edit {
  let shift = 0;
  for (const edit of edits) {
    if (edit.from + shift >= from) break;
    shift += edit.insert.length - (edit.to - edit.from);
  }
  return { from: from - shift, to: to - shift, insert };
}

function textOf(edit: ProposedEdit): string {
  return edit.kind === "text" ? edit.text : edit.new;
}

/** Breaks as documents have them. */
function normal(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n");
}
