/** Views: from an incoming stream to a client of a document. */
import type { Facts } from "../../bus/contracts/editor-document.ts";
import { EditorSyncCode } from "../../bus/contracts/editor-document.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import type { IncomingStream } from "../../bus/peer.ts";
import type { Documents, Open } from "./documents.ts";
import { LargeFile } from "./large-file.ts";
import type { ShownFiles } from "./shown.ts";
import { View } from "./view.ts";

/** What an attach asks for. */
export interface AttachInput {
  readonly path?: string | undefined;
  readonly document?: string | undefined;
  readonly client: string;
  readonly known?: { document: string; version: number; hash?: string | undefined } | undefined;
}

/** What it is accepted with. */
export interface Attached {
  facts: Facts;
  isResumed: boolean;
  acknowledged: number;
}

/** What views need. */
export interface AttachTools {
  readonly documents: Documents;
  readonly shown: ShownFiles;
}

/** Views of one document. */
const VIEWS_MAX = 64;

/** @throws what the file guard says, `no-such-document`, `limit` */
export async function attach(
  input: AttachInput,
  incoming: IncomingStream<Attached>,
  tools: AttachTools,
): Promise<void> {
  const found = await find(input, incoming, tools.documents);
  if (found instanceof LargeFile) attachLarge(found, incoming, tools);
  else attachOpen(found, input, incoming, tools);
}

async function find(
  { path, document, known }: AttachInput,
  call: IncomingStream<Attached>,
  documents: Documents,
): Promise<Open | LargeFile> {
  if (document !== undefined) return documents.byId(document, call);
  // A file may have moved since the client was told of its path, and another one may have that by now.
  const moved = known === undefined ? undefined : documents.pathOf(known.document);
  const wanted = moved ?? path;
  if (wanted !== undefined) return documents.byPath(wanted, call);
  if (known !== undefined) return documents.byId(known.document, call);
  throw new BusError(BusCode.invalid, 'attach: one of "path" and "document" is needed');
}

function attachOpen(
  { document }: Open,
  { client, known }: AttachInput,
  incoming: IncomingStream<Attached>,
  { documents, shown }: AttachTools,
): void {
  if (document.views >= VIEWS_MAX) {
    const message = `${document.views} views of this document are open, at most ${VIEWS_MAX} may be`;
    throw new BusError(EditorSyncCode.limit, message);
  }
  const { principal } = incoming;
  if (document.hasViewOfOthers(client, principal)) {
    throw new BusError(BusCode.denied, `client ${client} is attached on behalf of somebody else`);
  }
  const from = resumable(document, known);
  const stream = incoming.accept({
    facts: document.facts(principal),
    isResumed: from !== undefined,
    acknowledged: document.authority.acknowledged(client),
  });
  const { path } = document.disk;
  const view: View = new View(document, {
    ...{ client, principal, stream, from },
    onPush: (push) => document.push({ client, principal }, push),
    onGone: (isClosed) => {
      document.leave(view);
      shown.went(path, isClosed ? "closed" : "vanished");
      documents.settle(document);
    },
  });
  shown.came(path);
  document.join(view);
  documents.settle(document);
  view.start();
}

/** The version a client can go on from; undefined: it needs a snapshot. */
function resumable(
  { id, authority }: Open["document"],
  known: AttachInput["known"],
): number | undefined {
  if (known === undefined || known.document !== id) return undefined;
  if (authority.since(known.version) === undefined) return undefined;
  const isAstray =
    known.version === authority.version &&
    known.hash !== undefined &&
    known.hash !== authority.hash();
  return isAstray ? undefined : known.version;
}

function attachLarge(
  file: LargeFile,
  incoming: IncomingStream<Attached>,
  { documents, shown }: AttachTools,
): void {
  const stream = incoming.accept({ facts: file.facts(), isResumed: false, acknowledged: 0 });
  shown.came(file.path);
  const gone = () => {
    shown.went(file.path, "closed");
    documents.settleLarge(file);
  };
  file.join(stream, gone, incoming);
}
