import { describe, expect, test } from "vitest";
import { SimulatedClock } from "../../../bus/clock.ts";
import { giveBackLater } from "../../../bus/node/give-back.ts";

/** A process that uses `share` of a core, until told otherwise. */
function rig(share: number) {
  const clock = new SimulatedClock();
  const parts = { share, collected: 0, cpuMs: 0 };
  const cancel = giveBackLater({
    clock,
    cpuMs: () => parts.cpuMs,
    collect: () => void parts.collected++,
  });
  const run = (seconds: number): void => {
    for (let second = 0; second < seconds; second++) {
      parts.cpuMs += parts.share * 1_000;
      clock.advance(1_000);
    }
  };
  return { parts, run, cancel, clock };
}

describe("giving back what a start has left", () => {
  test("happens once, in the first quiet second after the start", () => {
    const { parts, run } = rig(0.01);
    run(5);
    expect(parts.collected).toBe(0);
    run(1);
    expect(parts.collected).toBe(1);
    run(100);
    expect(parts.collected).toBe(1);
  });

  test("waits while the process works", () => {
    const { parts, run } = rig(0.5);
    run(30);
    expect(parts.collected).toBe(0);
    parts.share = 0.01;
    run(2);
    expect(parts.collected).toBe(1);
  });

  test("leaves a process alone that is never quiet", () => {
    const { parts, run, clock } = rig(0.5);
    run(70);
    parts.share = 0;
    run(10);
    expect(parts.collected).toBe(0);
    expect(clock.pending).toBe(0);
  });

  test("can be called off", () => {
    const { parts, run, cancel } = rig(0);
    cancel();
    run(20);
    expect(parts.collected).toBe(0);
  });
});
