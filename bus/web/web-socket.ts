/** A link over one WebSocket with binary messages (browser mode). */
import type { Transport } from "../transport.ts";

/** Bytes queued in the socket above which `write` asks the sender to pause. */
const HIGH_WATER_BYTES = 1024 * 1024;
/** The page gets no event when the socket drains; it is looked at this often, milliseconds. */
const DRAIN_LOOK_MS = 20;

export interface WebSocketOptions {
  readonly url: string;
  /** Fires to give the attempt up; later it does nothing. */
  readonly signal: AbortSignal;
}

/** Resolves when the socket is open. Rejects when it cannot be, or when the signal fires. */
export function openWebSocket({ url, signal }: WebSocketOptions): Promise<Transport> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    const transport = new SocketTransport(socket);
    const giveUp = (): void => {
      socket.close();
      reject(new Error("the attempt to connect was given up"));
    };
    signal.addEventListener("abort", giveUp, { once: true });
    socket.onopen = () => {
      signal.removeEventListener("abort", giveUp);
      socket.onclose = (event) => transport.closed(event);
      resolve(transport);
    };
    socket.onclose = ({ code }) => {
      signal.removeEventListener("abort", giveUp);
      reject(new Error(`no WebSocket to the hub (code ${code})`));
    };
  });
}

class SocketTransport implements Transport {
  onData: (chunk: Uint8Array) => void = () => undefined;
  onDrain: () => void = () => undefined;
  onClose: (error: Error | undefined) => void = () => undefined;
  readonly #socket: WebSocket;
  #isPaused = false;
  /** What came while paused: the hub's credits bound it. */
  readonly #waiting: Uint8Array[] = [];
  #drainTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer) this.#received(new Uint8Array(data));
    };
  }

  get pendingBytes(): number {
    return this.#socket.bufferedAmount;
  }

  write(slices: readonly Uint8Array[]): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return true;
    this.#socket.send(joined(slices));
    if (this.pendingBytes <= HIGH_WATER_BYTES) return true;
    this.#watchDrain();
    return false;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    while (!this.#isPaused) {
      const chunk = this.#waiting.shift();
      if (chunk === undefined) return;
      this.onData(chunk);
    }
  }

  close(): void {
    this.#socket.close(1000);
  }

  /** Called once by the opener's wiring. */
  closed({ code, wasClean }: CloseEvent): void {
    clearTimeout(this.#drainTimer);
    this.onClose(
      wasClean && code === 1000 ? undefined : new Error(`WebSocket closed with code ${code}`),
    );
  }

  #received(chunk: Uint8Array): void {
    if (this.#isPaused) this.#waiting.push(chunk);
    else this.onData(chunk);
  }

  #watchDrain(): void {
    this.#drainTimer ??= setTimeout(() => {
      this.#drainTimer = undefined;
      if (this.pendingBytes > HIGH_WATER_BYTES) this.#watchDrain();
      else this.onDrain();
    }, DRAIN_LOOK_MS);
  }
}

/** One buffer of all slices: a message and a POST body are sent whole. */
export function joined(slices: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(slices.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const slice of slices) {
    whole.set(slice, at);
    at += slice.byteLength;
  }
  return whole;
}
