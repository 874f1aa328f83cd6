/** Unix sockets: the hub's for late attachers, and the way to it. */
import { Buffer } from "node:buffer";
import { readFile } from "node:fs/promises";
import { createConnection, createServer, type Server, type Socket } from "node:net";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { BusCode, BusError } from "../errors.ts";
import { PEERS_MAX } from "../limits.ts";
import type { Transport } from "../transport.ts";
import { socketTransport, waitingTransport } from "./socket.ts";

/** Longest path of a unix socket: the kernel's 108 bytes hold a closing zero. */
export const SOCKET_PATH_BYTES_MAX = 107;
/** Bytes of the token beside a socket. */
export const TOKEN_BYTES = 32;

/** @throws BusError `bus/limit` with the path's length: longer ones would be cut off silently. */
export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes <= SOCKET_PATH_BYTES_MAX) return;
  throw new BusError(
    BusCode.limit,
    `socket path of ${bytes} bytes, at most ${SOCKET_PATH_BYTES_MAX}: ${path}`,
    { data: { value: bytes } },
  );
}

/** How long a full queue of the listening side is waited for, milliseconds. */
const QUEUE_WAIT_MS = 2_000;
/** Between two tries meanwhile, milliseconds. */
const QUEUE_RETRY_MS = 10;

/**
 * Connects to a unix socket; one whose queue is full for a moment is tried for 2 s.
 * @throws BusError `bus/limit` (path), `bus/closed` (nobody listens, with the cause).
 */
export async function connectUnix(path: string): Promise<Transport> {
  checkSocketPath(path);
  const socket = await connectPatiently(path, performance.now() + QUEUE_WAIT_MS);
  const { transport, begin } = waitingTransport(socket);
  // The caller sets onData in the turn in which this promise settles.
  setImmediate(begin);
  return transport;
}

async function connectPatiently(path: string, untilMs: number): Promise<Socket> {
  for (;;) {
    try {
      return await connectOnce(path);
    } catch (error) {
      const isFull = error instanceof Error && "code" in error && error.code === "EAGAIN";
      if (isFull && performance.now() < untilMs) await sleep(QUEUE_RETRY_MS);
      else throw new BusError(BusCode.closed, `${path}: ${messageOf(error)}`, { cause: error });
    }
  }
}

function connectOnce(path: string): Promise<Socket> {
  const socket = createConnection({ path });
  // Until the transport has its listener, nothing may be read.
  socket.pause();
  return new Promise((resolve, reject) => {
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Reads the token that lies beside a socket. @throws BusError `bus/unauthorized` when it is missing or not 32 bytes. */
export async function readToken(path: string): Promise<Uint8Array> {
  let token: Buffer;
  try {
    token = await readFile(path);
  } catch (error) {
    throw new BusError(BusCode.unauthorized, `no token at ${path}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  if (token.length !== TOKEN_BYTES) {
    throw new BusError(
      BusCode.unauthorized,
      `token at ${path} has ${token.length} bytes, not ${TOKEN_BYTES}`,
    );
  }
  return new Uint8Array(token);
}

/** A listening socket. Closing it leaves accepted links alone. */
export interface UnixServer {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Listens on a unix socket of mode 0600. The folder must be private and a stale socket be removed by the caller.
 * @param onTransport called for each link in the turn in which it was accepted; the broker waits for its hello.
 * @throws BusError `bus/limit` (path), `bus/internal` with the cause when it cannot listen.
 */
export async function listenUnix(
  path: string,
  onTransport: (transport: Transport) => void,
): Promise<UnixServer> {
  checkSocketPath(path);
  const server = createServer({ allowHalfOpen: false }, (socket: Socket) =>
    onTransport(socketTransport(socket)),
  );
  // More than the broker takes only cost descriptors.
  server.maxConnections = 2 * PEERS_MAX;
  // The mask is the only way to have no moment in which others could connect.
  const mask = process.umask(0o177);
  try {
    await listen(server, path);
  } finally {
    process.umask(mask);
  }
  return { path, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) =>
      reject(
        new BusError(BusCode.internal, `cannot listen on ${path}: ${error.message}`, {
          cause: error,
        }),
      ),
    );
    server.listen({ path }, resolve);
  });
}
