/**
 * A transport over any Node stream socket: unix, TCP or an inherited descriptor.
 *
 * Slices of one turn of the event loop leave in one writev. Small ones are copied together first: a slice costs Node
 * about a microsecond, copying 4 KiB a tenth of that. Large ones are passed on as they are.
 */
import { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import process from "node:process";
import type { Transport } from "../transport.ts";

/** Bytes waiting above which `write` asks for a pause. */
export const HIGH_WATER_BYTES = 512 * 1024;
/** Slices up to this are copied together. */
const COPY_BYTES_MAX = 4 * 1024;
/** Size of the blocks they are copied into. */
const BLOCK_BYTES = 64 * 1024;
/**
 * So much does not wait for the end of the turn. Whoever reads it works on it while the rest is still being written:
 * with everything at the end, processes that call each other would take turns and use one core between them.
 */
const FLUSH_BYTES = 8 * 1024;
/** How long a closed side may take to flush, milliseconds. */
const FLUSH_TIMEOUT_MS = 2_000;

/** A transport that owns `socket`. Must be made before the first turn in which data could arrive. */
export function socketTransport(socket: Socket): Transport {
  return new SocketTransport(socket);
}

/** A transport whose owner comes a turn later: nothing is read before `begin`. */
export function waitingTransport(socket: Socket): { transport: Transport; begin: () => void } {
  socket.pause();
  const transport = new SocketTransport(socket);
  return { transport, begin: () => transport.begin() };
}

class SocketTransport implements Transport {
  onData: (chunk: Uint8Array) => void = () => {};
  onDrain: () => void = () => {};
  onClose: (error: Error | undefined) => void = () => {};
  readonly #socket: Socket;
  #out: Uint8Array[] = [];
  #outBytes = 0;
  #block: Uint8Array | undefined;
  #blockStart = 0;
  #blockEnd = 0;
  #flushing = false;
  #wantsDrain = false;
  #paused = false;
  #closing = false;
  #closed = false;
  #error: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay?.(true);
    socket.on("data", (chunk: Buffer) => {
      if (!this.#closed)
        this.onData(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    });
    socket.on("drain", () => this.#onDrain());
    socket.on("error", (error) => {
      this.#error = error;
    });
    // Half-open links are of no use: nobody would answer.
    socket.on("end", () => socket.end());
    socket.on("close", () => this.#finish());
  }

  get pendingBytes(): number {
    return this.#waitingBytes + this.#socket.writableLength;
  }

  /** Bytes of this turn that the socket does not have yet. */
  get #waitingBytes(): number {
    return this.#outBytes + this.#blockEnd - this.#blockStart;
  }

  write(slices: readonly Uint8Array[]): boolean {
    if (this.#closed || this.#closing) return true;
    for (const slice of slices) {
      if (slice.length <= COPY_BYTES_MAX) this.#copy(slice);
      else this.#append(slice);
    }
    if (this.#waitingBytes > FLUSH_BYTES) this.#flush();
    else if (!this.#flushing) {
      this.#flushing = true;
      // A tick asked for within a microtask comes after all microtasks: handlers that answer at once are in time.
      queueMicrotask(() => process.nextTick(this.#onTurnEnd));
    }
    this.#wantsDrain = this.pendingBytes > HIGH_WATER_BYTES;
    return !this.#wantsDrain;
  }

  pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#socket.resume();
  }

  /** Reads from now on, unless the owner has asked for a pause meanwhile. */
  begin(): void {
    if (!this.#paused) this.#socket.resume();
  }

  close(): void {
    if (this.#closed || this.#closing) return;
    this.#flush();
    this.#closing = true;
    this.#socket.end();
    const timer = setTimeout(() => this.#socket.destroy(), FLUSH_TIMEOUT_MS);
    timer.unref();
    this.#socket.once("close", () => clearTimeout(timer));
    this.#socket.once("finish", () => this.#socket.destroySoon());
  }

  readonly #onTurnEnd = (): void => {
    this.#flushing = false;
    this.#flush();
  };

  #copy(slice: Uint8Array): void {
    if (this.#block === undefined || this.#blockEnd + slice.length > this.#block.length) {
      this.#closeBlock();
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
      this.#blockStart = 0;
      this.#blockEnd = 0;
    }
    this.#block.set(slice, this.#blockEnd);
    this.#blockEnd += slice.length;
  }

  #append(slice: Uint8Array): void {
    this.#closeBlock();
    this.#out.push(slice);
    this.#outBytes += slice.length;
  }

  #closeBlock(): void {
    if (this.#block === undefined || this.#blockEnd === this.#blockStart) return;
    const piece = this.#block.subarray(this.#blockStart, this.#blockEnd);
    this.#blockStart = this.#blockEnd;
    this.#out.push(piece);
    this.#outBytes += piece.length;
  }

  #flush(): void {
    this.#closeBlock();
    if (this.#out.length === 0 || this.#closed) return;
    const out = this.#out;
    this.#out = [];
    this.#outBytes = 0;
    if (out.length > 1) this.#socket.cork();
    for (const slice of out) this.#socket.write(slice);
    if (out.length > 1) this.#socket.uncork();
    if (this.#wantsDrain && !this.#socket.writableNeedDrain)
      process.nextTick(() => this.#onDrain());
  }

  #onDrain(): void {
    if (!this.#wantsDrain || this.#closed || this.pendingBytes > HIGH_WATER_BYTES) return;
    this.#wantsDrain = false;
    this.onDrain();
  }

  #finish(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#out = [];
    this.onClose(this.#error);
  }
}
