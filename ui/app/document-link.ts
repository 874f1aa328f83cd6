/** The attach stream of a document as lines of JSON, checked both ways. */
import * as v from "valibot";
import { CREDIT_STEP_BYTES, Down, type Up } from "../../bus/contracts/editor-document.ts";
import { attach } from "../../bus/contracts/editor-sync.ts";
import type { BusStream } from "../../bus/peer.ts";
import type { Connection } from "../bus.ts";
import type { KnownText, SyncLink } from "../editor/sync-client.ts";
import { createSplitter } from "../state/split-parts.ts";

/** Credit of one document, so that a snapshot is not sent in crumbs. */
const WINDOW_BYTES = 4 * CREDIT_STEP_BYTES;
/** Longest an attach may take, milliseconds: a file on a slow disk is read first. */
const ATTACH_MS = 60_000;

export interface LinkWish {
  /** Absolute. */
  readonly path: string;
  readonly client: string;
  readonly known: KnownText | undefined;
  readonly signal: AbortSignal;
}

/** @throws what the attach was answered with */
export async function openDocumentLink(
  connection: Connection,
  { path, client, known, signal }: LinkWish,
): Promise<SyncLink> {
  const wish = known === undefined ? { path, client } : { path, client, known };
  const stream = await connection.open(attach, wish, {
    windowBytes: WINDOW_BYTES,
    timeoutMs: ATTACH_MS,
    signal,
  });
  const encoder = new TextEncoder();
  // A link that broke is told by `lines`; what was not taken is sent again on the next one.
  const send = (line: Up): void =>
    void stream.write(encoder.encode(`${JSON.stringify(line)}\n`)).catch(() => undefined);
  return {
    ...stream.accepted,
    lines: linesOf(stream),
    send,
    end(how) {
      send({ bye: { isClosed: how === "closed" } });
      stream.end();
    },
  };
}

async function* linesOf(stream: BusStream<unknown>): AsyncGenerator<Down> {
  const splitter = createSplitter(10);
  const inbox = new Inbox();
  let owed = 0;
  stream.onChunk((chunk) => {
    owed += chunk.byteLength;
    inbox.push(splitter.push(chunk));
    if (owed < CREDIT_STEP_BYTES) return;
    stream.consumed(owed);
    owed = 0;
  });
  stream.done.then(
    () => inbox.end(undefined),
    (error: unknown) => inbox.end(error ?? new Error("the link ended")),
  );
  for (;;) {
    const lines = await inbox.next();
    if (lines === undefined) return;
    for (const line of lines) yield v.parse(Down, JSON.parse(line));
  }
}

/** Lines that came and were not looked at yet. */
class Inbox {
  #lines: string[] = [];
  #isOver = false;
  #error: unknown;
  #wake: () => void = () => undefined;

  push(lines: readonly string[]): void {
    this.#lines.push(...lines);
    this.#wake();
  }

  end(error: unknown): void {
    this.#isOver = true;
    this.#error = error;
    this.#wake();
  }

  /** Undefined when the link ended well. @throws what broke it */
  async next(): Promise<readonly string[] | undefined> {
    while (this.#lines.length === 0) {
      if (this.#isOver && this.#error !== undefined) throw this.#error;
      if (this.#isOver) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }
}
