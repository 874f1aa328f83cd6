/** What the editor-sync actor serves: the contract, tied to the documents. */
import type { Text } from "@codemirror/state";
import type { Clock } from "../../bus/clock.ts";
import {
  EDIT_BYTES_MAX,
  EditorSyncCode,
  WAIT_MS_MAX,
} from "../../bus/contracts/editor-document.ts";
import * as contract from "../../bus/contracts/editor-sync.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import type { CallContext, IncomingStream, Peer } from "../../bus/peer.ts";
import { attach } from "./attach.ts";
import { hashOf } from "./authority.ts";
import type { Documents, Open } from "./documents.ts";
import { load } from "./format.ts";
import type { GuardedFiles } from "./guarded-files.ts";
import type { HandedOut } from "./handed-out.ts";
import { LargeFile } from "./large-file.ts";
import type { Merger } from "./merger.ts";
import { accept, discard, propose, reject, resolve } from "./person-edits.ts";
import type { ShownFiles } from "./shown.ts";

/** What the handlers need. */
export interface ServiceOptions {
  readonly peer: Peer;
  readonly documents: Documents;
  readonly shown: ShownFiles;
  readonly files: GuardedFiles;
  readonly merger: Merger;
  readonly clock: Clock;
  readonly handedOut: HandedOut;
  /** Real path of a path that may be there. */
  readonly realPath: (path: string, call: CallContext) => Promise<string>;
}

/** Edits that a save waits for come within this time, milliseconds. */
const UP_TO_MS = 5_000;
const UP_TO_STEP_MS = 10;
/** One piece of a text that is sent whole, UTF-16 units. */
const PIECE_UNITS = 64 * 1024;
const SAYS = "Unsaved text is kept in journals; the disk is a client like any other.";
const encoder = new TextEncoder();

/** Registers all handlers. They live as long as the peer. */
export function serveEditorSync(options: ServiceOptions): void {
  serveViews(options);
  serveSaving(options);
  serveMarks(options);
  serveLooking(options);
}

function serveViews(options: ServiceOptions): void {
  const { peer, documents, shown } = options;
  peer.serve(contract.attach, (input, incoming) => attach(input, incoming, { documents, shown }));
  peer.handle(contract.list, async (_input, call) => ({
    documents: isPerson(call) ? documents.list() : await visible(options, call),
  }));
  peer.handle(contract.status, () => ({ built: true, says: SAYS }));
  peer.handle(contract.wait, async ({ path, seen }, call) => {
    const real = await options.realPath(path, call);
    const timeoutMs = Math.min(WAIT_MS_MAX, Math.max(0, call.remainingMs() - 500));
    const state = await shown.wait(real, seen, { timeoutMs, signal: call.signal });
    const isDirty = documents.list().some((one) => one.path === real && one.isDirty);
    return { state, isDirty };
  });
}

function serveSaving({ peer, documents, clock }: ServiceOptions): void {
  peer.handle(contract.save, async ({ document: id, upTo, mayCreate }, call) => {
    personOnly(call);
    const { document, sync } = documents.get(id);
    if (upTo !== undefined) await arrived(document, upTo, clock);
    return sync.save({ mayCreate }, call);
  });
  peer.handle(contract.discard, async ({ document: id, client }, call) => {
    personOnly(call);
    const { document, sync } = documents.get(id);
    await sync.rescan();
    return discard(document, client);
  });
  peer.handle(contract.rescan, async ({ document: id }) => {
    const open = id === undefined ? documents.all() : [documents.get(id)];
    const found = await Promise.all(open.map(({ sync }) => sync.rescan()));
    return { changed: found.filter(({ changes, conflicts }) => changes + conflicts > 0).length };
  });
}

function serveMarks(options: ServiceOptions): void {
  const { peer, documents, merger, handedOut } = options;
  peer.handle(contract.resolve, ({ document: id, conflict, take, client }, call) => {
    personOnly(call);
    return resolve(documents.get(id).document, conflict, take, client);
  });
  peer.handle(contract.propose, async ({ path, version, edit, note }, call) => {
    const { document } = await editable(documents, path, call);
    const by = call.principal ?? "agent";
    const against = handedOut.text(document, version);
    const made = await propose(document, merger, { edit, by, note, against });
    return { document: document.id, ...made };
  });
  peer.handle(contract.accept, ({ document: id, which, client }, call) => {
    personOnly(call);
    return accept(documents.get(id).document, which, client);
  });
  peer.handle(contract.reject, ({ document: id, which }, { principal }) =>
    reject(documents.get(id).document, which, principal),
  );
}

function serveLooking(options: ServiceOptions): void {
  const { peer, documents, merger } = options;
  peer.handle(contract.hash, async ({ document: id }, call) => {
    const { authority } = (await openOf(documents, { id }, call)).document;
    return { version: authority.version, length: authority.text.length, hash: authority.hash() };
  });
  peer.handle(contract.compare, async ({ document: id, old }, call) => {
    const open = await openOf(documents, { id }, call);
    const { text, version } = open.document.authority;
    const before =
      typeof old === "string" ? (await sideOf(open, old, { options, call })).toString() : old.other;
    const { hunks, isExact } = await merger.compare(before, text.toString());
    return { version, hunks: hunks.map((hunk) => [...hunk]), isExact };
  });
  peer.handle(contract.lines, ({ document: id, from, count }, call) =>
    documents.large(id).lines(from, count, call),
  );
  peer.serve(contract.version, (input, incoming) => sendVersion(input, incoming, options));
}

interface VersionInput {
  readonly document?: string | undefined;
  readonly path?: string | undefined;
  readonly side: contract.Side;
}

async function sendVersion(
  { document: id, path, side }: VersionInput,
  incoming: IncomingStream<{ version: number; length: number; hash: string }>,
  options: ServiceOptions,
): Promise<void> {
  const { documents, handedOut } = options;
  const open = await openOf(documents, id === undefined ? { path: path ?? "" } : { id }, incoming);
  const { document } = open;
  const { version } = document.authority;
  const text = await sideOf(open, side, { options, call: incoming });
  if (side === "text") handedOut.remember(document, version, text);
  const stream = incoming.accept({ version, length: text.length, hash: hashOf(text) });
  try {
    for (let from = 0; from < text.length; ) {
      const to = pieceEnd(text, from);
      await stream.write(encoder.encode(text.sliceString(from, to)));
      from = to;
    }
    stream.end();
  } catch {
    // The reader has gone.
  }
}

/** Where a piece ends that cuts no surrogate pair. */
function pieceEnd(text: Text, from: number): number {
  const to = Math.min(text.length, from + PIECE_UNITS);
  const isHigh = /[\ud800-\udbff]$/.test(text.sliceString(to - 1, to));
  return isHigh && to < text.length ? to + 1 : to;
}

async function sideOf(
  { document }: Open,
  side: contract.Side,
  { options, call }: { options: ServiceOptions; call: CallContext },
): Promise<Text> {
  if (side === "text") return document.authority.text;
  if (side === "saved") return document.authority.base;
  const { stat, bytes } = await options.files.read(document.disk.path, EDIT_BYTES_MAX, call);
  if (bytes !== undefined) return load(bytes).text;
  const message = `The file has ${stat.size} bytes now, at most ${EDIT_BYTES_MAX} are read.`;
  throw new BusError(EditorSyncCode.limit, message, {
    data: { value: stat.size, bound: EDIT_BYTES_MAX },
  });
}

function isPerson({ principal }: CallContext): boolean {
  return principal === undefined || principal === "person";
}

/** Agents and servers read and propose. @throws BusError `bus/denied` */
function personOnly(call: CallContext): void {
  if (isPerson(call)) return;
  const message = `${call.principal} may propose edits; only a person may ${call.subject}.`;
  throw new BusError(BusCode.denied, message);
}

/** Of what is open, what the caller may read. */
async function visible(
  { documents, files }: ServiceOptions,
  call: CallContext,
): Promise<contract.Summary[]> {
  const all = documents.list();
  const found = await Promise.allSettled(all.map(({ path }) => files.stat(path, call)));
  return all.filter((_, index) => found[index]?.status === "fulfilled");
}

/** Both ways the file guard judges the caller. */
async function openOf(
  documents: Documents,
  what: { id: string } | { path: string },
  call: CallContext,
): Promise<Open> {
  const found =
    "id" in what ? await documents.byId(what.id, call) : await documents.byPath(what.path, call);
  if (!(found instanceof LargeFile)) return found;
  const { why } = found.facts();
  documents.settleLarge(found);
  throw new BusError(EditorSyncCode.readOnly, why?.says ?? "It is too large.", { data: { why } });
}

async function editable(documents: Documents, path: string, call: CallContext): Promise<Open> {
  const open = await openOf(documents, { path }, call);
  documents.settle(open.document);
  return open;
}

/** Waits until a client's edits are in. @throws BusError `not-there` */
async function arrived(
  { authority }: Open["document"],
  { client, seq }: { client: string; seq: number },
  clock: Clock,
): Promise<void> {
  const endsMs = clock.now() + UP_TO_MS;
  while (authority.acknowledged(client) < seq) {
    if (clock.now() >= endsMs) {
      const value = authority.acknowledged(client);
      const message = `edit ${seq} of ${client} did not come within ${UP_TO_MS} ms; the last one is ${value}`;
      throw new BusError(EditorSyncCode.notThere, message, { data: { value, bound: seq } });
    }
    await new Promise<void>((wake) => clock.setTimer(UP_TO_STEP_MS, wake));
  }
}
