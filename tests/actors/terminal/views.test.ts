import { expect, test } from "vitest";
import { OUTPUT_WINDOW_BYTES } from "../../../actors/terminal/backend.ts";
import { HOLD_MS, Views } from "../../../actors/terminal/views.ts";
import { SimulatedClock } from "../../../bus/clock.ts";
import { TestView } from "./real-table.ts";

const NONE = new Uint8Array(0);
const KIB = 1024;

class Bench {
  readonly clock = new SimulatedClock();
  /** Offset up to which the program may go on. */
  granted = 0;
  head = 0;
  /** What was told of views coming and going. */
  readonly watched: Array<number | null> = [];
  readonly views = new Views(this.clock, {
    consumed: (offset) => {
      this.granted = Math.max(this.granted, offset);
    },
    watched: (seenTo) => this.watched.push(seenTo),
  });

  add(source: string, visibility: "visible" | "hidden", restore: Uint8Array = NONE): TestView {
    const stream = new TestView("when-told");
    const visible = visibility === "visible";
    this.views.add({ stream, source, visible, restore, offset: this.head, backlog: [] });
    return stream;
  }

  put(bytes: number): void {
    this.head += bytes;
    this.views.deliver(new Uint8Array(bytes), this.head);
  }
}

const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

test("what the only visible view has consumed is granted, nothing more", () => {
  const bench = new Bench();
  const view = bench.add("ui/1", "visible");
  bench.put(1000);
  expect([view.bytes, bench.granted]).toEqual([1000, 0]);
  view.consume(400);
  expect(bench.granted).toBe(400);
});

test("the last view that goes leaves behind what it had shown", async () => {
  const bench = new Bench();
  const first = bench.add("ui/1", "visible");
  const second = bench.add("ui/2", "visible");
  bench.put(1000);
  first.consume(1000);
  second.consume(400);
  first.reset({ code: "bus/closed" });
  await settled();
  expect(bench.watched).toEqual([null]);
  second.reset({ code: "bus/closed" });
  await settled();
  expect(bench.watched).toEqual([null, 400]);
  bench.add("ui/3", "visible");
  expect(bench.watched).toEqual([null, 400, null]);
});

test("a view that joins with all output so far lets the program go on at once", () => {
  const bench = new Bench();
  // What an actor before this one had shown: the program waits for a grant, so nothing new will come.
  bench.head = OUTPUT_WINDOW_BYTES;
  bench.add("ui/1", "visible");
  expect(bench.granted).toBe(OUTPUT_WINDOW_BYTES);
});

test("of two visible views the fastest decides", () => {
  const bench = new Bench();
  const fast = bench.add("ui/1", "visible");
  const slow = bench.add("ui/2", "visible");
  bench.put(1000);
  slow.consume(10);
  fast.consume(900);
  slow.consume(10);
  expect(bench.granted).toBe(900);
});

test("a hidden view holds nothing back beside a visible one", () => {
  const bench = new Bench();
  bench.add("ui/1", "hidden");
  const seen = bench.add("ui/2", "visible");
  bench.put(1000);
  seen.consume(1000);
  expect(bench.granted).toBe(1000);
});

test("the restore part is not output: consuming it grants nothing", () => {
  const bench = new Bench();
  const view = bench.add("ui/1", "visible", new Uint8Array(500));
  bench.put(100);
  view.consume(500);
  expect(bench.granted).toBe(0);
  view.consume(100);
  expect(bench.granted).toBe(100);
});

test("a view more than two windows behind is left out and rebuilt when it has consumed what it got", () => {
  const bench = new Bench();
  const fast = bench.add("ui/1", "visible");
  const slow = bench.add("ui/2", "visible");
  for (let i = 0; i < 20; i++) {
    bench.put(64 * KIB);
    fast.consume(64 * KIB);
  }
  expect(slow.bytes).toBeLessThanOrEqual(2 * OUTPUT_WINDOW_BYTES);
  expect(slow.resetCode).toBeUndefined();
  slow.consume(slow.bytes);
  expect(slow.resetCode).toBe("terminal/view-behind");
  expect(fast.bytes).toBe(20 * 64 * KIB);
});

test("with hidden views only the program runs on, after the time to reconnect", () => {
  const bench = new Bench();
  const hidden = bench.add("ui/1", "hidden");
  bench.put(1000);
  expect(bench.granted).toBe(0);
  bench.clock.advance(HOLD_MS);
  expect(bench.granted).toBe(1000);
  for (let i = 0; i < 10; i++) bench.put(64 * KIB);
  expect(bench.granted).toBe(bench.head);
  expect(hidden.bytes).toBeLessThanOrEqual(2 * OUTPUT_WINDOW_BYTES + 1000);
});

test("a hidden view that was left out is rebuilt when the output is quiet", () => {
  const bench = new Bench();
  const hidden = bench.add("ui/1", "hidden");
  bench.clock.advance(HOLD_MS);
  for (let i = 0; i < 10; i++) bench.put(64 * KIB);
  bench.clock.advance(150);
  bench.put(10);
  bench.clock.advance(150);
  expect(hidden.resetCode).toBeUndefined();
  bench.clock.advance(60);
  expect(hidden.resetCode).toBe("terminal/view-behind");
});

test("a hidden view that was left out is rebuilt when it is shown", () => {
  const bench = new Bench();
  const hidden = bench.add("ui/1", "hidden");
  bench.clock.advance(HOLD_MS);
  for (let i = 0; i < 10; i++) bench.put(64 * KIB);
  hidden.consume(hidden.bytes);
  bench.views.setVisible("ui/2", true);
  expect(hidden.resetCode).toBeUndefined();
  bench.views.setVisible("ui/1", true);
  expect(hidden.resetCode).toBe("terminal/view-behind");
});

test("a program is held while the view that held it may come back, then runs on", async () => {
  const bench = new Bench();
  const view = bench.add("ui/1", "visible");
  bench.put(1000);
  view.consume(300);
  view.vanish();
  await settled();
  expect([bench.views.count, bench.granted]).toEqual([0, 300]);
  bench.clock.advance(HOLD_MS - 1);
  expect(bench.granted).toBe(300);
  bench.clock.advance(1);
  expect(bench.granted).toBe(1000);
});

test("a view that comes back in time takes the hold over", async () => {
  const bench = new Bench();
  const first = bench.add("ui/1", "visible");
  bench.put(1000);
  first.consume(300);
  first.vanish();
  await settled();
  const stream = new TestView("when-told");
  const backlog = [new Uint8Array(700)];
  bench.views.add({ stream, source: "ui/1", visible: true, restore: NONE, offset: 300, backlog });
  bench.clock.advance(2 * HOLD_MS);
  expect(bench.granted).toBe(300);
  stream.consume(700);
  expect(bench.granted).toBe(1000);
});

test("a view that joins far behind is not judged by its backlog", () => {
  const bench = new Bench();
  bench.clock.advance(HOLD_MS);
  bench.put(3 * OUTPUT_WINDOW_BYTES);
  const stream = new TestView("when-told");
  const backlog = [new Uint8Array(3 * OUTPUT_WINDOW_BYTES)];
  bench.views.add({ stream, source: "ui/1", visible: true, restore: NONE, offset: 0, backlog });
  bench.put(1000);
  expect(stream.bytes).toBe(3 * OUTPUT_WINDOW_BYTES + 1000);
});

test("a program that is to end is held by no view any more", () => {
  const bench = new Bench();
  bench.add("ui/1", "visible");
  bench.put(1000);
  bench.views.runOn();
  expect(bench.granted).toBe(1000);
  bench.put(500);
  expect(bench.granted).toBe(1500);
});

test("the end comes after all output, and rebuilds who was left out", async () => {
  const bench = new Bench();
  const view = bench.add("ui/1", "visible");
  const hidden = bench.add("ui/2", "hidden");
  for (let i = 0; i < 10; i++) {
    bench.put(64 * KIB);
    view.consume(64 * KIB);
  }
  const exit = { code: 0, signal: null, ranMs: 1 };
  bench.views.finish(exit);
  await settled();
  expect(view.ended).toEqual(exit);
  expect(hidden.resetCode).toBe("terminal/view-behind");
  expect(bench.clock.pending).toBe(0);
});
