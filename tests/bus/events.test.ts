/** PROTOCOL.md section 7, sentence by sentence. */
import { number, object } from "valibot";
import { describe, expect, test } from "vitest";
import { topic } from "../../bus/contracts/define.ts";
import { RETAINED_BYTES_MAX, SUBSCRIPTIONS_MAX } from "../../bus/limits.ts";
import type { SubscriberPolicy } from "../../bus/peer.ts";
import { Flag, Kind } from "../../bus/protocol.ts";
import { ALL, anyMethod, anyTopic, type RawPeer, settled, testHub } from "./harness.ts";

const news = anyTopic("source.news");
const kept = anyTopic("source.kept", { retained: true });

describe("an event", () => {
  test("goes to every subscription whose pattern fits, and to no other", async () => {
    const hub = testHub();
    const source = await hub.actor("source");
    const reader = await hub.actor("reader");
    const got: string[] = [];
    for (const pattern of [
      "source.news",
      "source.*",
      "source.>",
      ">",
      "*.news",
      "other.news",
      "source.news.more",
      "*",
    ]) {
      reader.peer.subscribe(anyTopic(pattern), (value) => got.push(`${pattern}=${String(value)}`));
    }
    await settled();
    source.peer.publish(news, 1);
    await settled();
    expect(got.sort()).toEqual(["*.news=1", ">=1", "source.*=1", "source.>=1", "source.news=1"]);
  });

  test("carries who published it", async () => {
    const hub = testHub();
    const source = await hub.actor("source");
    const reader = await hub.actor("reader");
    const got: unknown[] = [];
    reader.peer.subscribe(news, (value, from) => got.push({ value, ...from }));
    await settled();
    source.peer.publish(news, { a: 1 });
    await settled();
    expect(got).toEqual([{ value: { a: 1 }, source: "source", retained: false }]);
  });

  test("stops coming after unsubscribe", async () => {
    const hub = testHub();
    const source = await hub.actor("source");
    const reader = await hub.actor("reader");
    const got: unknown[] = [];
    const subscription = reader.peer.subscribe(news, (value) => got.push(value));
    await settled();
    expect(hub.broker.subscriberCount("source.news")).toBe(1);
    source.peer.publish(news, 1);
    await settled();
    subscription.unsubscribe();
    await settled();
    source.peer.publish(news, 2);
    await settled();
    expect(got).toEqual([1]);
    expect(hub.broker.subscriberCount("source.news")).toBe(0);
  });

  test("that does not fit its contract is not delivered but told as undecodable", async () => {
    const hub = testHub();
    const source = await hub.actor("source");
    const reader = await hub.actor("reader");
    const strict = topic("source.news", { value: object({ n: number() }) });
    const got: unknown[] = [];
    reader.peer.subscribe(strict, (value) => got.push(value));
    await settled();
    source.peer.publish(news, "wrong");
    source.peer.publish(news, { n: 1 });
    await settled();
    expect(got).toEqual([{ n: 1 }]);
    expect(reader.dead).toMatchObject([{ reason: "undecodable", subject: "source.news" }]);
  });

  test("past the bound of subscriptions is refused", async () => {
    const hub = testHub();
    const reader = await hub.actor("reader");
    for (let count = 0; count < SUBSCRIPTIONS_MAX; count++) reader.peer.subscribe(news, () => {});
    expect(() => reader.peer.subscribe(news, () => {})).toThrow(
      expect.objectContaining({ code: "bus/limit" }),
    );
  });
});

describe("a retained value", () => {
  test("is sent on subscribe with the flag, the newest only", async () => {
    const hub = testHub();
    const source = await hub.actor("source");
    source.peer.publish(kept, 1);
    source.peer.publish(kept, 2);
    await settled();
    const reader = await hub.actor("reader");
    const got: unknown[] = [];
    reader.peer.subscribe(anyTopic("source.>"), (value, from) => got.push([value, from]));
    await settled();
    source.peer.publish(kept, 3);
    await settled();
    expect(got).toEqual([
      [2, { source: "source", retained: true }],
      [3, { source: "source", retained: false }],
    ]);
  });

  test("is there after its publisher died, for a restarted actor too", async () => {
    const hub = testHub();
    const source = await hub.actor("source");
    source.peer.publish(kept, "last");
    await settled();
    await source.die();
    for (const epoch of [1, 2]) {
      const reader = await hub.actor("reader", { epoch });
      const got: unknown[] = [];
      reader.peer.subscribe(kept, (value, from) => got.push([value, from.retained]));
      await settled();
      expect(got).toEqual([["last", true]]);
      await reader.die();
    }
  });

  test("over its bound is delivered but not kept, and said so", async () => {
    const hub = testHub();
    const source = await hub.actor("source");
    const live: number[] = [];
    const reader = await hub.actor("reader");
    reader.peer.subscribe(kept, (value) => live.push((value as Uint8Array).length));
    await settled();
    source.peer.publish(kept, new Uint8Array(RETAINED_BYTES_MAX + 1));
    await settled();
    const late: unknown[] = [];
    reader.peer.subscribe(kept, (value) => late.push(value));
    await settled();
    expect(live).toEqual([RETAINED_BYTES_MAX + 1]);
    expect(late).toEqual([]);
    expect(source.dead).toMatchObject([{ reason: "mailbox-full" }]);
  });
});

describe("a slow subscriber", () => {
  /** A subscriber whose link takes nothing until `resume`. */
  async function slow(
    policy: SubscriberPolicy,
    mailboxBounds = { messages: 20, bytes: 1_000_000 },
  ) {
    const hub = testHub({ mailboxBounds });
    const reader: RawPeer = hub.raw("reader");
    const source = await hub.actor("source");
    reader.hello();
    reader.send(
      { kind: Kind.subscribe, correlation: 5 },
      { extension: { subject: "source.>" }, value: { policy } },
    );
    await settled();
    // Fills the link up to its high-water mark, so that what follows waits in the hub.
    reader.transport.pause();
    source.peer.publish(anyTopic("source.fill"), new Uint8Array(600_000));
    await settled();
    const values = async (): Promise<Array<[value: number, missed: number]>> => {
      reader.transport.resume();
      await settled();
      return reader
        .of(Kind.publish)
        .slice(1)
        .map((frame) => [frame.payload()[0] ?? -1, frame.position]);
    };
    return { hub, source, values };
  }

  test("with drop-oldest gets the newest that fit, and how many it missed", async () => {
    const { source, values } = await slow("drop-oldest");
    for (let value = 0; value < 50; value++) source.peer.publish(news, value);
    await settled();
    const got = await values();
    expect(got.at(-1)?.[0]).toBe(49);
    expect(got.length + (got.at(-1)?.[1] ?? 0)).toBe(50);
    expect(got.map(([value]) => value)).toEqual(
      Array.from({ length: got.length }, (_, index) => 50 - got.length + index),
    );
  });

  test("with conflate gets the newest value of each subject", async () => {
    const { source, values } = await slow("conflate");
    const other = anyTopic("source.other");
    for (let value = 0; value < 30; value++) {
      source.peer.publish(news, value);
      source.peer.publish(other, value + 50);
    }
    await settled();
    const got = await values();
    expect(got).toEqual([
      [29, 58],
      [79, 58],
    ]);
  });

  test("with block stops the publisher and misses nothing", async () => {
    const { hub, source, values } = await slow("block");
    const done = anyMethod("source.done");
    source.peer.handle(done, () => true);
    for (let value = 0; value < 60; value++) source.peer.publish(news, value);
    await settled();
    const waiting = hub.broker.peers().find(({ name }) => name === "reader")?.mailboxMessages ?? 0;
    expect(waiting).toBeLessThan(60);
    const got = await values();
    expect(got.map(([value]) => value)).toEqual(Array.from({ length: 60 }, (_, index) => index));
    expect(got.every(([, missed]) => missed === 0)).toBe(true);
  });

  test("does not hold up the others", async () => {
    const { hub, source } = await slow("drop-oldest");
    const quick = await hub.actor("quick");
    const got: unknown[] = [];
    quick.peer.subscribe(news, (value) => got.push(value));
    await settled();
    for (let value = 0; value < 100; value++) source.peer.publish(news, value);
    await settled();
    expect(got.length).toBe(100);
  });
});

test("a publish without listeners is neither lost nor an error", async () => {
  const hub = testHub();
  const source = await hub.actor("source");
  source.peer.publish(news, 1);
  await settled();
  expect(hub.dead).toEqual([]);
  expect(source.dead).toEqual([]);
});

test("dead letters are an event themselves, bounded a second", async () => {
  const hub = testHub();
  await hub.broker.connectHub();
  const reader = await hub.actor("reader");
  const raw = hub.raw("raw", { manifest: { ...ALL, publishes: [] } });
  const got: Array<{ reason: string; suppressed: number }> = [];
  reader.peer.subscribe(anyTopic("hub.dead"), (value) =>
    got.push(value as { reason: string; suppressed: number }),
  );
  raw.hello();
  await settled();
  for (let count = 0; count < 500; count++)
    raw.send(
      { kind: Kind.publish, flags: Flag.retained },
      { extension: { subject: "source.news" } },
    );
  await settled();
  expect(got.length).toBe(200);
  expect(got[0]).toMatchObject({ reason: "denied", source: "raw", subject: "source.news" });
  hub.clock.advance(1_500);
  raw.send({ kind: Kind.publish }, { extension: { subject: "source.news" } });
  await settled();
  expect(got.at(-1)?.suppressed).toBe(300);
});
