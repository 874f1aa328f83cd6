/** The page's connection over real peers and a real broker in memory. */
import * as v from "valibot";
import { afterEach, describe, expect, it } from "vitest";
import { createBroker } from "../../bus/broker/index.ts";
import { connectPeer } from "../../bus/client.ts";
import { method, topic } from "../../bus/contracts/define.ts";
import { memoryLink } from "../../bus/memory.ts";
import type { Peer } from "../../bus/peer.ts";
import { type Connection, createConnection } from "../../ui/bus.ts";

const echo = method<string, string>("hub.echo", { input: v.string(), output: v.string() });
const news = topic<string>("hub.news", { value: v.string() });

let connection: Connection | undefined;
afterEach(() => connection?.close());

describe("the page's connection", () => {
  it("connects, calls and hears events", async () => {
    const world = await hub();
    connection = world.connect();
    const heard: string[] = [];
    connection.subscribe(news, (value) => heard.push(value));
    expect(await connection.request(echo, "hello")).toBe("HELLO");
    expect(connection.state()).toBe("live");
    await until(() => {
      world.server.publish(news, "one");
      return heard.includes("one");
    });
  });

  it("comes back after the link is lost and hears again", async () => {
    const world = await hub();
    connection = world.connect();
    const heard: string[] = [];
    connection.subscribe(news, (value) => heard.push(value));
    await connection.request(echo, "x");
    world.cut();
    await until(() => connection?.state() === "away" || world.links() === 2);
    expect(await connection.request(echo, "again")).toBe("AGAIN");
    expect(world.links()).toBe(2);
    await until(() => {
      world.server.publish(news, "two");
      return heard.includes("two");
    });
  });

  it("waits 100 ms after a failed attempt, then twice as long, up to 2 s", async () => {
    const waits: number[] = [];
    connection = createConnection({
      dial: () => Promise.reject(new Error("away")),
      wait: (ms, signal) => {
        waits.push(ms);
        return waits.length < 8
          ? Promise.resolve()
          : new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    });
    await until(() => waits.length === 8);
    expect(waits).toEqual([100, 200, 400, 800, 1600, 2000, 2000, 2000]);
    expect(connection.attempts()).toBe(8);
  });

  it("fails a call with bus/closed when no link comes in time", async () => {
    connection = createConnection({ dial: () => Promise.reject(new Error("away")) });
    await expect(connection.request(echo, "x", { timeoutMs: 30 })).rejects.toMatchObject({
      code: "bus/closed",
    });
  });

  it("tries again at once when the person asks", async () => {
    let dials = 0;
    connection = createConnection({
      dial: () => {
        dials += 1;
        return Promise.reject(new Error("away"));
      },
      wait: (_ms, signal) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
    });
    await until(() => dials === 1 && connection?.nextAttemptAt() !== null);
    connection.tryNow();
    await until(() => dials === 2);
  });
});

interface World {
  readonly server: Peer;
  connect(): Connection;
  /** Breaks the page's link. */
  cut(): void;
  links(): number;
}

async function hub(): Promise<World> {
  const broker = createBroker({ hubEpoch: 1 });
  const [near, far] = memoryLink();
  const manifest = { calls: [">"], publishes: [">"], subscribes: [">"] };
  broker.attach(far, { kind: "actor", name: "hub", epoch: 1, manifest }, {});
  const server = await connectPeer(near, { hello: { name: "hub", pid: 1 } });
  server.handle(echo, (text) => text.toUpperCase());
  server.announceReady();
  broker.setActorState("hub", "ready");
  let peer: Peer | undefined;
  let links = 0;
  return {
    server,
    connect: () =>
      createConnection({
        dial: async () => {
          const [page, hubSide] = memoryLink();
          broker.attach(hubSide, { kind: "edge", name: "ui" }, {});
          peer = await connectPeer(page, { hello: { name: "ui", pid: 2 } });
          links += 1;
          return peer;
        },
      }),
    cut: () => peer?.close(),
    links: () => links,
  };
}

async function until(test: () => boolean): Promise<void> {
  const endMs = performance.now() + 5_000;
  while (!test()) {
    if (performance.now() > endMs) throw new Error("waited 5 s in vain");
    await new Promise((wake) => setTimeout(wake, 5));
  }
}
