/** The server's end of a page's WebSocket as a byte pipe. What is written in one turn leaves as one message. */
import type { WebSocket } from "ws";
import type { Transport } from "../../transport.ts";

/** Bytes waiting from which the broker should hold back. */
const HIGH_WATER_BYTES = 512 * 1024;
/** A page that does not close its side within this time is cut off, milliseconds. */
const CLOSE_TIMEOUT_MS = 2000;

/** Takes over an open socket. */
export function wsTransport(socket: WebSocket): Transport {
  return new WsTransport(socket);
}

class WsTransport implements Transport {
  onData: (chunk: Uint8Array) => void = () => undefined;
  onDrain: () => void = () => undefined;
  onClose: (error: Error | undefined) => void = () => undefined;
  readonly #socket: WebSocket;
  #queued: Uint8Array[] = [];
  #queuedBytes = 0;
  #wantsDrain = false;
  #closed = false;
  #error: Error | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.binaryType = "nodebuffer";
    socket.on("message", (data, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on("error", (error) => {
      this.#error = error;
    });
    socket.on("close", () => this.#over());
  }

  get pendingBytes(): number {
    return this.#queuedBytes + this.#socket.bufferedAmount;
  }

  write(slices: readonly Uint8Array[]): boolean {
    if (this.#closed) return true;
    if (this.#queued.length === 0) queueMicrotask(() => process.nextTick(() => this.#flush()));
    for (const slice of slices) {
      this.#queued.push(slice);
      this.#queuedBytes += slice.length;
    }
    this.#wantsDrain ||= this.pendingBytes > HIGH_WATER_BYTES;
    return !this.#wantsDrain;
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    if (this.#closed) return;
    this.#flush();
    this.#socket.close(1000);
    const cut = setTimeout(() => this.#socket.terminate(), CLOSE_TIMEOUT_MS);
    cut.unref();
    this.#socket.once("close", () => clearTimeout(cut));
  }

  #receive(data: Buffer, isBinary: boolean): void {
    // Text would be somebody else's protocol; the link ends like for any other malformed frame.
    if (!isBinary) this.#socket.close(1003, "binary messages only");
    else this.onData(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }

  #flush(): void {
    if (this.#queued.length === 0 || this.#socket.readyState !== this.#socket.OPEN) return;
    const message = this.#queued.length === 1 ? this.#queued[0] : Buffer.concat(this.#queued);
    this.#queued = [];
    this.#queuedBytes = 0;
    if (message !== undefined) this.#socket.send(message, { binary: true }, () => this.#sent());
  }

  #sent(): void {
    if (!this.#wantsDrain || this.#closed || this.pendingBytes > HIGH_WATER_BYTES / 2) return;
    this.#wantsDrain = false;
    this.onDrain();
  }

  #over(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queued = [];
    this.onClose(this.#error);
  }
}
