/** PROTOCOL.md section 6, sentence by sentence. */
import { describe, expect, test } from "vitest";
import type { BusStream } from "../../bus/peer.ts";
import { Flag, Kind } from "../../bus/protocol.ts";
import { anyStream, errorOf, settled, testHub } from "./harness.ts";

const pipe = anyStream("acceptor.pipe");

async function pair() {
  const hub = testHub();
  const opener = await hub.actor("opener");
  const acceptor = await hub.actor("acceptor");
  return { hub, opener, acceptor };
}

/** An open stream and both its ends. */
async function connected(
  options: { openerWindow?: number; acceptorWindow?: number; lane?: "control" } = {},
) {
  const { hub, opener, acceptor } = await pair();
  const { promise, resolve } = Promise.withResolvers<BusStream<unknown>>();
  const accept =
    options.acceptorWindow === undefined ? undefined : { windowBytes: options.acceptorWindow };
  acceptor.peer.serve(pipe, (_, incoming) => resolve(incoming.accept({ ok: true }, accept)));
  const near = await opener.peer.open(
    pipe,
    { a: 1 },
    {
      ...(options.openerWindow === undefined ? {} : { windowBytes: options.openerWindow }),
      ...(options.lane === undefined ? {} : { lane: options.lane }),
    },
  );
  return { hub, opener, acceptor, near, far: await promise };
}

async function readAll(stream: BusStream<unknown>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function bytes(length: number): Uint8Array {
  return new Uint8Array(length).map((_, index) => index * 31);
}

describe("opening", () => {
  test("gives the opener the accept value and both sides their credit", async () => {
    const { near, far } = await connected({ openerWindow: 1_000, acceptorWindow: 2_000 });
    expect(near.accepted).toEqual({ ok: true });
    expect(far.accepted).toEqual({ ok: true });
    expect(near.creditBytes).toBe(2_000);
    expect(far.creditBytes).toBe(1_000);
  });

  test("is refused by what the handler throws, before or after a wait", async () => {
    const { opener, acceptor } = await pair();
    const stop = acceptor.peer.serve(pipe, () => {
      throw new RangeError("no room");
    });
    expect(await errorOf(opener.peer.open(pipe, 1))).toMatchObject({
      code: "bus/internal",
      message: "acceptor.pipe: no room",
    });
    stop();
    acceptor.peer.serve(pipe, async () => {
      await settled();
      throw new RangeError("later");
    });
    expect(await errorOf(opener.peer.open(pipe, 1))).toMatchObject({
      message: "acceptor.pipe: later",
    });
  });

  test("nobody accepts in time is given up and told to the acceptor", async () => {
    const { hub, opener, acceptor } = await pair();
    let signal: AbortSignal | undefined;
    acceptor.peer.serve(pipe, (_, incoming) => {
      signal = incoming.signal;
    });
    const outcome = errorOf(opener.peer.open(pipe, 1, { timeoutMs: 100 }));
    await settled();
    hub.clock.advance(104);
    expect(await outcome).toMatchObject({ code: "bus/expired" });
    await settled();
    expect(signal?.aborted).toBe(true);
    expect(hub.broker.actorStats("acceptor")?.streams).toBe(0);
  });

  test("of a stream nobody serves is reset", async () => {
    const { opener } = await pair();
    expect(await errorOf(opener.peer.open(anyStream("acceptor.none"), 1))).toMatchObject({
      code: "bus/no-responder",
    });
  });

  test("can be aborted before and after the accept", async () => {
    const { opener, acceptor } = await pair();
    acceptor.peer.serve(pipe, () => {});
    const early = new AbortController();
    const outcome = errorOf(opener.peer.open(pipe, 1, { signal: early.signal }));
    await settled();
    early.abort();
    expect(await outcome).toMatchObject({ code: "bus/cancelled" });
    const { near, far } = await connected();
    near.reset({ code: "bus/cancelled", message: "enough" });
    expect(await errorOf(far.done)).toMatchObject({ code: "bus/cancelled" });
  });
});

describe("data", () => {
  test("arrives whole and in order in both directions, larger than any window", async () => {
    const { near, far } = await connected({ openerWindow: 10_000, acceptorWindow: 7_000 });
    const up = bytes(300_001);
    const down = bytes(200_003);
    const received = Promise.all([readAll(far), readAll(near)]);
    await Promise.all([near.write(up), far.write(down)]);
    near.end();
    far.end();
    const [gotUp, gotDown] = await received;
    expect(Buffer.compare(gotUp, up)).toBe(0);
    expect(Buffer.compare(gotDown, down)).toBe(0);
  });

  test("waits for credit, which comes only as it is consumed; one frame may take it below zero", async () => {
    const { near, far } = await connected({ acceptorWindow: 10 });
    const got: Uint8Array[] = [];
    far.onChunk((chunk) => got.push(chunk));
    await near.write(bytes(25));
    expect(near.creditBytes).toBe(0);
    let written = false;
    const second = near.write(bytes(1)).then(() => {
      written = true;
    });
    await settled();
    expect(written).toBe(false);
    far.consumed(15);
    await settled();
    expect(written).toBe(false);
    far.consumed(10);
    await second;
    await settled();
    expect(got.map((chunk) => chunk.length)).toEqual([25, 1]);
    expect(near.acknowledgedBytes).toBe(25);
  });

  test("tells the sender what was consumed", async () => {
    const { near, far } = await connected();
    const acknowledged: number[] = [];
    near.onAcknowledged = (count) => acknowledged.push(count);
    far.onChunk((chunk) => far.consumed(chunk.length));
    await near.write(bytes(100));
    await settled();
    await near.write(bytes(50));
    await settled();
    expect(acknowledged).toEqual([100, 150]);
  });

  test("consumed in one long turn is granted by quarters of the window, on either side", async () => {
    const { near, far } = await connected({ acceptorWindow: 1_000, openerWindow: 400 });
    for (const [from, to, wanted] of [
      [near, far, [300, 600, 900, 1_000]],
      [far, near, [100, 200, 300, 400]],
    ] as const) {
      const acknowledged: number[] = [];
      from.onAcknowledged = (count) => acknowledged.push(count);
      to.onChunk((chunk) => {
        for (let taken = 0; taken < chunk.length; taken += 100) to.consumed(100);
      });
      await from.write(bytes(wanted[3]));
      await settled();
      expect(acknowledged).toEqual(wanted);
    }
  });

  test("is split so that no frame is over 64 KiB", async () => {
    const { near, far } = await connected({ acceptorWindow: 1_000_000 });
    const sizes: number[] = [];
    far.onChunk((chunk) => sizes.push(chunk.length));
    await near.write(bytes(150_000));
    await settled();
    expect(sizes).toEqual([65_536, 65_536, 150_000 - 131_072]);
  });

  test("that is written faster than credit comes is refused past the queue's bound", async () => {
    const { near } = await connected({ acceptorWindow: 0 });
    const writes = [near.write(new Uint8Array(16 * 1024 * 1024)), near.write(new Uint8Array(1))];
    expect(await errorOf(near.write(new Uint8Array(1)))).toMatchObject({ code: "bus/limit" });
    near.reset({ code: "bus/cancelled", message: "enough" });
    await Promise.allSettled(writes);
  });

  test("with a hole in its positions resets the stream", async () => {
    const hub = testHub();
    const opener = hub.raw("opener");
    const acceptor = await hub.actor("acceptor");
    const { promise, resolve } = Promise.withResolvers<BusStream<unknown>>();
    acceptor.peer.serve(pipe, (_, incoming) => resolve(incoming.accept(null)));
    opener.hello();
    opener.send(
      { kind: Kind.open, flags: Flag.opener, correlation: 1, position: 100 },
      { extension: { subject: "acceptor.pipe" } },
    );
    const far = await promise;
    await settled();
    opener.send(
      { kind: Kind.data, flags: Flag.opener, correlation: 1, position: 5, codecLane: 1 },
      { raw: bytes(3) },
    );
    expect(await errorOf(far.done)).toMatchObject({
      code: "bus/protocol",
      message: "data at position 5, expected 0",
    });
  });

  test("for a stream that is not open is a dead letter no-such-stream, told to the sender", async () => {
    const hub = testHub();
    const raw = hub.raw("opener");
    raw.hello();
    raw.send(
      { kind: Kind.data, flags: Flag.opener, correlation: 77, codecLane: 1 },
      { raw: bytes(3) },
    );
    await settled();
    expect(hub.dead).toMatchObject([{ reason: "no-such-stream", source: "opener" }]);
    expect(raw.of(Kind.dead).length).toBe(1);
  });

  test("for a stream that has just been reset is silent to the sender", async () => {
    const hub = testHub();
    const raw = hub.raw("opener");
    const acceptor = await hub.actor("acceptor");
    acceptor.peer.serve(pipe, (_, incoming) =>
      incoming.accept(null).reset({ code: "x/y", message: "no" }),
    );
    raw.hello();
    raw.send(
      { kind: Kind.open, flags: Flag.opener, correlation: 1, position: 9 },
      { extension: { subject: "acceptor.pipe" } },
    );
    await settled();
    raw.send(
      { kind: Kind.data, flags: Flag.opener, correlation: 1, codecLane: 1 },
      { raw: bytes(3) },
    );
    await settled();
    expect(raw.of(Kind.reset).length).toBe(1);
    expect(raw.of(Kind.dead).length).toBe(0);
    expect(hub.dead).toMatchObject([{ reason: "no-such-stream" }]);
  });

  test("before the accept is a dead letter", async () => {
    const hub = testHub();
    const raw = hub.raw("opener");
    const acceptor = await hub.actor("acceptor");
    acceptor.peer.serve(pipe, () => {});
    raw.hello();
    raw.send(
      { kind: Kind.open, flags: Flag.opener, correlation: 1, position: 9 },
      { extension: { subject: "acceptor.pipe" } },
    );
    raw.send(
      { kind: Kind.data, flags: Flag.opener, correlation: 1, codecLane: 1 },
      { raw: bytes(3) },
    );
    await settled();
    expect(hub.dead).toMatchObject([{ reason: "no-such-stream" }]);
  });
});

describe("the end", () => {
  test("of both sides settles done with the other side's last value", async () => {
    const { hub, near, far } = await connected();
    near.end({ from: "near" });
    far.end({ from: "far" });
    expect(await near.done).toEqual({ from: "far" });
    expect(await far.done).toEqual({ from: "near" });
    await settled();
    expect(hub.broker.actorStats("acceptor")?.streams).toBe(0);
    expect(hub.dead).toEqual([]);
  });

  test("comes after everything that was written", async () => {
    const { near, far } = await connected({ acceptorWindow: 10 });
    const written = near.write(bytes(1_000));
    near.end();
    expect((await readAll(far)).length).toBe(1_000);
    await written;
  });

  test("leaving the loop early resets the stream", async () => {
    const { near, far } = await connected();
    await near.write(bytes(10));
    for await (const chunk of far) {
      expect(chunk.length).toBe(10);
      break;
    }
    expect(await errorOf(near.done)).toMatchObject({
      code: "bus/cancelled",
      message: "the reader stopped",
    });
    expect(await errorOf(near.write(bytes(1)))).toMatchObject({ code: "bus/cancelled" });
  });

  test("a reset throws out of the loop after what had arrived", async () => {
    const { near, far } = await connected();
    await near.write(bytes(10));
    await settled();
    near.reset({ code: "opener/why", message: "because" });
    await settled();
    const got: number[] = [];
    const reading = (async () => {
      for await (const chunk of far) got.push(chunk.length);
    })();
    expect(await errorOf(reading)).toMatchObject({ code: "opener/why" });
    expect(got).toEqual([10]);
  });

  test("the death of one side resets the other with bus/down", async () => {
    for (const victim of ["opener", "acceptor"] as const) {
      const stream = await connected();
      await stream[victim].die();
      const survivor = victim === "opener" ? stream.far : stream.near;
      expect(await errorOf(survivor.done)).toMatchObject({ code: "bus/down" });
    }
  });

  test("losing the hub fails all streams with bus/closed", async () => {
    const { hub, near, far } = await connected();
    hub.broker.close();
    expect(await errorOf(near.done)).toMatchObject({ code: "bus/closed" });
    expect(await errorOf(far.done)).toMatchObject({ code: "bus/closed" });
  });

  test("write after end is refused", async () => {
    const { near } = await connected();
    near.end();
    expect(await errorOf(near.write(bytes(1)))).toMatchObject({ code: "bus/invalid" });
  });
});
