/** How a document comes to life: from its file, or from its journal and then its file. */
import { readFileSync } from "node:fs";
import type { Clock } from "../../bus/clock.ts";
import { EDIT_BYTES_MAX } from "../../bus/contracts/editor-document.ts";
import type { Stat } from "../../bus/contracts/file-guard.ts";
import { isBusError } from "../../bus/errors.ts";
import type { CallContext } from "../../bus/peer.ts";
import { factsOf, hashOfBytes } from "./disk-sync.ts";
import { type DiskFacts, LiveDocument } from "./document.ts";
import { BINARY_LOOK_BYTES, load } from "./format.ts";
import { type GuardedFiles, isDenial } from "./guarded-files.ts";
import { type Head, isUnsaved, type Replay, readJournal } from "./journal-record.ts";
import { CLOSED_SAYS, type KeptPlace } from "./kept.ts";
import type { TooLarge } from "./large-file.ts";
import { Marks } from "./marks.ts";
import { BINARY, whyReadOnly } from "./why-read-only.ts";

/** What is needed to open one. */
export interface OpenTools {
  readonly files: GuardedFiles;
  readonly clock: Clock;
  /** A new document's id. */
  readonly newId: () => string;
  /** File of a document's journal. */
  readonly journalOf: (id: string) => string;
  readonly onChange: () => void;
}

/** Of a file whose journal does not say. */
const MODE = 0o644;

/** What cannot be edited has nothing to keep. */
const NOWHERE = { file: undefined, says: "" };

/** Opens a file anew. @throws what the file guard says */
export async function openFile(
  path: string,
  call: CallContext,
  tools: OpenTools,
): Promise<LiveDocument | TooLarge> {
  const { stat, bytes } = await tools.files.read(path, EDIT_BYTES_MAX, call);
  if (bytes === undefined) return tooLarge(stat, call, tools);
  const loaded = load(bytes);
  const why = whyReadOnly(loaded, stat);
  if (why?.code === "long-line") return { stat, why };
  const id = tools.newId();
  const document = new LiveDocument({
    id,
    disk: factsOf(stat, bytes),
    layout: loaded,
    why,
    start: { base: loaded.text, version: 0 },
    marks: new Marks(),
    isRestored: false,
    place: why === null ? await placeOf(id, stat.path, tools) : { ...NOWHERE, clock: tools.clock },
    clock: tools.clock,
    onChange: tools.onChange,
  });
  if (why === null) document.kept.rewrite();
  return document;
}

async function tooLarge(stat: Stat, call: CallContext, tools: OpenTools): Promise<TooLarge> {
  const head = { offset: 0, length: BINARY_LOOK_BYTES };
  const { bytes } = await tools.files.readRange(stat.path, head, call);
  if (bytes.includes(0)) return { stat, why: BINARY };
  const says = `The file has ${grouped(stat.size)} bytes; up to ${grouped(EDIT_BYTES_MAX)} can be edited.`;
  return { stat, why: { code: "large", says } };
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** The journal of a document, as far as it can be read. */
export function readJournalFile(file: string): Replay | undefined {
  try {
    return readJournal(readFileSync(file));
  } catch {
    // Not there, or not ours to read: then there is nothing to restore.
    return undefined;
  }
}

/**
 * Opens a document from its journal, at the version it had. Undefined when that cannot be: a clean one whose file has
 * changed since, or is closed to records now. Unsaved edits of a closed file live on in memory, for whoever may read it;
 * their journal is to be taken away once they do. The disk is to be looked at next.
 * @throws the guard's denial
 */
export async function restoreDocument(
  replay: Replay,
  call: CallContext | undefined,
  tools: OpenTools,
): Promise<LiveDocument | undefined> {
  const { head, edits } = replay;
  const place = await placeOf(head.document, head.path, tools);
  const hasUnsaved = isUnsaved(replay);
  if (place.file === undefined && !hasUnsaved) return undefined;
  const found = await readIfThere(head.path, call, tools);
  const isSame = found?.bytes !== undefined && hashOfBytes(found.bytes) === head.hash;
  const base = isSame ? found.bytes : replay.base;
  if (base === undefined) return undefined;
  const loaded = load(base);
  const document = new LiveDocument({
    id: head.document,
    disk:
      isSame && found !== undefined ? factsOf(found.stat, base) : factsOfJournal(head, base.length),
    layout: loaded,
    why: null,
    start: {
      base: loaded.text,
      version: head.version,
      ...(replay.dirty === undefined ? {} : { dirty: replay.dirty }),
      clients: head.clients,
      past: replay.past,
    },
    marks: new Marks(replay.marks?.snapshot ?? head.marks),
    isRestored: head.isRestored || edits.length > 0 || replay.dirty?.empty === false,
    place,
    clock: tools.clock,
    onChange: tools.onChange,
  });
  document.replay(edits, replay.marks?.edits ?? 0);
  document.kept.resume(replay.bytes, replay.base === undefined ? "head-only" : "has-base");
  return document;
}

/** Of a file that is not there, or another by now. */
function factsOfJournal({ path, hash, mode }: Head, size: number): DiskFacts {
  return { path, stamp: "", size, mode: mode ?? MODE, links: 1, hash };
}

async function readIfThere(path: string, call: CallContext | undefined, { files }: OpenTools) {
  try {
    return await files.read(path, EDIT_BYTES_MAX, call);
  } catch (error) {
    if (!isBusError(error) || isDenial(error)) throw error;
    return undefined;
  }
}

async function placeOf(id: string, path: string, tools: OpenTools): Promise<KeptPlace> {
  if (await tools.files.isOpenToAll(path)) {
    return { file: tools.journalOf(id), says: "", clock: tools.clock };
  }
  return { file: undefined, says: CLOSED_SAYS, clock: tools.clock };
}
