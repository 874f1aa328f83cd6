/** A wall clock that is set, forward or back: nothing waits longer, nothing is forgotten or killed for it. */
import { expect, test } from "vitest";
import { DEFAULT_POLICY } from "../../bus/supervision/policy.ts";
import { loadHistory, saveEnds } from "../../bus/supervision/saved.ts";
import { rig, spec } from "./rig.ts";

const HOUR_MS = 3_600_000;

test.each([HOUR_MS, -HOUR_MS])("a jump by %d ms leaves a delayed start where it was", (jumpMs) => {
  const one = rig([spec("a")]);
  one.bringUp();
  one.running("a").end({ code: 1 });
  expect(one.state("a")).toBe("backing-off");
  one.wallJumpMs = jumpMs;
  one.clock.advance(DEFAULT_POLICY.delay.firstMs - 1);
  expect(one.state("a")).toBe("backing-off");
  one.clock.advance(1);
  expect(one.state("a")).toBe("starting");
});

test.each([HOUR_MS, -HOUR_MS])("a jump by %d ms neither kills nor forgives", (jumpMs) => {
  const one = rig([spec("a")]);
  one.bringUp();
  for (let crash = 0; crash < 6; crash += 1) {
    one.wallJumpMs += jumpMs;
    one.running("a").end({ code: 1 });
    one.clock.advance(4_500);
    if (one.state("a") === "starting") one.ready("a");
  }
  expect(one.state("a")).toBe("parked");
});

test.each([HOUR_MS, -HOUR_MS])("a jump by %d ms lets a process that answers alone", (jumpMs) => {
  const one = rig([spec("a")]);
  one.bringUp();
  one.clock.advance(5_000);
  one.wallJumpMs = jumpMs;
  one.clock.advance(60_000);
  expect(one.state("a")).toBe("ready");
  expect(one.launched).toHaveLength(1);
});

test("ends that a jump back puts into the future count as now for the next hub", () => {
  const saved = { endsMs: [5_000, 9_000], attempt: 2, restarts: 2, epoch: 3, parked: null };
  expect(loadHistory(saved, 6_000, 100).endsMs).toEqual([-900, 100]);
  const history = { attempt: 2, endsMs: [50, 90] };
  expect(saveEnds(history, 1_000, 100)).toEqual([950, 990]);
});

test("a machine that slept finds nobody guilty: no check was made, none was missed", () => {
  const one = rig([spec("a")]);
  one.bringUp();
  one.clock.advance(3_500);
  // The monotonic clock of a machine stands still with it; the wall clock goes on.
  one.wallJumpMs = 8 * HOUR_MS;
  one.clock.advance(3_500);
  expect(one.state("a")).toBe("ready");
  expect(one.tales).toEqual([]);
});
