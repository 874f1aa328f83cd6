/** Documents of this page: each is opened once, however many views show it, and closed with the last of them. */
import * as sync from "../../bus/contracts/editor-sync.ts";
import { BusCode, isBusError } from "../../bus/errors.ts";
import type { Connection } from "../bus.ts";
import { type DocumentCalls, OpenDocument } from "../editor/open-document.ts";
import { sleep } from "../sleep.ts";
import { backoff } from "../terminal/backoff.ts";
import type { App } from "./app.ts";
import { openDocumentLink } from "./document-link.ts";
import { whileRestarting } from "./retry.ts";

/** A document with a text that lost its touch is tried again this often, milliseconds. */
const AGAIN_MS = 5_000;
/** A closed document stays behind this long for edits that are not acknowledged yet, milliseconds. */
const LINGER_MS = 10 * 60_000;

/** A view's hold on a document. */
export interface Hold {
  readonly document: OpenDocument;
  /** The last one closes it, as soon as every edit is acknowledged. */
  release(): void;
}

interface Entry {
  readonly document: OpenDocument;
  readonly end: AbortController;
  holds: number;
}

const stores = new WeakMap<App, Map<string, Entry>>();

/** `path` is absolute. */
export function holdDocument(app: App, path: string): Hold {
  const entries = stores.get(app) ?? new Map<string, Entry>();
  stores.set(app, entries);
  const entry = entries.get(path) ?? open(app, path);
  entries.set(path, entry);
  entry.holds += 1;
  let isHeld = true;
  return {
    document: entry.document,
    release() {
      if (!isHeld) return;
      isHeld = false;
      entry.holds -= 1;
      if (entry.holds > 0) return;
      entries.delete(path);
      app.editors.setDirty(path, undefined);
      void finish(entry);
    },
  };
}

/** Documents that are open in this page. */
export function openDocuments(app: App): readonly OpenDocument[] {
  return [...(stores.get(app)?.values() ?? [])].map(({ document }) => document);
}

/** The person was told that what was typed is kept. */
async function finish({ document, end }: Entry): Promise<void> {
  const over = new AbortController();
  await Promise.race([document.client.settled(), sleep(LINGER_MS, over.signal)]);
  over.abort();
  document.close();
  end.abort();
}

function open(app: App, path: string): Entry {
  const end = new AbortController();
  const { connection } = app;
  const document = new OpenDocument({
    path,
    calls: callsOf(connection),
    onDirty(isDirty) {
      // One that stays behind for its last edits is shown nowhere.
      if (stores.get(app)?.get(path)?.document === document) app.editors.setDirty(path, isDirty);
    },
    onMetered: app.editors.countEdits,
    sync: {
      newClientId,
      attach: (wish) => openDocumentLink(connection, { path, ...wish }),
      pause: { ...backoff(end.signal), long: () => sleep(AGAIN_MS, end.signal) },
      isPassing,
    },
  });
  // It ends by itself only when it is closed.
  void document.run();
  return { document, end, holds: 0 };
}

function newClientId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/**
 * The bus's own failures pass: a process restarts, a link comes back, a new hub does not know its actors yet. What an
 * actor answers stays so.
 */
function isPassing(error: unknown): boolean {
  if (!isBusError(error)) return true;
  const isLasting = LASTING.some((code) => error.code === code);
  return error.code.startsWith("bus/") && !isLasting;
}

const LASTING: readonly string[] = [BusCode.notImplemented, BusCode.denied, BusCode.invalid];

function callsOf(connection: Connection): DocumentCalls {
  return {
    // Saving the same text twice is harmless, and a save must not fail for a restart.
    save: (wish) => whileRestarting(() => connection.request(sync.save, wish)),
    discard: (document, client) => connection.request(sync.discard, { document, client }),
    resolve: (wish) => connection.request(sync.resolve, wish),
    accept: (document, which, client) =>
      connection.request(sync.accept, { document, which, client }),
    reject: (document, which) => connection.request(sync.reject, { document, which }),
    savedText: (document) => readVersion(connection, { document, side: "saved" }),
  };
}

/** One text of a document, whole. */
export async function readVersion(
  connection: Connection,
  wish: { readonly document: string; readonly side: sync.Side },
): Promise<string> {
  const stream = await connection.open(sync.version, wish);
  stream.end();
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  await stream.done;
  return text + decoder.decode();
}
