/**
 * A link over the window's scheme: `GET /down` is one endless response, `POST /up` carries batches, one at a time and
 * in order. WebKit applies no back-pressure on the response; the credits of the streams bound what comes.
 */
import type { Transport } from "../transport.ts";
import { joined } from "./web-socket.ts";

/** Bytes waiting for a POST above which `write` asks the sender to pause. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** Bytes of one POST; a bigger frame goes alone. */
const POST_BYTES_MAX = 1024 * 1024;

export interface BridgeOptions {
  /** Key of this document. */
  readonly key: string;
  /** Fires to give the attempt up; later it does nothing. */
  readonly signal: AbortSignal;
}

/** Resolves when the window has a link to the hub. Rejects with its status when it has none. */
export async function openBridge({ key, signal }: BridgeOptions): Promise<Transport> {
  const ending = new AbortController();
  const giveUp = (): void => ending.abort();
  signal.addEventListener("abort", giveUp, { once: true });
  const headers = { "x-bulkhead-key": key };
  const down = await fetch("/down", { headers, signal: ending.signal, cache: "no-store" });
  signal.removeEventListener("abort", giveUp);
  if (!down.ok || down.body === null)
    throw new Error(`the window has no link to the hub: ${down.status}`);
  return new BridgeTransport(key, down.body.getReader(), ending);
}

class BridgeTransport implements Transport {
  onData: (chunk: Uint8Array) => void = () => undefined;
  onDrain: () => void = () => undefined;
  onClose: (error: Error | undefined) => void = () => undefined;
  pendingBytes = 0;
  readonly #key: string;
  readonly #ending: AbortController;
  #queue: Uint8Array[] = [];
  #isPosting = false;
  #isClosing = false;
  #isClosed = false;
  #wasFull = false;
  #resume: (() => void) | undefined;
  #paused: Promise<void> | undefined;

  constructor(
    key: string,
    reader: ReadableStreamDefaultReader<Uint8Array>,
    ending: AbortController,
  ) {
    this.#key = key;
    this.#ending = ending;
    // The owner sets its handlers in the turn it gets the transport; reading starts in the next one.
    setTimeout(() => void this.#read(reader));
  }

  write(slices: readonly Uint8Array[]): boolean {
    if (this.#isClosed || this.#isClosing) return true;
    for (const slice of slices) {
      this.#queue.push(slice);
      this.pendingBytes += slice.byteLength;
    }
    if (!this.#isPosting) void this.#post();
    this.#wasFull ||= this.pendingBytes > HIGH_WATER_BYTES;
    return this.pendingBytes <= HIGH_WATER_BYTES;
  }

  pause(): void {
    this.#paused ??= new Promise((resolve) => {
      this.#resume = resolve;
    });
  }

  resume(): void {
    this.#paused = undefined;
    this.#resume?.();
    this.#resume = undefined;
  }

  close(): void {
    this.#isClosing = true;
    if (!this.#isPosting) this.#end(undefined);
  }

  async #read(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    try {
      for (;;) {
        await this.#paused;
        const { done, value } = await reader.read();
        if (done) return this.#end(undefined);
        this.onData(value);
      }
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #post(): Promise<void> {
    this.#isPosting = true;
    try {
      while (this.#queue.length > 0 && !this.#isClosed) {
        const body = joined(this.#takeBatch());
        const answer = await fetch("/up", {
          method: "POST",
          headers: { "content-type": "application/octet-stream", "x-bulkhead-key": this.#key },
          body,
        });
        if (!answer.ok) throw new Error(`the window's link to the hub is gone: ${answer.status}`);
        this.pendingBytes -= body.byteLength;
        this.#tellDrain();
      }
      if (this.#isClosing) this.#end(undefined);
    } catch (error) {
      this.#end(error instanceof Error ? error : new Error(String(error)));
    } finally {
      this.#isPosting = false;
    }
  }

  #takeBatch(): Uint8Array[] {
    let bytes = 0;
    let count = 0;
    for (const slice of this.#queue) {
      if (count > 0 && bytes + slice.byteLength > POST_BYTES_MAX) break;
      bytes += slice.byteLength;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  #tellDrain(): void {
    if (!this.#wasFull || this.pendingBytes > HIGH_WATER_BYTES) return;
    this.#wasFull = false;
    this.onDrain();
  }

  #end(error: Error | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#queue = [];
    this.#ending.abort();
    this.resume();
    this.onClose(error);
  }
}
