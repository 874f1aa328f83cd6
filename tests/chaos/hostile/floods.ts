/** Attacks by number: frames, bytes and connections, as many as the machine takes. */
import { once } from "node:events";
import type { NetConnectOpts } from "node:net";
import { Kind } from "../../../bus/protocol.ts";
import { Writer } from "./frames.ts";
import { openRaw, type RawLink } from "./raw-link.ts";

/** Bytes of an attacker's own that may wait in its socket. */
const PENDING_BYTES = 1024 * 1024;
/** Frames written in one piece. */
const BATCH = 500;
/** Between two bytes of a dribbled hello, milliseconds. */
const DRIP_MS = 100;
/** One frame of the flood of bytes. */
const BIG_BYTES = 1024 * 1024;

/** A socket to flood, by somebody who knows the token. */
export interface FloodTarget {
  readonly to: NetConnectOpts;
  readonly token: Uint8Array;
  /** A call that is served there. */
  readonly subject: string;
}

/** Calls as fast as they are taken, answers never read. Ends when `count` are sent or the link is closed. */
export async function floodWithCalls(target: FloodTarget, count: number): Promise<void> {
  const link = openRaw(target.to);
  link.socket.pause();
  const writer = new Writer();
  link.write(writer.hello(target.token));
  for (let sent = 0; sent < count && !link.socket.destroyed; sent += BATCH) {
    const frames = Array.from({ length: BATCH }, (_, index) =>
      writer.frame({
        fields: { kind: Kind.request, correlation: sent + index + 1, deadlineMs: 10_000 },
        subject: target.subject,
        value: {},
      }),
    );
    await push(link, Buffer.concat(frames));
  }
  link.destroy();
}

/** Frames of 1 MiB that nobody asked for. */
export async function floodWithBytes(target: FloodTarget, megabytes: number): Promise<void> {
  const link = openRaw(target.to);
  const writer = new Writer();
  link.write(writer.hello(target.token));
  const value = { text: "x".repeat(BIG_BYTES) };
  for (let sent = 0; sent < megabytes && !link.socket.destroyed; sent += 1) {
    const fields = { kind: Kind.request, correlation: sent + 1, deadlineMs: 10_000 };
    await push(link, writer.frame({ fields, subject: target.subject, value }));
  }
  link.destroy();
}

/** Connections that say nothing, or dribble a hello byte by byte; held while `during` runs. */
export async function crowd(
  to: NetConnectOpts,
  count: number,
  during: () => Promise<void>,
): Promise<void> {
  const dribble = new Writer().hello(new Uint8Array(32));
  const links = Array.from({ length: count }, () => openRaw(to));
  let at = 0;
  const drip = setInterval(() => {
    for (const link of links) link.write(dribble.subarray(at, at + 1));
    at += 1;
  }, DRIP_MS);
  try {
    await during();
  } finally {
    clearInterval(drip);
    for (const link of links) link.destroy();
  }
}

/** Writes, and waits while more than 1 MiB lies in our own queue; a closed link ends the wait. */
async function push(link: RawLink, bytes: Uint8Array): Promise<void> {
  link.write(bytes);
  if (link.socket.writableLength < PENDING_BYTES) {
    await new Promise((wake) => setImmediate(wake));
    return;
  }
  const over = new AbortController();
  // A target that holds a greedy client back is right: it is waited for a moment, never for good.
  const limit = AbortSignal.any([over.signal, AbortSignal.timeout(1_000)]);
  const drained = once(link.socket, "drain", { signal: limit }).catch(() => undefined);
  await Promise.race([drained, link.closed().catch(() => undefined)]);
  over.abort();
}
