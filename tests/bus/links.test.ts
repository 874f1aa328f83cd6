/** PROTOCOL.md sections 1, 4 and 8: who comes in, who is thrown out, in which order things arrive. */
import { describe, expect, test } from "vitest";
import { connectPeer } from "../../bus/client.ts";
import { decodeValue } from "../../bus/codec.ts";
import {
  EDGE_PEERS_MAX,
  EDGE_PEERS_OTHER_MAX,
  HELLO_TIMEOUT_MS,
  PEERS_MAX,
  UNGREETED_MAX,
} from "../../bus/limits.ts";
import { memoryLink } from "../../bus/memory.ts";
import { Flag, Kind, type WireError } from "../../bus/protocol.ts";
import { ALL, anyMethod, errorOf, RawPeer, settled, testHub } from "./harness.ts";

const token = new Uint8Array(32).fill(5);

function goodbyeOf(raw: RawPeer): WireError | undefined {
  const [frame] = raw.of(Kind.goAway);
  return frame === undefined ? undefined : (decodeValue(frame.payload()) as WireError);
}

describe("coming in", () => {
  test("an edge peer with the right token is named by its kind and counted", async () => {
    const hub = testHub();
    const first = await hub.edge({ token }, { name: "cli", token });
    const second = await hub.edge({ token }, { name: "cli", token });
    expect([first.ready.name, second.ready.name]).toEqual(["cli/1", "cli/2"]);
    expect(first.ready).toMatchObject({ protocol: 1, hubEpoch: 1, frameBytesMax: 16_777_216 });
  });

  test("a wrong, short, long or missing token is refused", async () => {
    const hub = testHub();
    for (const wrong of [
      new Uint8Array(32),
      token.slice(1),
      new Uint8Array([...token, 5]),
      new Uint8Array(0),
    ]) {
      expect(await errorOf(hub.edge({ token }, { name: "cli", token: wrong }))).toMatchObject({
        code: "bus/unauthorized",
      });
    }
    expect(await errorOf(hub.edge({ token }, { name: "cli" }))).toMatchObject({
      code: "bus/unauthorized",
    });
    expect(hub.broker.peers()).toEqual([]);
  });

  test("a name that is no word is replaced", async () => {
    const hub = testHub();
    expect((await hub.edge({}, { name: "../Root!" })).ready.name).toBe("peer/1");
    expect((await hub.edge({ name: "page" }, { name: "" })).ready.name).toBe("page/1");
  });

  test("no hello in time ends the link", async () => {
    const hub = testHub();
    const [ours, theirs] = memoryLink();
    hub.broker.attach(ours, { kind: "edge" });
    const raw = new RawPeer(theirs);
    hub.clock.advance(HELLO_TIMEOUT_MS);
    await settled();
    expect(goodbyeOf(raw)).toMatchObject({ code: "bus/expired" });
    expect(raw.closed).toBe(true);
  });

  test("an actor says hello when it has started, however long that takes", async () => {
    const hub = testHub();
    const [ours, theirs] = memoryLink();
    hub.broker.attach(ours, { kind: "actor", name: "slow", epoch: 1, manifest: ALL });
    hub.clock.advance(60_000);
    const peer = await connectPeer(
      theirs,
      { hello: { name: "slow", pid: 1 } },
      { clock: hub.clock },
    );
    expect(peer.ready.name).toBe("slow");
  });

  test("a hello that was said on its behalf is waited for by nobody", async () => {
    const hub = testHub();
    const [ours, theirs] = memoryLink();
    hub.broker.attach(ours, { kind: "edge", hello: { protocol: 1, name: "ui", pid: 3 } });
    const peer = await connectPeer(theirs, { helloSent: true }, { clock: hub.clock });
    const actor = await hub.actor("actor");
    actor.peer.handle(anyMethod("actor.echo"), (input) => input);
    expect(peer.ready.name).toBe("ui/1");
    expect(await peer.request(anyMethod("actor.echo"), 7)).toBe(7);
  });

  test("a link past hello and ready goes on where it stands", async () => {
    const [ours, theirs] = memoryLink();
    const raw = new RawPeer(ours);
    const ready = {
      protocol: 1,
      id: 1,
      name: "terminal",
      epoch: 1,
      hubEpoch: 1,
      frameBytesMax: 16_777_216,
    };
    const peer = await connectPeer(theirs, { ready });
    const outcome = peer.requestRaw("keeper.info", {});
    await settled();
    expect(raw.frames[0]).toMatchObject({ kind: Kind.request, sequence: 2, name: 0 });
    raw.send({ kind: Kind.ack, correlation: 1, sequence: 2 });
    raw.send({ kind: Kind.reply, correlation: 1, sequence: 3 }, { value: { pid: 5 } });
    expect(await outcome).toEqual({ pid: 5 });
    peer.close();
  });

  test("edge peers that are no page leave room for pages, and all of them for actors", async () => {
    const hub = testHub();
    const attach = (name: string) =>
      hub.broker.attach(memoryLink()[0], { kind: "edge", hello: { protocol: 1, name, pid: 3 } });
    const fill = (name: string, count: number) => Array.from({ length: count }, () => attach(name));
    const full = (bound: number) =>
      expect.objectContaining({ code: "bus/limit", message: expect.stringContaining(`${bound} `) });
    const [first] = fill("cli", EDGE_PEERS_OTHER_MAX);
    expect(() => attach("cli")).toThrow(full(EDGE_PEERS_OTHER_MAX));
    const [page] = fill("ui", EDGE_PEERS_MAX - EDGE_PEERS_OTHER_MAX);
    expect(() => attach("ui")).toThrow(full(EDGE_PEERS_MAX));
    expect((await hub.actor("actor")).peer.ready.name).toBe("actor");
    page?.close();
    expect(() => attach("cli")).toThrow(full(EDGE_PEERS_OTHER_MAX));
    first?.close();
    expect(attach("cli").name).toMatch(/^cli/);
    expect(attach("ui").name).toMatch(/^ui/);
  });

  test("a hello for which there is no room is answered with the bound", async () => {
    const hub = testHub();
    const hello = { protocol: 1, name: "cli", pid: 3 };
    for (let count = 0; count < EDGE_PEERS_OTHER_MAX; count++)
      hub.broker.attach(memoryLink()[0], { kind: "edge", hello });
    await expect(hub.edge({ token }, { name: "cli", token })).rejects.toMatchObject({
      code: "bus/limit",
      message: expect.stringContaining(`${EDGE_PEERS_OTHER_MAX} edge peers that are no page`),
    });
    expect((await hub.edge({ token }, { name: "ui", token })).ready.name).toBe("ui/1");
  });

  test("of links that say no hello the oldest give way, and actors find room", async () => {
    const hub = testHub();
    const silent: RawPeer[] = [];
    for (let count = 0; count < PEERS_MAX + 10; count++) {
      const [ours, theirs] = memoryLink();
      hub.broker.attach(ours, { kind: "edge", token });
      silent.push(new RawPeer(theirs));
    }
    await settled();
    expect(silent.filter((raw) => !raw.closed)).toHaveLength(UNGREETED_MAX);
    expect(silent.slice(-UNGREETED_MAX).every((raw) => !raw.closed)).toBe(true);
    const [first] = silent;
    expect(first === undefined ? undefined : goodbyeOf(first)).toMatchObject({ code: "bus/limit" });
    expect((await hub.actor("actor")).peer.ready.name).toBe("actor");
    expect((await hub.edge({ token }, { name: "cli", token })).ready.name).toBe("cli/1");
  });

  test("a new incarnation takes the place of the old one, which is told", async () => {
    const hub = testHub();
    const first = await hub.actor("actor", { epoch: 1 });
    const second = await hub.actor("actor", { epoch: 2 });
    expect(await first.peer.closed).toMatchObject({
      code: "bus/closed",
      message: "replaced by a new incarnation",
    });
    expect(second.peer.ready).toMatchObject({ id: first.peer.ready.id, epoch: 2 });
  });
});

describe("a malformed frame closes that link alone, with the offending value", () => {
  const cases: ReadonlyArray<{
    what: string;
    send: (raw: RawPeer) => void;
    code: string;
    value: unknown;
  }> = [
    {
      what: "the source of somebody else",
      send: (raw) => raw.send({ kind: Kind.publish, source: 999 }),
      code: "bus/protocol",
      value: 999,
    },
    {
      what: "a hole in the sequence",
      send: (raw) => raw.send({ kind: Kind.publish, sequence: 9 }),
      code: "bus/protocol",
      value: 9,
    },
    {
      what: "a sequence that comes again",
      send: (raw) => raw.send({ kind: Kind.publish, sequence: 1 }),
      code: "bus/protocol",
      value: 1,
    },
    {
      what: "bytes that are no frame",
      send: (raw) => raw.transport.write([new Uint8Array(64).fill(255)]),
      code: "bus/protocol",
      value: 0xffff_ffff,
    },
    {
      what: "a kind only the hub sends",
      send: (raw) => raw.send({ kind: Kind.dead }),
      code: "bus/protocol",
      value: Kind.dead,
    },
    { what: "a second hello", send: (raw) => raw.hello(), code: "bus/protocol", value: Kind.hello },
    {
      what: "an id the hub never told",
      send: (raw) => raw.send({ kind: Kind.request, correlation: 1, name: 4_000 }),
      code: "bus/protocol",
      value: 4_000,
    },
    {
      what: "a request without a subject",
      send: (raw) => raw.send({ kind: Kind.request, correlation: 1 }),
      code: "bus/protocol",
      value: 0,
    },
    {
      what: "a subject that is none",
      send: (raw) =>
        raw.send({ kind: Kind.request, correlation: 1 }, { extension: { subject: "A b" } }),
      code: "bus/protocol",
      value: "A b",
    },
    {
      what: "correlation 0",
      send: (raw) => raw.send({ kind: Kind.request }, { extension: { subject: "other.x" } }),
      code: "bus/protocol",
      value: 0,
    },
    {
      what: "an unknown policy",
      send: (raw) =>
        raw.send(
          { kind: Kind.subscribe, correlation: 3 },
          { extension: { subject: "a.b" }, value: { policy: "all" } },
        ),
      code: "bus/protocol",
      value: "all",
    },
    {
      what: "a policy that cannot be made a text",
      send: (raw) =>
        raw.send(
          { kind: Kind.subscribe, correlation: 3 },
          { extension: { subject: "a.b" }, value: { policy: { toString: 1 } } },
        ),
      code: "bus/protocol",
      value: "object",
    },
    {
      what: "a subscribe whose payload is no MessagePack",
      send: (raw) =>
        raw.send(
          { kind: Kind.subscribe, correlation: 3 },
          { extension: { subject: "a.b" }, raw: new Uint8Array([0xc1]) },
        ),
      code: "bus/protocol",
      value: "object",
    },
    {
      what: "a pattern that is none",
      send: (raw) =>
        raw.send({ kind: Kind.subscribe, correlation: 3 }, { extension: { subject: "a..b" } }),
      code: "bus/protocol",
      value: "a..b",
    },
  ];
  for (const { what, send, code, value } of cases) {
    test(what, async () => {
      const hub = testHub();
      const other = await hub.actor("other");
      const bystander = await hub.actor("bystander");
      const raw = hub.raw("raw");
      raw.hello();
      await settled();
      send(raw);
      await settled();
      expect(goodbyeOf(raw)).toMatchObject({ code, data: { value } });
      expect(raw.closed).toBe(true);
      other.peer.handle(anyMethod("other.x"), () => "fine");
      expect(await bystander.peer.request(anyMethod("other.x"), 1)).toBe("fine");
    });
  }

  test("a correlation that is under way already", async () => {
    const hub = testHub();
    const other = await hub.actor("other");
    other.peer.handle(anyMethod("other.x"), () => new Promise(() => {}));
    const raw = hub.raw("raw");
    raw.hello();
    for (let turn = 0; turn < 2; turn++)
      raw.send({ kind: Kind.request, correlation: 4 }, { extension: { subject: "other.x" } });
    await settled();
    expect(goodbyeOf(raw)).toMatchObject({ code: "bus/protocol", data: { value: 4 } });
  });

  test("anything before hello, and another protocol", async () => {
    const hub = testHub();
    const early = hub.raw("early");
    early.send({ kind: Kind.request, correlation: 1 }, { extension: { subject: "other.x" } });
    const old = hub.raw("old");
    old.send({ kind: Kind.hello }, { value: { protocol: 2, name: "old", pid: 1 } });
    await settled();
    expect(goodbyeOf(early)).toMatchObject({
      code: "bus/protocol",
      message: "kind 3 before hello",
    });
    expect(goodbyeOf(old)).toMatchObject({ code: "bus/version", data: { value: 2 } });
  });

  test("a client that gets a malformed frame closes its link too", async () => {
    const [ours, theirs] = memoryLink();
    const raw = new RawPeer(ours);
    const ready = { protocol: 1, id: 1, name: "x", epoch: 1, hubEpoch: 1, frameBytesMax: 1 };
    const peer = await connectPeer(theirs, { ready });
    raw.send({ kind: Kind.publish, sequence: 7 });
    expect(await peer.closed).toMatchObject({
      code: "bus/protocol",
      message: "sequence 7, expected 2",
    });
  });
});

describe("order", () => {
  test("is first in, first out for each source, destination and lane", async () => {
    const hub = testHub();
    const caller = await hub.actor("caller");
    const callee = await hub.actor("callee");
    const got: unknown[] = [];
    callee.peer.handle(anyMethod("callee.note"), (input) => void got.push(input));
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        caller.peer.request(anyMethod("callee.note"), index),
      ),
    );
    expect(got).toEqual(Array.from({ length: 200 }, (_, index) => index));
  });

  test("lets the control lane overtake what waits", async () => {
    const hub = testHub();
    const callee = hub.raw("callee");
    const caller = hub.raw("caller");
    callee.hello();
    caller.hello();
    await settled();
    callee.transport.pause();
    caller.send(
      { kind: Kind.request, correlation: 1 },
      { extension: { subject: "callee.big" }, value: new Uint8Array(600_000) },
    );
    await settled();
    caller.send({ kind: Kind.request, correlation: 2 }, { extension: { subject: "callee.data" } });
    caller.send(
      { kind: Kind.request, correlation: 3, codecLane: 16 },
      { extension: { subject: "callee.control" } },
    );
    await settled();
    callee.transport.resume();
    await settled();
    expect(callee.of(Kind.request).map((frame) => frame.correlation)).toEqual([1, 3, 2]);
  });
});

test("ping is answered from the event loop with what the peer says of itself", async () => {
  const hub = testHub();
  const pulses: unknown[] = [];
  const actor = await hub.actor("actor", { hooks: { onPong: (pulse) => pulses.push(pulse) } });
  actor.peer.onPulse = () => ({ lagMs: 2 });
  actor.link.ping();
  await settled();
  expect(pulses).toEqual([{ mailbox: 0, lagMs: 2 }]);
});

test("control reaches the peer, ready reaches the hub", async () => {
  const hub = testHub();
  let ready = 0;
  const actor = await hub.actor("actor", { hooks: { onReady: () => ready++ } });
  const controls: unknown[] = [];
  actor.peer.onControl = (control) => controls.push(control);
  actor.link.sendControl({ op: "stop", graceMs: 5, reason: "asked" });
  actor.peer.announceReady();
  await settled();
  expect(controls).toEqual([{ op: "stop", graceMs: 5, reason: "asked" }]);
  expect(ready).toBe(1);
});

test("flags of the capture class are set by the hub, whoever sent the frame", async () => {
  const hub = testHub();
  const terminal = hub.raw("terminal");
  const caller = hub.raw("caller");
  terminal.hello();
  caller.hello();
  await settled();
  caller.send(
    { kind: Kind.open, flags: Flag.opener, correlation: 1 },
    { extension: { subject: "terminal.input" } },
  );
  await settled();
  expect((terminal.of(Kind.open)[0]?.flags ?? 0) & Flag.captureSecret).toBe(Flag.captureSecret);
});
