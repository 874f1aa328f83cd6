/** Peers that do harm: what they get, and that nobody else notices. */
import { describe, expect, test } from "vitest";
import { decodeValue } from "../../bus/codec.ts";
import { ANSWERS_BYTES_MAX, SUBJECTS_MAX, SUBJECTS_NAMED_MAX } from "../../bus/limits.ts";
import { memoryLink } from "../../bus/memory.ts";
import { Flag, Kind, type WireError } from "../../bus/protocol.ts";
import type { Transport } from "../../bus/transport.ts";
import {
  anyMethod,
  anyStream,
  anyTopic,
  errorOf,
  RawPeer,
  settled,
  type TestHub,
  testHub,
} from "./harness.ts";

function rawEdge(hub: TestHub): { raw: RawPeer; hubEnd: Transport } {
  const [hubEnd, theirs] = memoryLink();
  hub.broker.attach(hubEnd, { kind: "edge" });
  const raw = new RawPeer(theirs);
  raw.hello();
  return { raw, hubEnd };
}

function goodbyeOf(raw: RawPeer): WireError | undefined {
  const [frame] = raw.of(Kind.goAway);
  return frame === undefined ? undefined : (decodeValue(frame.payload()) as WireError);
}

test("a fault of the hub while it handles a frame closes that link alone and is told", async () => {
  const faults: string[] = [];
  const hub = testHub({ onFault: (peer, error) => faults.push(`${peer}: ${String(error)}`) });
  const other = await hub.actor("other");
  other.peer.handle(anyMethod("other.x"), () => "fine");
  const raw = hub.raw("raw", {
    hooks: {
      onPong: () => {
        throw new TypeError("no such pulse");
      },
    },
  });
  raw.hello();
  raw.send({ kind: Kind.pong });
  await settled();
  expect(goodbyeOf(raw)).toMatchObject({ code: "bus/internal" });
  expect(raw.closed).toBe(true);
  expect(faults).toEqual(["raw: TypeError: no such pulse"]);
  const bystander = await hub.edge();
  expect(await bystander.request(anyMethod("other.x"), 1)).toBe("fine");
});

test("a reset whose error is no MessagePack ends the stream and no link", async () => {
  const hub = testHub();
  const own = await hub.broker.connectHub();
  const ended = Promise.withResolvers<unknown>();
  own.serve(anyStream("hub.flow"), (_, incoming) => {
    incoming.accept(null).done.then(ended.resolve, ended.resolve);
  });
  const { raw } = rawEdge(hub);
  await settled();
  const noMessagePack = { raw: Uint8Array.of(0xc1, 1, 2) };
  raw.send(
    { kind: Kind.open, correlation: 6, position: 65_536 },
    { extension: { subject: "hub.flow" } },
  );
  await settled();
  raw.send({ kind: Kind.reset, correlation: 6, flags: Flag.opener }, noMessagePack);
  await settled();
  expect(await ended.promise).toMatchObject({ code: "bus/internal" });
  own.publish(anyTopic("hub.news"), "still there");
  expect(raw.closed).toBe(false);
});

test("what the hub answers to a peer that does not read is bounded, and comes when it reads", async () => {
  const hub = testHub();
  const { raw, hubEnd } = rawEdge(hub);
  await settled();
  raw.transport.pause();
  const calls = 20_000;
  for (let correlation = 1; correlation <= calls; correlation++) {
    raw.send({ kind: Kind.request, correlation }, { extension: { subject: "nobody.x" } });
    if (correlation % 500 === 0) await settled();
  }
  expect(hubEnd.pendingBytes).toBeLessThan(4 * ANSWERS_BYTES_MAX);
  raw.transport.resume();
  await settled();
  expect(raw.of(Kind.error)).toHaveLength(calls);
});

describe("a client that does not read its answers", () => {
  const bounds = { messages: 1_000, bytes: 1_000_000 };

  async function asksAndDoesNotRead(subject: string) {
    const hub = testHub({ mailboxBounds: bounds });
    const own = await hub.broker.connectHub();
    const actor = await hub.actor("actor");
    const value = "x".repeat(50_000);
    own.handle(anyMethod("hub.big"), () => value);
    own.handle(anyMethod("hub.small"), () => "hub");
    actor.peer.handle(anyMethod("actor.big"), () => value);
    actor.peer.handle(anyMethod("actor.small"), () => "actor");
    const { raw } = rawEdge(hub);
    await settled();
    raw.transport.pause();
    for (let correlation = 1; correlation <= 100; correlation++)
      raw.send({ kind: Kind.request, correlation }, { extension: { subject } });
    await settled();
    return { hub, raw };
  }

  test.each(["hub", "actor"])("is closed, and %s serves everybody else", async (name) => {
    const { hub, raw } = await asksAndDoesNotRead(`${name}.big`);
    const other = await hub.edge();
    const answered: unknown[] = [];
    void other.request(anyMethod(`${name}.small`), {}).then((value) => answered.push(value));
    await settled();
    expect(answered).toEqual([name]);
    raw.transport.resume();
    await settled();
    expect(raw.closed).toBe(true);
    expect(goodbyeOf(raw)).toMatchObject({ code: "bus/limit" });
  });
});

test("a client that asks faster than it reads, but reads, gets all its answers", async () => {
  const hub = testHub({ mailboxBounds: { messages: 5_000, bytes: 8_000_000 } });
  const actor = await hub.actor("actor");
  actor.peer.handle(anyMethod("actor.some"), () => "x".repeat(1_000));
  const { raw } = rawEdge(hub);
  await settled();
  raw.transport.pause();
  for (let correlation = 1; correlation <= 6_000; correlation++) {
    raw.send({ kind: Kind.request, correlation }, { extension: { subject: "actor.some" } });
    if (correlation % 200 === 0) await settled();
  }
  raw.transport.resume();
  await settled();
  expect(goodbyeOf(raw)).toBeUndefined();
  expect(raw.of(Kind.reply)).toHaveLength(6_000);
});

test("a client that asks for block and does not read stops no publisher", async () => {
  const hub = testHub({ mailboxBounds: { messages: 16, bytes: 1_000_000 } });
  const source = await hub.actor("source");
  source.peer.handle(anyMethod("source.x"), () => "fine");
  const { raw } = rawEdge(hub);
  raw.send(
    { kind: Kind.subscribe, correlation: 1 },
    { extension: { subject: "source.event" }, value: { policy: "block" } },
  );
  await settled();
  raw.transport.pause();
  for (let count = 0; count < 200; count++)
    source.peer.publish(anyTopic("source.event"), "x".repeat(10_000));
  await settled();
  const answered: unknown[] = [];
  const other = await hub.edge();
  void other.request(anyMethod("source.x"), {}).then((value) => answered.push(value));
  await settled();
  expect(answered).toEqual(["fine"]);
});

describe("names", () => {
  test("of a peer are limited; names of contracts and of others are still there", async () => {
    const hub = testHub();
    const actor = await hub.actor("actor");
    await hub.actor("terminal");
    actor.peer.handle(anyMethod("actor.mine"), () => "fine");
    const greedy = await hub.edge();
    const codes = new Set<string>();
    for (let count = 0; count <= SUBJECTS_NAMED_MAX; count++)
      codes.add((await errorOf(greedy.requestRaw(`actor.n${count}`, {}))).code);
    expect([...codes]).toEqual(["bus/no-responder", "bus/limit"]);
    expect(await errorOf(greedy.requestRaw("terminal.list", {}))).toMatchObject({
      code: "bus/no-responder",
    });
    const other = await hub.edge();
    expect(await other.request(anyMethod("actor.mine"), {})).toBe("fine");
  });

  test("that lead nowhere or are denied cost nothing", async () => {
    const hub = testHub();
    await hub.actor("root");
    const before = hub.broker.subjects.count;
    const greedy = await hub.edge();
    for (let count = 0; count < 100; count++) {
      expect((await errorOf(greedy.requestRaw(`nobody.n${count}`, {}))).code).toBe(
        "bus/no-such-actor",
      );
      expect((await errorOf(greedy.requestRaw(`root.n${count}`, {}))).code).toBe("bus/denied");
    }
    expect(hub.broker.subjects.count).toBe(before);
  });

  test("cannot be used up by edge peers that come again and again", async () => {
    const hub = testHub();
    const actor = await hub.actor("actor");
    await hub.actor("helper");
    for (let turn = 0; turn * SUBJECTS_NAMED_MAX < SUBJECTS_MAX; turn++) {
      const { raw } = rawEdge(hub);
      for (let count = 1; count <= SUBJECTS_NAMED_MAX; count++)
        raw.send(
          { kind: Kind.request, correlation: count },
          { extension: { subject: `helper.t${turn}-${count}` } },
        );
      await settled();
      raw.transport.close();
      await settled();
    }
    expect((await errorOf(actor.peer.requestRaw("helper.new", {}))).code).toBe("bus/no-responder");
  });
});
