/** When the actor leaves. */
import { expect, test } from "vitest";
import { IDLE_MS, noticeIdle } from "../../../actors/git/idle.ts";
import { SimulatedClock } from "../../../bus/clock.ts";

test("it is idle after the last of its work, and not while one is under way", async () => {
  const clock = new SimulatedClock();
  let idle = 0;
  const busy = noticeIdle(clock, () => idle++);
  clock.advance(IDLE_MS - 1);
  const slow = Promise.withResolvers<number>();
  const [first, second] = [busy(() => slow.promise), busy(() => Promise.reject(new Error("x")))];
  await expect(second).rejects.toThrow("x");
  clock.advance(IDLE_MS * 2);
  expect(idle).toBe(0);
  slow.resolve(1);
  expect(await first).toBe(1);
  clock.advance(IDLE_MS - 1);
  expect(idle).toBe(0);
  clock.advance(1);
  expect(idle).toBe(1);
});
