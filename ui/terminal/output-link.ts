/**
 * Output of one session into one parser, over any number of links. The offset counts bytes handed to the parser, so
 * a re-attach goes on at the next byte: nothing is lost or doubled.
 *
 *   attach "screen" -> restore part -> output ... link lost -> attach <offset> -> output ...
 *                                         view-behind -> attach "screen"
 */
import { attach, type Exit, TerminalCode } from "../../bus/contracts/terminal.ts";
import { isBusError } from "../../bus/errors.ts";
import type { BusStream } from "../../bus/peer.ts";
import type { Connection } from "../bus.ts";
import { backoff } from "./backoff.ts";

/** Credit of one terminal. The actor passes it on to the keeper and adds none. */
export const OUTPUT_WINDOW_BYTES = 128 * 1024;

/**
 * The parser says that it is through with a piece of this size, not with a whole chunk: so much is granted again while
 * it works on the rest of the window, and on its way while the page draws.
 */
export const PIECE_BYTES: number = OUTPUT_WINDOW_BYTES / 4;

/** Where output goes. Calls come in order. */
export interface OutputSink {
  /** The screen of absolute `offset` is rebuilt for this size; what the parser had is void. */
  beginRestore(cols: number, rows: number, offset: number): void;
  /** The parser has taken the whole restore part. */
  endRestore(): void;
  /** `done` when the parser is through with the bytes. `offset`: absolute, absent in the restore part. */
  write(bytes: Uint8Array, done: () => void, offset?: number): void;
  /** Bytes the program wrote that nobody kept. */
  gap(bytes: number): void;
  live(): void;
  /** The stream broke; another attempt follows. */
  away(error: unknown): void;
  ended(exit: Exit | undefined): void;
  /** No such session any more. */
  gone(): void;
}

export interface OutputLinkOptions {
  readonly connection: Connection;
  readonly session: string;
  readonly sink: OutputSink;
  /** Size and visibility at the moment of an attach. */
  readonly view: () => { cols: number; rows: number; visible: boolean };
  readonly signal: AbortSignal;
}

/** Runs until the session ends, is gone, or `signal` fires. */
export async function runOutputLink(options: OutputLinkOptions): Promise<void> {
  const link = new OutputLink(options);
  const pause = backoff(options.signal);
  while (!options.signal.aborted) {
    try {
      if (await link.once(pause.reset)) return;
    } catch (error) {
      if (options.signal.aborted) return;
      if (isBusError(error, TerminalCode.noSuchSession)) return options.sink.gone();
      if (isBusError(error, TerminalCode.viewBehind)) {
        link.forget();
        continue;
      }
      options.sink.away(error);
      await pause.wait();
    }
  }
}

interface Accept {
  readonly offset: number;
  readonly restoreBytes: number;
  readonly gapBytes: number;
  readonly cols: number;
  readonly rows: number;
}

class OutputLink {
  readonly #options: OutputLinkOptions;
  /** Absolute offset of the next byte for the parser; undefined: the screen must be rebuilt. */
  #offset: number | undefined;
  /** Bytes of the restore part still to come on this stream. */
  #restoreLeft = 0;

  constructor(options: OutputLinkOptions) {
    this.#options = options;
  }

  forget(): void {
    this.#offset = undefined;
  }

  /** One attach. `true`: the session is over. */
  async once(onLive: () => void): Promise<boolean> {
    const { connection, session, sink, signal, view } = this.#options;
    const from = this.#offset ?? "screen";
    const stream: BusStream<Accept> = await connection.open(
      attach,
      { session, from, ...view() },
      { windowBytes: OUTPUT_WINDOW_BYTES, signal },
    );
    const stop = () => stream.reset({ code: "bus/cancelled", message: "the view is closed" });
    signal.addEventListener("abort", stop, { once: true });
    try {
      stream.end();
      this.#receive(stream);
      sink.live();
      onLive();
      const last = await stream.done;
      sink.ended(isExit(last) ? last : undefined);
      return true;
    } finally {
      signal.removeEventListener("abort", stop);
      // Half a screen cannot be gone on from.
      if (this.#restoreLeft > 0) this.forget();
    }
  }

  #receive(stream: BusStream<Accept>): void {
    const { sink } = this.#options;
    const { offset, restoreBytes, gapBytes, cols, rows } = stream.accepted;
    const isRestore = this.#offset === undefined;
    this.#offset = offset;
    this.#restoreLeft = restoreBytes;
    if (isRestore) sink.beginRestore(cols, rows, offset);
    if (isRestore && restoreBytes === 0) sink.endRestore();
    if (gapBytes > 0) sink.gap(gapBytes);
    stream.onChunk((chunk) => {
      const restored = Math.min(this.#restoreLeft, chunk.byteLength);
      if (restored > 0) {
        this.#restoreLeft -= restored;
        const isLast = this.#restoreLeft === 0;
        sink.write(chunk.subarray(0, restored), () => {
          stream.consumed(restored);
          if (isLast) sink.endRestore();
        });
      }
      for (let from = restored; from < chunk.byteLength; from += PIECE_BYTES) {
        const piece = chunk.subarray(from, from + PIECE_BYTES);
        const at = this.#offset ?? 0;
        this.#offset = at + piece.byteLength;
        sink.write(piece, () => stream.consumed(piece.byteLength), at);
      }
    });
  }
}

function isExit(value: unknown): value is Exit {
  return typeof value === "object" && value !== null && "ranMs" in value;
}
