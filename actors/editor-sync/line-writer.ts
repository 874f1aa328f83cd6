/** Lines of JSON to a stream, with a count of what has not left yet. */
import type { BusStream } from "../../bus/peer.ts";

const encoder = new TextEncoder();

/** The part of a stream that a view needs. */
export type LineStream = Pick<
  BusStream<unknown>,
  "write" | "end" | "reset" | "done" | "onChunk" | "consumed"
>;

export class LineWriter {
  readonly #stream: LineStream;
  readonly #onDrain: () => void;
  #waiting = 0;

  /** @param onDrain called whenever everything written has left */
  constructor(stream: LineStream, onDrain: () => void) {
    this.#stream = stream;
    this.#onDrain = onDrain;
  }

  /** Bytes that wait for the reader's credit. */
  get waitingBytes(): number {
    return this.#waiting;
  }

  /** Resolves when the line has left, also when the stream is over by then. */
  async write(json: string): Promise<void> {
    const bytes = encoder.encode(`${json}\n`);
    this.#waiting += bytes.length;
    try {
      await this.#stream.write(bytes);
    } catch {
      // The stream is over; whoever owns it is told by `done`.
    }
    this.#waiting -= bytes.length;
    if (this.#waiting === 0) this.#onDrain();
  }
}
