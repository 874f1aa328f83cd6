/** PROTOCOL.md section 5, sentence by sentence. */
import { number, object } from "valibot";
import { describe, expect, test } from "vitest";
import { method } from "../../bus/contracts/define.ts";
import { BusError } from "../../bus/errors.ts";
import { CALLS_IN_FLIGHT_MAX, TRACE_HOPS_MAX } from "../../bus/limits.ts";
import type { CallContext } from "../../bus/peer.ts";
import { Kind } from "../../bus/protocol.ts";
import { anyMethod, errorOf, RawPeer, settled, testHub } from "./harness.ts";

const echo = anyMethod("callee.echo");
const slow = anyMethod("callee.slow");

async function pair() {
  const hub = testHub();
  const caller = await hub.actor("caller");
  const callee = await hub.actor("callee");
  return { hub, caller, callee };
}

describe("a call", () => {
  test("is answered with the handler's output", async () => {
    const { caller, callee } = await pair();
    callee.peer.handle(echo, (input) => ({ got: input }));
    expect(await caller.peer.request(echo, { n: 1 })).toEqual({ got: { n: 1 } });
  });

  test("carries the caller's name as the hub knows it", async () => {
    const { caller, callee } = await pair();
    callee.peer.handle(echo, (_, call) => call.source);
    expect(await caller.peer.request(echo, null)).toBe("caller");
  });

  test("is acknowledged before it is handled", async () => {
    const hub = testHub();
    const caller = hub.raw("caller");
    const callee = await hub.actor("callee");
    caller.hello();
    const { promise, resolve } = Promise.withResolvers<string>();
    callee.peer.handle(echo, () => promise);
    caller.send(
      { kind: Kind.request, correlation: 1 },
      { extension: { subject: "callee.echo" }, value: 1 },
    );
    await settled();
    expect(caller.of(Kind.ack).length).toBe(1);
    expect(caller.of(Kind.reply).length).toBe(0);
    resolve("done");
    await settled();
    expect(caller.of(Kind.reply).length).toBe(1);
  });

  test("is interned: the second one carries an id and no subject", async () => {
    const hub = testHub();
    const callee = hub.raw("callee");
    const caller = await hub.actor("caller");
    callee.hello();
    await settled();
    for (const input of [1, 2]) {
      caller.peer.request(echo, input).catch(() => {});
      await settled();
    }
    const [first, second] = callee.of(Kind.request);
    expect(first?.name).toBe(second?.name);
    expect(first?.extensionBytes).toBe(26 + 2 + "callee.echo".length);
    expect(second?.extensionBytes).toBe(26);
    const before = callee.frames.findIndex((frame) => frame.kind === Kind.request);
    expect(callee.frames.slice(0, before).some((frame) => frame.kind === Kind.control)).toBe(true);
  });

  test("fails with what the handler threw: its code, message and data, no stack", async () => {
    const { caller, callee } = await pair();
    callee.peer.handle(echo, () => {
      throw new BusError("callee/broken", "it broke", { data: { why: 1 } });
    });
    callee.peer.handle(slow, async () => {
      throw new TypeError("secret detail");
    });
    expect(await errorOf(caller.peer.request(echo, 1))).toMatchObject({
      code: "callee/broken",
      message: "it broke",
      data: { why: 1 },
    });
    expect(await errorOf(caller.peer.request(slow, 1))).toMatchObject({
      code: "bus/internal",
      message: "callee.slow: secret detail",
    });
  });

  test("with input that does not fit is refused where it is served, with the path", async () => {
    const { caller, callee } = await pair();
    const strict = method("callee.strict", { input: object({ n: number() }), output: number() });
    callee.peer.handle(strict, (input) => (input as { n: number }).n);
    const wrong = strict as unknown as ReturnType<typeof anyMethod>;
    expect(await errorOf(caller.peer.request(wrong, { n: "x" }))).toMatchObject({
      code: "bus/invalid",
      message: expect.stringContaining('input of callee.strict: "n"'),
    });
  });

  test("with output that does not fit is refused where it was called", async () => {
    const { caller, callee } = await pair();
    callee.peer.handle(echo, () => "text");
    const strict = method("callee.echo", { input: number(), output: number() });
    expect(await errorOf(caller.peer.request(strict, 1))).toMatchObject({
      code: "bus/invalid",
      message: expect.stringContaining("output of callee.echo"),
    });
  });

  test("with output that cannot be encoded fails instead of hanging", async () => {
    const { caller, callee } = await pair();
    callee.peer.handle(echo, () => new Map());
    expect(await errorOf(caller.peer.request(echo, 1))).toMatchObject({ code: "bus/invalid" });
  });

  test("to an unknown actor fails at once", async () => {
    const { hub, caller } = await pair();
    expect(await errorOf(caller.peer.requestRaw("nobody.x", 1))).toMatchObject({
      code: "bus/no-such-actor",
    });
    expect(hub.dead).toMatchObject([
      { reason: "no-such-actor", source: "caller", subject: "nobody.x" },
    ]);
  });

  test("to a subject nobody serves fails at once", async () => {
    const { caller } = await pair();
    expect(await errorOf(caller.peer.requestRaw("callee.nothing", 1))).toMatchObject({
      code: "bus/no-responder",
    });
  });

  test("to something that is no subject fails where it is made", async () => {
    const { caller } = await pair();
    expect(await errorOf(caller.peer.requestRaw("Not A Subject", 1))).toMatchObject({
      code: "bus/invalid",
    });
  });

  test("can be served once only", async () => {
    const { callee } = await pair();
    const stop = callee.peer.handle(echo, () => 1);
    expect(() => callee.peer.handle(echo, () => 2)).toThrow("callee.echo is served already");
    stop();
    callee.peer.handle(echo, () => 2);
  });

  test("over the bound of calls under way is refused", async () => {
    const { caller, callee } = await pair();
    callee.peer.handle(echo, () => new Promise(() => {}));
    const calls = Array.from({ length: CALLS_IN_FLIGHT_MAX }, () => caller.peer.request(echo, 1));
    expect(await errorOf(caller.peer.request(echo, 1))).toMatchObject({ code: "bus/limit" });
    caller.peer.close();
    await Promise.allSettled(calls);
  });
});

describe("a deadline", () => {
  test("is the time left: the callee is told what remains", async () => {
    const { hub, caller, callee } = await pair();
    callee.peer.handle(echo, (_, call) => call.remainingMs());
    hub.clock.advance(100);
    expect(await caller.peer.request(echo, 1, { timeoutMs: 500 })).toBe(500);
  });

  test("that passes rejects the caller and aborts the handler", async () => {
    const { hub, caller, callee } = await pair();
    let seen: CallContext | undefined;
    callee.peer.handle(echo, (_, call) => {
      seen = call;
      return new Promise((_resolve, reject) =>
        call.signal.addEventListener("abort", () => reject(call.signal.reason)),
      );
    });
    const outcome = errorOf(caller.peer.request(echo, 1, { timeoutMs: 200 }));
    await settled();
    hub.clock.advance(204);
    expect(await outcome).toMatchObject({
      code: "bus/expired",
      message: "callee.echo: no answer within 200 ms",
    });
    await settled();
    expect(seen?.signal.aborted).toBe(true);
    expect(hub.broker.actorStats("callee")?.callsInFlight).toBe(0);
  });

  test("is inherited by a nested call, with trace and principal", async () => {
    const { hub, caller, callee } = await pair();
    const third = await hub.actor("third");
    const inner = anyMethod("third.inner");
    third.peer.handle(inner, (_, call) => ({
      leftMs: call.remainingMs(),
      trace: call.trace?.traceId,
      principal: call.principal ?? null,
    }));
    callee.peer.handle(echo, async (_, call) => {
      hub.clock.advance(300);
      return {
        own: call.trace?.traceId,
        nested: await callee.peer.request(inner, 1, { within: call }),
      };
    });
    const ui = await hub.edge();
    const result = (await ui.request(echo, 1, { timeoutMs: 1_000 })) as {
      own: Uint8Array;
      nested: { leftMs: number; trace: Uint8Array; principal: string };
    };
    expect(result.nested.leftMs).toBe(700);
    expect(result.nested.trace).toEqual(result.own);
    expect(result.nested.principal).toBe("person");
    expect(caller.peer.ready.name).toBe("caller");
  });

  test("out of range is refused with the value", async () => {
    const { caller } = await pair();
    for (const timeoutMs of [0, -1, Number.NaN, 86_400_001]) {
      expect(await errorOf(caller.peer.request(echo, 1, { timeoutMs }))).toMatchObject({
        code: "bus/invalid",
        message: expect.stringContaining(`timeout of ${timeoutMs} ms`),
      });
    }
  });

  test("a foreign caller that does not watch it is answered by the hub", async () => {
    const hub = testHub();
    const caller = hub.raw("caller");
    const callee = await hub.actor("callee");
    caller.hello();
    callee.peer.handle(echo, () => new Promise(() => {}));
    caller.send(
      { kind: Kind.request, correlation: 1, deadlineMs: 100 },
      { extension: { subject: "callee.echo" } },
    );
    await settled();
    hub.clock.advance(3_000);
    await settled();
    expect(caller.of(Kind.error).length).toBe(1);
    expect(hub.dead).toMatchObject([{ reason: "expired" }]);
  });
});

describe("giving up", () => {
  test("cancel reaches the handler's signal and rejects the caller", async () => {
    const { caller, callee } = await pair();
    const { promise: aborted, resolve } = Promise.withResolvers<unknown>();
    callee.peer.handle(echo, (_, call) => {
      call.signal.addEventListener("abort", () => resolve(call.signal.reason));
      return new Promise(() => {});
    });
    const controller = new AbortController();
    const outcome = errorOf(caller.peer.request(echo, 1, { signal: controller.signal }));
    await settled();
    controller.abort();
    expect(await outcome).toMatchObject({ code: "bus/cancelled" });
    expect(await aborted).toMatchObject({ code: "bus/cancelled" });
  });

  test("an already aborted signal sends nothing", async () => {
    const { hub, caller } = await pair();
    expect(
      await errorOf(caller.peer.request(echo, 1, { signal: AbortSignal.abort() })),
    ).toMatchObject({ code: "bus/cancelled" });
    expect(hub.broker.actorStats("callee")?.callsInFlight).toBe(0);
  });

  test("the death of the caller aborts the handler", async () => {
    const { caller, callee } = await pair();
    let signal: AbortSignal | undefined;
    callee.peer.handle(echo, (_, call) => {
      signal = call.signal;
      return new Promise(() => {});
    });
    caller.peer.request(echo, 1).catch(() => {});
    await settled();
    await caller.die();
    expect(signal?.aborted).toBe(true);
  });

  test("the death of the callee fails the call with bus/down, and it is never replayed", async () => {
    const { hub, caller, callee } = await pair();
    let served = 0;
    const serve = (): Promise<never> => {
      served++;
      return new Promise(() => {});
    };
    callee.peer.handle(echo, serve);
    const outcome = errorOf(caller.peer.request(echo, 1));
    await settled();
    await callee.die();
    expect(await outcome).toMatchObject({ code: "bus/down" });
    expect(hub.broker.takeCallsFailed("callee")).toMatchObject([
      { subject: "callee.echo", source: "caller" },
    ]);
    expect(hub.broker.takeCallsFailed("callee")).toEqual([]);
    const next = await hub.actor("callee", { epoch: 2 });
    next.peer.handle(echo, serve);
    await settled();
    expect(served).toBe(1);
  });

  test("closing a peer rejects what it has under way with bus/closed", async () => {
    const { caller, callee } = await pair();
    callee.peer.handle(echo, () => new Promise(() => {}));
    const outcome = errorOf(caller.peer.request(echo, 1));
    await settled();
    caller.peer.close();
    expect(await outcome).toMatchObject({ code: "bus/closed" });
    expect(await errorOf(caller.peer.request(echo, 1))).toMatchObject({ code: "bus/closed" });
    expect(await caller.peer.closed).toMatchObject({ code: "bus/closed" });
  });
});

describe("answers", () => {
  test("of somebody who was not asked are dead letters", async () => {
    const { hub, caller, callee } = await pair();
    callee.peer.handle(echo, () => new Promise(() => {}));
    const outcome = caller.peer.request(echo, 1);
    await settled();
    const forger = hub.raw("forger");
    forger.hello();
    forger.send(
      { kind: Kind.reply, correlation: 1, destination: hub.broker.idOf("caller") ?? 0 },
      { value: "forged" },
    );
    await settled();
    expect(hub.dead).toMatchObject([{ source: "forger", destination: "caller", kind: Kind.reply }]);
    expect(forger.of(Kind.dead).length).toBe(1);
    caller.peer.close();
    expect(await errorOf(outcome)).toMatchObject({ code: "bus/closed" });
  });

  test("for a dead incarnation of the caller are dead letters with reason stale-epoch", async () => {
    const hub = testHub();
    const callee = hub.raw("callee");
    const first = await hub.actor("caller", { epoch: 1 });
    callee.hello();
    await settled();
    first.peer.request(echo, 1).catch(() => {});
    await settled();
    const [request] = callee.of(Kind.request);
    await first.die();
    const second = await hub.actor("caller", { epoch: 2 });
    second.peer.request(echo, 2).catch(() => {});
    await settled();
    callee.send(
      {
        kind: Kind.reply,
        correlation: request?.correlation ?? 0,
        destination: request?.source ?? 0,
        epoch: request?.epoch ?? 0,
      },
      { value: "late" },
    );
    await settled();
    expect(request?.epoch).toBe(1);
    expect(hub.dead.at(-1)).toMatchObject({
      reason: "stale-epoch",
      source: "callee",
      destination: "caller",
    });
    second.peer.close();
  });

  test("carry the true source, which the sender leaves to the hub", async () => {
    const hub = testHub();
    const caller = hub.raw("caller");
    const callee = hub.raw("callee");
    caller.hello();
    callee.hello();
    await settled();
    caller.send({ kind: Kind.request, correlation: 1 }, { extension: { subject: "callee.echo" } });
    await settled();
    expect(callee.of(Kind.request)[0]?.source).toBe(hub.broker.idOf("caller"));
  });
});

describe("loops", () => {
  test("a call nested too deep is taken for a loop", async () => {
    const { caller, callee } = await pair();
    let depth = 0;
    callee.peer.handle(echo, (_, call) => {
      depth++;
      return callee.peer.request(echo, 1, { within: call });
    });
    expect(await errorOf(caller.peer.request(echo, 1))).toMatchObject({ code: "bus/limit" });
    expect(depth).toBe(TRACE_HOPS_MAX + 1);
  });

  test("a foreign peer's hop count is checked by the hub", async () => {
    const hub = testHub();
    const caller = hub.raw("caller");
    await hub.actor("callee");
    caller.hello();
    caller.send(
      { kind: Kind.request, correlation: 1 },
      { extension: { subject: "callee.echo", hops: TRACE_HOPS_MAX + 1 } },
    );
    await settled();
    expect(caller).toBeInstanceOf(RawPeer);
    expect(caller.of(Kind.error).length).toBe(1);
  });
});
