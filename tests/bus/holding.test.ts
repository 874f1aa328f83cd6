/** What happens to calls while an actor is away, paused or parked, and what a full mailbox does. */
import { describe, expect, test } from "vitest";
import { HOLD_MESSAGES_MAX } from "../../bus/limits.ts";
import { Kind } from "../../bus/protocol.ts";
import { anyMethod, anyStream, errorOf, rulesOf, settled, testHub } from "./harness.ts";

const rules = rulesOf({
  "actor.hold": { whenRestarting: "hold" },
  "actor.fail": { whenRestarting: "fail" },
  "actor.drop": { whenRestarting: "drop" },
  "actor.pipe": { type: "stream", whenRestarting: "hold" },
});
const hold = anyMethod("actor.hold");
const fail = anyMethod("actor.fail");
const drop = anyMethod("actor.drop");

/** A hub whose `actor` is away: it has run before and is being restarted, or is dormant. */
async function awayHub(
  onActorNeeded: (name: string) => void = () => {},
  state: "starting" | "absent" = "starting",
) {
  const hub = testHub({ rules, onActorNeeded });
  hub.broker.declareActor("actor");
  const first = await hub.actor("actor");
  await first.die();
  hub.broker.setActorState("actor", state);
  const caller = await hub.actor("caller");
  return { hub, caller };
}

describe("while an actor is restarting", () => {
  test("hold waits and is delivered, in order, when it is ready", async () => {
    const { hub, caller } = await awayHub();
    const calls = [1, 2, 3].map((n) => caller.peer.request(hold, n));
    await settled();
    expect(hub.broker.actorStats("actor")).toMatchObject({ held: 3, callsInFlight: 3 });
    expect(hub.broker.census("actor").waiting).toMatchObject([
      { subject: "actor.hold", source: "caller", fate: "held" },
      {},
      {},
    ]);
    const actor = await hub.actor("actor", { state: "starting" });
    const order: unknown[] = [];
    actor.peer.handle(hold, (n) => {
      order.push(n);
      return n;
    });
    await settled();
    expect(order).toEqual([]);
    hub.broker.setActorState("actor", "ready");
    expect(await Promise.all(calls)).toEqual([1, 2, 3]);
    expect(order).toEqual([1, 2, 3]);
    expect(hub.broker.actorStats("actor")).toMatchObject({ held: 0, callsInFlight: 0 });
  });

  test("fail is answered bus/down, drop too and counted as dropped", async () => {
    const { hub, caller } = await awayHub();
    expect(await errorOf(caller.peer.request(fail, 1))).toMatchObject({ code: "bus/down" });
    expect(await errorOf(caller.peer.request(drop, 1))).toMatchObject({ code: "bus/down" });
    expect(hub.dead).toMatchObject([{ reason: "down" }, { reason: "dropped" }]);
  });

  test("a held call expires within its deadline", async () => {
    const { hub, caller } = await awayHub();
    const outcome = errorOf(caller.peer.request(hold, 1, { timeoutMs: 100 }));
    await settled();
    hub.clock.advance(104);
    expect(await outcome).toMatchObject({ code: "bus/expired" });
    await settled();
    expect(hub.broker.actorStats("actor")).toMatchObject({ held: 0, callsInFlight: 0 });
  });

  test("time spent waiting is taken off the deadline", async () => {
    const { hub, caller } = await awayHub();
    const outcome = caller.peer.request(hold, 1, { timeoutMs: 1_000 });
    await settled();
    hub.clock.advance(400);
    const actor = await hub.actor("actor", { state: "starting" });
    actor.peer.handle(hold, (_, call) => call.remainingMs());
    hub.broker.setActorState("actor", "ready");
    expect(await outcome).toBe(600);
  });

  test("a held call that is cancelled is never delivered", async () => {
    const { hub, caller } = await awayHub();
    const controller = new AbortController();
    const outcome = errorOf(caller.peer.request(hold, 1, { signal: controller.signal }));
    await settled();
    controller.abort();
    expect(await outcome).toMatchObject({ code: "bus/cancelled" });
    const actor = await hub.actor("actor");
    let served = 0;
    actor.peer.handle(hold, () => served++);
    await settled();
    expect(served).toBe(0);
  });

  test("a held open is accepted when it is ready", async () => {
    const { hub, caller } = await awayHub();
    const open = caller.peer.open(anyStream("actor.pipe"), 1);
    await settled();
    const actor = await hub.actor("actor", { state: "starting" });
    actor.peer.serve(anyStream("actor.pipe"), (_, incoming) => {
      incoming.accept("welcome").end();
    });
    hub.broker.setActorState("actor", "ready");
    const stream = await open;
    expect(stream.accepted).toBe("welcome");
    stream.end();
  });

  test("more than the bound is refused as a full mailbox", async () => {
    const { hub, caller } = await awayHub();
    const held = Array.from({ length: HOLD_MESSAGES_MAX }, () =>
      errorOf(caller.peer.request(hold, 1)),
    );
    expect(await errorOf(caller.peer.request(hold, 1))).toMatchObject({ code: "bus/mailbox-full" });
    hub.broker.setActorState("actor", "parked");
    expect(new Set((await Promise.all(held)).map(({ code }) => code))).toEqual(
      new Set(["bus/down"]),
    );
  });

  test("a dormant actor is asked for, and its first calls wait whatever their rule", async () => {
    const needed: string[] = [];
    const { hub, caller } = await awayHub((name) => needed.push(name), "absent");
    const calls = [hold, fail, drop].map((method) => caller.peer.request(method, 1));
    await settled();
    expect(needed).toContain("actor");
    const actor = await hub.actor("actor", { epoch: 2, state: "starting" });
    for (const method of [hold, fail, drop]) actor.peer.handle(method, () => method.subject);
    hub.broker.setActorState("actor", "ready");
    expect(await Promise.all(calls)).toEqual(["actor.hold", "actor.fail", "actor.drop"]);
  });
});

describe("a parked actor", () => {
  test("fails what is held and all that comes, whatever its rule", async () => {
    const { hub, caller } = await awayHub();
    const held = errorOf(caller.peer.request(hold, 1));
    await settled();
    hub.broker.setActorState("actor", "parked");
    expect(await held).toMatchObject({
      code: "bus/down",
      message: "actor is parked: it failed too often",
    });
    expect(await errorOf(caller.peer.request(hold, 1))).toMatchObject({ code: "bus/down" });
  });
});

describe("a suspended actor", () => {
  test("gets nothing but the control lane until it is resumed, then everything in order", async () => {
    const hub = testHub({ rules });
    const raw = hub.raw("actor");
    const caller = hub.raw("caller");
    raw.hello();
    caller.hello();
    await settled();
    hub.broker.setActorState("actor", "suspended");
    caller.send({ kind: Kind.request, correlation: 1 }, { extension: { subject: "actor.fail" } });
    caller.send(
      { kind: Kind.request, correlation: 2, codecLane: 16 },
      { extension: { subject: "actor.fail" } },
    );
    caller.send({ kind: Kind.request, correlation: 3 }, { extension: { subject: "actor.fail" } });
    await settled();
    expect(raw.of(Kind.request).map((frame) => frame.correlation)).toEqual([2]);
    expect(hub.broker.actorStats("actor")).toMatchObject({ held: 2 });
    hub.broker.setActorState("actor", "ready");
    await settled();
    expect(raw.of(Kind.request).map((frame) => frame.correlation)).toEqual([2, 1, 3]);
  });

  test("that dies passes what waited on by its rule", async () => {
    const hub = testHub({ rules });
    const caller = await hub.actor("caller");
    const actor = await hub.actor("actor");
    hub.broker.setActorState("actor", "suspended");
    const failing = errorOf(caller.peer.request(fail, 1));
    const holding = caller.peer.request(hold, 2);
    await settled();
    expect(hub.broker.endConsequence("actor")).toEqual({
      callsFail: 1,
      callsWait: 1,
      streamsReset: 0,
    });
    await actor.die();
    expect(await failing).toMatchObject({ code: "bus/down" });
    const next = await hub.actor("actor", { epoch: 2, state: "starting" });
    next.peer.handle(hold, (n) => n);
    hub.broker.setActorState("actor", "ready");
    expect(await holding).toBe(2);
  });
});

describe("a full mailbox", () => {
  test("refuses further requests at once and lets the others in", async () => {
    const hub = testHub({ mailboxBounds: { messages: 16, bytes: 1_000_000 } });
    const caller = await hub.actor("caller");
    const other = await hub.actor("other");
    await hub.actor("actor");
    hub.broker.setActorState("actor", "suspended");
    const outcomes = Array.from({ length: 20 }, () => errorOf(caller.peer.request(fail, 1)));
    const others = errorOf(other.peer.request(fail, 1));
    await settled();
    expect(hub.broker.actorStats("actor")?.held).toBe(9);
    expect(hub.dead.filter(({ reason }) => reason === "mailbox-full").length).toBe(12);
    hub.broker.setActorState("actor", "ready");
    expect(new Set((await Promise.all(outcomes)).map(({ code }) => code))).toEqual(
      new Set(["bus/mailbox-full", "bus/no-responder"]),
    );
    expect(await others).toMatchObject({ code: "bus/no-responder" });
  });

  test("stops the sender of stream data instead of losing any", async () => {
    const hub = testHub({ mailboxBounds: { messages: 1_000, bytes: 400_000 } });
    const opener = await hub.actor("opener");
    const raw = hub.raw("actor");
    raw.hello();
    await settled();
    const open = opener.peer.open(anyStream("actor.pipe"), 1);
    await settled();
    const [request] = raw.of(Kind.open);
    raw.send({
      kind: Kind.credit,
      flags: 2,
      correlation: request?.correlation ?? 0,
      destination: request?.source ?? 0,
      position: 10_000_000,
    });
    const stream = await open;
    raw.transport.pause();
    const written = stream.write(new Uint8Array(3_000_000));
    await settled();
    expect(hub.broker.peers().find(({ name }) => name === "actor")?.mailboxBytes ?? 0).toBeLessThan(
      1_000_000,
    );
    raw.transport.resume();
    await written;
    await settled();
    expect(raw.of(Kind.data).reduce((sum, frame) => sum + frame.payloadBytes, 0)).toBe(3_000_000);
    stream.reset({ code: "bus/cancelled", message: "done" });
  });
});
