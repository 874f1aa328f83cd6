import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createBroker } from "../../../bus/broker/index.ts";
import { connectPeer } from "../../../bus/client.ts";
import { SimulatedClock } from "../../../bus/clock.ts";
import { HELLO_TIMEOUT_MS } from "../../../bus/limits.ts";
import {
  connectUnix,
  HIGH_WATER_BYTES,
  inheritedTransport,
  listenUnix,
  readToken,
  socketTransport,
} from "../../../bus/node/index.ts";
import type { Transport } from "../../../bus/transport.ts";
import { ALL, anyMethod, anyStream, errorOf } from "../harness.ts";

let folder = "";
const ends: Array<() => unknown> = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bus-"));
});
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
  rmSync(folder, { recursive: true, force: true });
});

/** Waits for a condition, at most 5 s. */
async function until(isTrue: () => boolean): Promise<void> {
  const endMs = performance.now() + 5_000;
  while (!isTrue()) {
    if (performance.now() > endMs) throw new Error("it did not happen within 5 s");
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A hub on a socket whose edge peers need a token. */
async function hubOn(path: string, token: Uint8Array) {
  const broker = createBroker({ hubEpoch: 1 });
  const server = await listenUnix(path, (transport) =>
    broker.attach(transport, { kind: "edge", token, manifest: ALL }),
  );
  ends.push(
    () => server.close(),
    () => broker.close(),
  );
  return broker;
}

describe("a unix socket", () => {
  test("carries calls and streams between processes' ends, and is private", async () => {
    const path = join(folder, "hub.sock");
    const token = new Uint8Array(32).fill(1);
    const broker = await hubOn(path, token);
    const hub = await broker.connectHub();
    hub.handle(anyMethod("hub.echo"), (input) => input);
    hub.serve(anyStream("hub.mirror"), async (_, incoming) => {
      const stream = incoming.accept(null);
      for await (const chunk of stream) await stream.write(chunk);
      stream.end("mirrored");
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const peer = await connectPeer(await connectUnix(path), {
      hello: { name: "cli", pid: process.pid, token },
    });
    ends.push(() => peer.close());
    expect(await peer.request(anyMethod("hub.echo"), { big: "x".repeat(500_000) })).toEqual({
      big: "x".repeat(500_000),
    });
    const stream = await peer.open(anyStream("hub.mirror"), 1);
    const sent = new Uint8Array(3_000_000).map((_, index) => index * 7);
    const written = stream.write(sent).then(() => stream.end());
    const chunks: Uint8Array[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    await written;
    expect(Buffer.compare(Buffer.concat(chunks), sent)).toBe(0);
    expect(await stream.done).toBe("mirrored");
  });

  test("path over 107 bytes is refused with its length, on both ends", async () => {
    const path = join(folder, "x".repeat(120));
    const refusal = {
      code: "bus/limit",
      message: expect.stringContaining(`socket path of ${path.length} bytes, at most 107`),
    };
    expect(await errorOf(connectUnix(path))).toMatchObject(refusal);
    expect(await errorOf(listenUnix(path, () => {}))).toMatchObject(refusal);
  });

  test("nobody listens on is an error with the path", async () => {
    const path = join(folder, "none.sock");
    expect(await errorOf(connectUnix(path))).toMatchObject({
      code: "bus/closed",
      message: expect.stringContaining(path),
    });
  });

  test("peer that says no hello is cut off in time", async () => {
    const clock = new SimulatedClock();
    const broker = createBroker({ hubEpoch: 1, clock });
    const path = join(folder, "hub.sock");
    const server = await listenUnix(path, (transport) =>
      broker.attach(transport, { kind: "edge" }),
    );
    ends.push(
      () => server.close(),
      () => broker.close(),
    );
    const transport = await connectUnix(path);
    let closed = false;
    transport.onClose = () => {
      closed = true;
    };
    await until(() => clock.pending >= 2);
    clock.advance(HELLO_TIMEOUT_MS);
    await until(() => closed);
  });

  test("token is read from a file of 32 bytes and nothing else", async () => {
    const path = join(folder, "token");
    writeFileSync(path, new Uint8Array(32).fill(9));
    expect(await readToken(path)).toEqual(new Uint8Array(32).fill(9));
    writeFileSync(path, new Uint8Array(31));
    expect(await errorOf(readToken(path))).toMatchObject({
      code: "bus/unauthorized",
      message: expect.stringContaining("has 31 bytes, not 32"),
    });
    expect(await errorOf(readToken(join(folder, "none")))).toMatchObject({
      code: "bus/unauthorized",
    });
  });
});

describe("a socket transport", () => {
  /** Both ends of one connection. */
  async function linked(): Promise<{ near: Transport; far: Socket }> {
    const path = join(folder, "pair.sock");
    const accepted = Promise.withResolvers<Socket>();
    const server: Server = createServer((socket) => accepted.resolve(socket));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const near = await connectUnix(path);
    const far = await accepted.promise;
    far.on("error", () => {});
    ends.push(
      () => server.close(),
      () => near.close(),
      () => far.destroy(),
    );
    return { near, far };
  }

  test("keeps the order of small and large slices", async () => {
    const { near, far } = await linked();
    const got: Buffer[] = [];
    far.on("data", (chunk) => got.push(chunk));
    const slices = Array.from({ length: 200 }, (_, index) =>
      new Uint8Array(index % 5 === 0 ? 9_000 : 100).fill(index),
    );
    for (const slice of slices) near.write([slice]);
    const expected = Buffer.concat(slices);
    await until(() => got.reduce((sum, { length }) => sum + length, 0) === expected.length);
    expect(Buffer.compare(Buffer.concat(got), expected)).toBe(0);
  });

  test("asks for a pause past its high-water mark and tells when it has drained", async () => {
    const { near, far } = await linked();
    far.pause();
    let drained = 0;
    near.onDrain = () => drained++;
    let isFull = false;
    for (let count = 0; count < 100 && !isFull; count++)
      isFull = !near.write([new Uint8Array(65_536)]);
    expect(isFull).toBe(true);
    expect(near.pendingBytes).toBeGreaterThan(HIGH_WATER_BYTES);
    await new Promise((resolve) => setImmediate(resolve));
    expect(drained).toBe(0);
    far.resume();
    await until(() => drained > 0);
    expect(near.pendingBytes).toBeLessThanOrEqual(HIGH_WATER_BYTES);
  });

  test("stops and restarts reading", async () => {
    const { near, far } = await linked();
    let got = 0;
    near.onData = (chunk) => {
      got += chunk.length;
    };
    near.pause();
    far.write(Buffer.alloc(1_000));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(got).toBe(0);
    near.resume();
    await until(() => got === 1_000);
  });

  test("flushes what is queued before it closes, and tells of the end once", async () => {
    const { near, far } = await linked();
    let got = 0;
    let ended = false;
    far.on("data", (chunk) => {
      got += chunk.length;
    });
    far.on("end", () => {
      ended = true;
    });
    let closed = 0;
    near.onClose = () => closed++;
    near.write([new Uint8Array(100_000)]);
    near.close();
    near.close();
    await until(() => ended && closed > 0);
    expect(got).toBe(100_000);
    expect(closed).toBe(1);
  });

  test("reports the other side's end", async () => {
    const { near, far } = await linked();
    let reason: Error | undefined | "open" = "open";
    near.onClose = (error) => {
      reason = error;
    };
    far.destroy();
    await until(() => reason !== "open");
    expect(reason).toBeUndefined();
  });
});

test("an inherited descriptor that is no socket is refused by number", () => {
  expect(() => inheritedTransport(9_999)).toThrow("file descriptor 9999 is not open");
  expect(() => inheritedTransport(1_000_000)).toThrow(
    expect.objectContaining({ code: "bus/closed" }),
  );
  expect(typeof socketTransport).toBe("function");
});
