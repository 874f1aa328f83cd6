/** How far output may run ahead of the screen that the keeper has. */
import { afterEach, beforeEach, expect, test } from "vitest";
import { OVERLOAD_BYTES, ScreenStore } from "../../../actors/terminal/screen-store.ts";
import { SimulatedClock } from "../../../bus/clock.ts";

const LINE = new TextEncoder().encode(`${"x".repeat(1_022)}\r\n`);

let store: ScreenStore;
beforeEach(() => {
  const clock = new SimulatedClock();
  const events = { bell: () => undefined, osc: () => undefined };
  store = new ScreenStore({ offset: 0, cols: 80, rows: 24, screen: null, clock }, events);
});
afterEach(() => store.dispose());

/** More than may run ahead. */
function flood(): void {
  for (let bytes = 0; bytes <= OVERLOAD_BYTES; bytes += LINE.length) store.append(LINE);
}

test("output waits for the keeper to have the screen, not only for its writing down", async () => {
  flood();
  expect([store.isDue, store.isOverloaded]).toEqual([true, true]);
  const { offset } = await store.write();
  expect([store.isDue, store.isOverloaded]).toEqual([false, true]);
  store.stored(offset);
  expect(store.isOverloaded).toBe(false);
});

test("output does not wait within a sequence that is longer than what may run ahead", () => {
  store.append(new TextEncoder().encode("\u001bP"));
  flood();
  expect(store.isOverloaded).toBe(false);
});
