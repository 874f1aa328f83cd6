/** A bare connection: bytes out, nothing understood. What comes back is thrown away but for its last 64 KiB. */
import { createConnection, type NetConnectOpts, type Socket } from "node:net";

const KEPT_BYTES = 64 * 1024;
/** Longest wait for the other side's end, milliseconds. */
const END_MS = 20_000;

/** One connection; `destroy` it whatever happens. */
export interface RawLink {
  readonly socket: Socket;
  /** Bytes that came so far. */
  receivedBytes(): number;
  text(): string;
  write(bytes: Uint8Array | string): void;
  /** Resolves when the connection is over, also by an error. @throws Error after 20 s */
  closed(): Promise<void>;
  destroy(): void;
}

/** Connects; never rejects: a refused connection is a closed one. */
export function openRaw(to: NetConnectOpts): RawLink {
  const socket = createConnection({ ...to, allowHalfOpen: true } as NetConnectOpts);
  let kept = Buffer.alloc(0);
  let received = 0;
  let isClosed = false;
  const over = new Promise<void>((resolve) => {
    socket.once("close", () => {
      isClosed = true;
      resolve();
    });
  });
  socket.on("error", () => undefined);
  socket.on("end", () => socket.end());
  socket.on("data", (chunk: Buffer) => {
    received += chunk.length;
    kept = Buffer.concat([kept, chunk]).subarray(-KEPT_BYTES);
  });
  return {
    socket,
    receivedBytes: () => received,
    text: () => kept.toString("latin1"),
    write(bytes) {
      if (!isClosed && socket.writable) socket.write(bytes);
    },
    async closed() {
      if (isClosed) return;
      let late: NodeJS.Timeout | undefined;
      const limit = new Promise<never>((_resolve, reject) => {
        late = setTimeout(() => reject(new Error(`still open after ${END_MS} ms`)), END_MS);
      });
      await Promise.race([over, limit]).finally(() => clearTimeout(late));
    },
    destroy: () => socket.destroy(),
  };
}
