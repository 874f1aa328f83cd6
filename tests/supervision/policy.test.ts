/** The restart policy: a table of its decisions, and properties over histories. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CountedEnd,
  DEFAULT_POLICY,
  decideEnd,
  EMPTY_HISTORY,
  lintPolicy,
  type RestartHistory,
  type RestartPolicy,
} from "../../bus/supervision/policy.ts";

const crash: CountedEnd = { class: "crash", readyForMs: null, nowMs: 0, random: 0, counted: true };

/** The slow and obvious count, over everything that ever happened. */
function expectWithinLimits(ends: readonly number[], nowMs: number): void {
  for (const { count, withinMs } of DEFAULT_POLICY.limits) {
    const recent = ends.filter((endMs) => nowMs - endMs < withinMs);
    expect(recent.length).toBeLessThanOrEqual(count);
  }
}

function historyOf(...endsMs: number[]): RestartHistory {
  return { endsMs, attempt: endsMs.length };
}

describe("a decision", () => {
  test("waits 250 ms after the first crash at start, doubling up to 30 s", () => {
    const delays = Array.from({ length: 9 }, (_, attempt) => {
      const verdict = decideEnd(DEFAULT_POLICY, { endsMs: [], attempt }, crash);
      return verdict.kind === "restart" ? verdict.delayMs : -1;
    });
    expect(delays).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  });

  test("adds up to a fifth at random", () => {
    const verdict = decideEnd(DEFAULT_POLICY, EMPTY_HISTORY, { ...crash, random: 0.999_999 });
    expect(verdict).toMatchObject({ kind: "restart", delayMs: 300 });
  });

  test("does not wait when it had been ready 10 s", () => {
    const verdict = decideEnd(DEFAULT_POLICY, historyOf(1), {
      ...crash,
      readyForMs: 10_000,
      nowMs: 20_000,
    });
    expect(verdict).toMatchObject({ kind: "restart", delayMs: 0 });
  });

  test("begins the delays anew after 60 s of health", () => {
    const verdict = decideEnd(
      DEFAULT_POLICY,
      { endsMs: [], attempt: 6 },
      { ...crash, readyForMs: 60_000 },
    );
    expect(verdict.history.attempt).toBe(0);
  });

  test("parks at the sixth end within 30 s, not at the fifth", () => {
    const four = historyOf(1, 2, 3, 4);
    expect(decideEnd(DEFAULT_POLICY, four, { ...crash, nowMs: 5 }).kind).toBe("restart");
    const five = historyOf(1, 2, 3, 4, 5);
    expect(decideEnd(DEFAULT_POLICY, five, { ...crash, nowMs: 6 })).toMatchObject({
      kind: "park",
      why: "6 crashes in 30 s",
    });
  });

  test("parks at the ninth end within 10 min", () => {
    const eight = historyOf(...Array.from({ length: 8 }, (_, index) => index * 60_000));
    expect(decideEnd(DEFAULT_POLICY, eight, { ...crash, nowMs: 480_000 })).toMatchObject({
      kind: "park",
      why: "9 crashes in 10 min",
    });
  });

  test("forgets ends that no window reaches", () => {
    const verdict = decideEnd(DEFAULT_POLICY, historyOf(0, 1, 2, 3, 4), {
      ...crash,
      nowMs: 700_000,
    });
    expect(verdict.history.endsMs).toEqual([700_000]);
  });

  test("parks at once on an end that says it is permanent", () => {
    expect(decideEnd(DEFAULT_POLICY, EMPTY_HISTORY, { ...crash, class: "permanent" }).kind).toBe(
      "park",
    );
  });

  test("follows the restart type", () => {
    const kinds = (["permanent", "transient", "temporary"] as const).map((restart) =>
      (["normal", "crash"] as const).map(
        (endClass) =>
          decideEnd({ ...DEFAULT_POLICY, restart }, EMPTY_HISTORY, { ...crash, class: endClass })
            .kind,
      ),
    );
    expect(kinds).toEqual([
      ["restart", "restart"],
      ["rest", "restart"],
      ["rest", "rest"],
    ]);
  });

  test("never counts an end that a drill made", () => {
    const verdict = decideEnd(DEFAULT_POLICY, historyOf(1, 2, 3, 4, 5), {
      ...crash,
      nowMs: 6,
      counted: false,
    });
    expect(verdict).toMatchObject({ kind: "restart", delayMs: 0 });
    expect(verdict.history.endsMs).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("over any sequence of crashes", () => {
  const lives = fc.array(
    fc.record({
      readyForMs: fc.option(fc.integer({ min: 0, max: 90_000 })),
      extraMs: fc.nat(40_000),
    }),
    { minLength: 1, maxLength: 60 },
  );

  test("no window is ever exceeded while the process goes on", () => {
    fc.assert(
      fc.property(lives, (sequence) => {
        let history: RestartHistory = EMPTY_HISTORY;
        let nowMs = 0;
        const ends: number[] = [];
        for (const { readyForMs, extraMs } of sequence) {
          nowMs += (readyForMs ?? 0) + extraMs;
          const verdict = decideEnd(DEFAULT_POLICY, history, { ...crash, readyForMs, nowMs });
          ends.push(nowMs);
          if (verdict.kind === "park") return;
          expectWithinLimits(ends, nowMs);
          expect(verdict.kind).toBe("restart");
          if (verdict.kind === "restart") nowMs += verdict.delayMs;
          history = verdict.history;
        }
      }),
    );
  });

  test("what is remembered is bounded", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5000), { maxLength: 200 }), (gaps) => {
        let history: RestartHistory = EMPTY_HISTORY;
        let nowMs = 0;
        for (const gap of gaps) {
          nowMs += gap;
          history = decideEnd(DEFAULT_POLICY, history, {
            ...crash,
            nowMs,
            readyForMs: 20_000,
          }).history;
          expect(history.endsMs.length).toBeLessThanOrEqual(9);
        }
      }),
    );
  });

  test("a process that only ever crashes is parked within 10 s of waiting", () => {
    let history: RestartHistory = EMPTY_HISTORY;
    let nowMs = 0;
    for (let ends = 1; ; ends += 1) {
      const verdict = decideEnd(DEFAULT_POLICY, history, { ...crash, nowMs, random: 0.99 });
      if (verdict.kind !== "restart") {
        expect({ kind: verdict.kind, ends }).toEqual({ kind: "park", ends: 6 });
        expect(nowMs).toBeLessThan(10_000);
        return;
      }
      nowMs += verdict.delayMs;
      history = verdict.history;
    }
  });
});

describe("the lint", () => {
  const check = (change: Partial<RestartPolicy>): string[] =>
    lintPolicy({ ...DEFAULT_POLICY, ...change });

  test("finds nothing wrong with the policy in force", () => {
    expect(lintPolicy(DEFAULT_POLICY)).toEqual([]);
  });

  test("refuses a limit that the delays keep out of reach", () => {
    const problems = check({
      delay: { firstMs: 1000, maxMs: 60_000, jitter: 0 },
      limits: [{ count: 60, withinMs: 600_000 }],
    });
    expect(problems[0]).toContain("limit 60 in 600000 ms can never fire");
  });

  test("refuses limits none of which fires once the delay has grown", () => {
    expect(check({ limits: [{ count: 5, withinMs: 30_000 }] })).toEqual([
      "no limit fires once the delay has grown to 30000 ms: it would start again for ever",
    ]);
  });

  test("names a figure and its bound", () => {
    expect(check({ delay: { firstMs: 0, maxMs: 1, jitter: 0 } })).toEqual([
      "delay.firstMs is 0, expected more than 0",
    ]);
    expect(check({ limits: [] })).toEqual(["limits is empty, expected at least one"]);
  });

  test("agrees with a simulation of a process that always crashes at start", () => {
    const policies = fc.record({
      firstMs: fc.integer({ min: 1, max: 2000 }),
      maxMs: fc.integer({ min: 2000, max: 60_000 }),
      count: fc.integer({ min: 1, max: 30 }),
      withinMs: fc.integer({ min: 1000, max: 600_000 }),
    });
    fc.assert(
      fc.property(policies, ({ firstMs, maxMs, count, withinMs }) => {
        const policy: RestartPolicy = {
          ...DEFAULT_POLICY,
          delay: { firstMs, maxMs, jitter: 0 },
          limits: [{ count, withinMs }],
        };
        const refused = lintPolicy(policy).some((problem) => problem.includes("can never fire"));
        let history: RestartHistory = EMPTY_HISTORY;
        let nowMs = 0;
        let parked = false;
        for (let ends = 0; ends <= count && !parked; ends += 1) {
          const verdict = decideEnd(policy, history, { ...crash, nowMs });
          parked = verdict.kind === "park";
          if (verdict.kind === "restart") nowMs += verdict.delayMs;
          history = verdict.history;
        }
        // At the very edge the window is open at one end: a sum equal to it is out of reach by 0 ms.
        const edge = Math.abs(nowMs - withinMs) <= count;
        if (!edge) expect(parked).toBe(!refused);
      }),
    );
  });
});
