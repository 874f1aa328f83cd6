/** Sizes of a view and its session: the program hears of every size the view has had. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { BusCode, BusError } from "../../bus/errors.ts";
import type { Connection } from "../../ui/bus.ts";
import { type CellSize, SizeLink } from "../../ui/terminal/size-link.ts";

const HIGH = { cols: 80, rows: 24 };
const LOW = { cols: 80, rows: 23 };

let stop: AbortController;
beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => stop.abort());

/** A view and a session's end that fails as often as told. */
class Rig {
  standing: "ready" | "wait" | "over" = "ready";
  size: CellSize = HIGH;
  failures = 0;
  /** How often it was asked how it stands. */
  looks = 0;
  readonly asked: number[] = [];
  readonly link: SizeLink;

  constructor() {
    const request = async (_method: unknown, input: unknown): Promise<never> => {
      this.asked.push((input as CellSize).rows);
      this.failures -= 1;
      if (this.failures >= 0) throw new BusError(BusCode.down, "terminal is being restarted");
      return {} as never;
    };
    this.link = new SizeLink({
      connection: { request: request as Connection["request"] },
      session: "s",
      view: {
        standing: () => {
          this.looks += 1;
          return this.standing;
        },
        current: () => this.size,
        apply: (size) => {
          this.size = size;
        },
      },
      signal: stop.signal,
    });
  }
}

it("is taken by the view and told to the session together", async () => {
  const rig = new Rig();
  rig.link.set(LOW);
  await vi.waitFor(() => expect(rig.asked).toEqual([23]));
  expect(rig.size).toEqual(LOW);
});

it("is told until it is heard before the one that takes its place", async () => {
  const rig = new Rig();
  rig.link.set(HIGH);
  await vi.waitFor(() => expect(rig.asked).toEqual([24]));
  rig.failures = 2;
  rig.link.set(LOW);
  await vi.waitFor(() => expect(rig.size).toEqual(LOW));
  rig.link.set(HIGH);
  await vi.waitFor(() => expect(rig.size).toEqual(HIGH), 5_000);
  // Without the third 23 the program would never draw again what the view had cut off.
  expect(rig.asked).toEqual([24, 23, 23, 23, 24]);
});

it("is not taken while the view is away, and forgotten when it is taken back meanwhile", async () => {
  const rig = new Rig();
  rig.link.set(HIGH);
  await vi.waitFor(() => expect(rig.asked).toEqual([24]));
  rig.standing = "wait";
  rig.looks = 0;
  rig.link.set(LOW);
  await vi.waitFor(() => expect(rig.looks).toBeGreaterThan(2));
  expect([rig.size, rig.asked]).toEqual([HIGH, [24]]);
  rig.link.set({ cols: 100, rows: 30 });
  rig.standing = "ready";
  await vi.waitFor(() => expect(rig.asked).toEqual([24, 30]));
  expect(rig.size.rows).toBe(30);
});

it("is taken at once where no program is left to hear of it", async () => {
  const rig = new Rig();
  rig.standing = "over";
  rig.link.set(LOW);
  await vi.waitFor(() => expect(rig.size).toEqual(LOW));
  expect(rig.asked).toEqual([]);
});
