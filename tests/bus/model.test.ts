/**
 * The broker against a slow, obvious model: three actors call each other, are stopped, resumed, killed and restarted in
 * any order. Every call has exactly one outcome, nothing is lost without a reason, order holds, bounds hold.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { anyMethod, rulesOf, settled, type TestActor, type TestHub, testHub } from "./harness.ts";

const NAMES = ["a", "b", "c"] as const;
const RULES = ["hold", "fail"] as const;
const BOUND = 12;
const rules = rulesOf(
  Object.fromEntries(
    NAMES.flatMap((name) =>
      RULES.map((rule) => [`${name}.${rule}`, { whenRestarting: rule }] as const),
    ),
  ),
);

type Name = (typeof NAMES)[number];
const name = fc.constantFrom(...NAMES);
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("call" as const),
      from: name,
      to: name,
      rule: fc.constantFrom(...RULES),
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const), who: name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("start" as const), who: name }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("suspend" as const), who: name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("resume" as const), who: name }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("settle" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

interface Sent {
  readonly id: number;
  readonly from: Name;
  readonly fromEpoch: number;
  readonly to: Name;
  outcome: string | undefined;
}

class World {
  readonly hub: TestHub = testHub({ rules, mailboxBounds: { messages: BOUND, bytes: 1e9 } });
  readonly actors = new Map<Name, TestActor>();
  readonly epochs = new Map<Name, number>();
  readonly sent: Sent[] = [];
  /** Ids in the order the callee got them. */
  readonly handled = new Map<Name, number[]>();

  async start(who: Name): Promise<void> {
    if (this.actors.has(who)) return;
    const epoch = (this.epochs.get(who) ?? 0) + 1;
    this.epochs.set(who, epoch);
    const actor = await this.hub.actor(who, { epoch, state: "starting" });
    for (const rule of RULES) {
      actor.peer.handle(anyMethod(`${who}.${rule}`), (id) => {
        this.handled.set(who, [...(this.handled.get(who) ?? []), id as number]);
        return id;
      });
    }
    this.actors.set(who, actor);
    this.hub.broker.setActorState(who, "ready");
  }

  async run(step: Step): Promise<void> {
    if (step.do === "settle") return settled();
    if (step.do === "start") return this.start(step.who);
    if (step.do === "call") return this.call(step);
    const actor = this.actors.get(step.who);
    if (actor === undefined) return;
    if (step.do === "suspend") this.hub.broker.setActorState(step.who, "suspended");
    else if (step.do === "resume") this.hub.broker.setActorState(step.who, "ready");
    else {
      this.actors.delete(step.who);
      await actor.die();
      this.hub.broker.setActorState(step.who, "starting");
    }
  }

  call({ from, to, rule, count }: Extract<Step, { do: "call" }>): void {
    const caller = this.actors.get(from);
    if (caller === undefined) return;
    for (let turn = 0; turn < count; turn++) {
      const record: Sent = {
        id: this.sent.length,
        from,
        fromEpoch: this.epochs.get(from) ?? 0,
        to,
        outcome: undefined,
      };
      this.sent.push(record);
      const settle = (outcome: string) => (): void => {
        if (record.outcome !== undefined) throw new Error(`call ${record.id} has two outcomes`);
        record.outcome = outcome;
      };
      caller.peer.request(anyMethod(`${to}.${rule}`), record.id).then(
        (answer) => settle(answer === record.id ? "ok" : `wrong answer ${String(answer)}`)(),
        (error: { code: string }) => settle(error.code)(),
      );
    }
  }

  /** Everything is up again and has had its turn. */
  async finish(): Promise<void> {
    for (const who of NAMES) {
      await this.start(who);
      this.hub.broker.setActorState(who, "ready");
    }
    await settled();
  }
}

const REASONS = new Set(["ok", "bus/down", "bus/mailbox-full", "bus/closed"]);

describe("the broker and the model", () => {
  test("agree on every call's single outcome, on order and on bounds", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const world = new World();
        for (const who of NAMES) await world.start(who);
        for (const one of steps) {
          await world.run(one);
          for (const peer of world.hub.broker.peers())
            expect(peer.mailboxMessages).toBeLessThanOrEqual(BOUND * 2);
        }
        await world.finish();
        check(world);
        world.hub.broker.close();
        await settled();
      }),
      { numRuns: 120 },
    );
  }, 60_000);
});

function check(world: World): void {
  const handledAll = new Set<number>();
  for (const [callee, ids] of world.handled) {
    expect(new Set(ids).size).toBe(ids.length);
    for (const caller of NAMES) {
      const ofCaller = ids.filter((id) => world.sent[id]?.from === caller);
      // First in, first out for each pair and rule: held calls go before later ones, failed ones leave gaps.
      expect(ofCaller).toEqual([...ofCaller].sort((left, right) => left - right));
    }
    for (const id of ids) {
      expect(world.sent[id]?.to).toBe(callee);
      handledAll.add(id);
    }
  }
  for (const call of world.sent) {
    expect(REASONS).toContain(call.outcome);
    if (call.outcome === "ok") expect(handledAll.has(call.id)).toBe(true);
    if (call.outcome === "bus/mailbox-full") expect(handledAll.has(call.id)).toBe(false);
  }
  for (const who of NAMES)
    expect(world.hub.broker.actorStats(who)).toMatchObject({ held: 0, callsInFlight: 0 });
}
