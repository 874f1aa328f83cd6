import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Letter, Mailbox } from "../../bus/broker/mailbox.ts";
import { makeFrame } from "../../bus/frame.ts";
import { CONTROL_LANE, Kind } from "../../bus/protocol.ts";

function letterOf(
  sourceId: number,
  options: { bytes?: number; control?: boolean; correlation?: number } = {},
): Letter {
  const codecLane = options.control === true ? CONTROL_LANE : 0;
  const frame = makeFrame(
    { kind: Kind.request, codecLane, correlation: options.correlation ?? 1 },
    new Uint8Array(0),
    [],
  );
  return {
    frame,
    bytes: options.bytes ?? 40,
    sourceId,
    subjectId: 1,
    arrivedMs: 0,
    endsAtMs: Number.POSITIVE_INFINITY,
    gone: false,
    onLeave: undefined,
  };
}

const command = fc.oneof(
  fc.record({
    do: fc.constant("put" as const),
    source: fc.integer({ min: 1, max: 3 }),
    control: fc.boolean(),
    bytes: fc.integer({ min: 40, max: 200 }),
  }),
  fc.record({
    do: fc.constant("take" as const),
    lanes: fc.constantFrom("all" as const, "control" as const),
  }),
  fc.record({ do: fc.constant("remove" as const), index: fc.nat(200) }),
);
type Command = typeof command extends fc.Arbitrary<infer T> ? T : never;

/** The obvious mailbox: two lists, searched from the front. */
class Lists {
  readonly box = new Mailbox({ messages: 1e6, bytes: 1e9 });
  readonly control: Letter[] = [];
  readonly data: Letter[] = [];

  run(step: Command): void {
    if (step.do === "put") this.put(letterOf(step.source, step), step.control);
    else if (step.do === "take") {
      const expected =
        this.control.shift() ?? (step.lanes === "all" ? this.data.shift() : undefined);
      expect(this.box.take(step.lanes)).toBe(expected);
    } else this.remove(step.index);
  }

  compare(): void {
    const all = [...this.control, ...this.data];
    expect([...this.box.letters()]).toEqual(all);
    expect(this.box.messages).toBe(all.length);
    expect(this.box.bytes).toBe(all.reduce((sum, { bytes }) => sum + bytes, 0));
    expect(this.box.isEmpty("data")).toBe(this.data.length === 0);
  }

  private put(letter: Letter, isControl: boolean): void {
    this.box.put(letter);
    (isControl ? this.control : this.data).push(letter);
  }

  private remove(index: number): void {
    const all = [...this.control, ...this.data];
    const letter = all[index % Math.max(1, all.length)];
    if (letter === undefined) return;
    this.box.remove(letter);
    const list = this.control.includes(letter) ? this.control : this.data;
    list.splice(list.indexOf(letter), 1);
  }
}

describe("a mailbox", () => {
  test("lets one sender take half, the next half of the rest, and so always leaves something", () => {
    const box = new Mailbox({ messages: 64, bytes: 1e9 });
    const taken = [1, 2, 3].map((sourceId) => {
      let count = 0;
      for (; box.hasRoom(sourceId, 40); count++) box.put(letterOf(sourceId));
      return count;
    });
    expect(taken).toEqual([32, 16, 8]);
    expect(box.hasRoom(4, 40)).toBe(true);
  });

  test("counts bytes as it counts messages, and lets one large message in", () => {
    const box = new Mailbox({ messages: 1_000, bytes: 1_000 });
    expect(box.hasRoom(1, 5_000)).toBe(true);
    box.put(letterOf(1, { bytes: 5_000 }));
    expect(box.hasRoom(1, 1)).toBe(false);
    expect(box.hasRoom(2, 1)).toBe(false);
    box.take("all");
    expect(box.hasRoom(2, 1)).toBe(true);
    expect(box.bytes).toBe(0);
  });

  test("behaves like two lists, whatever is put, taken and removed", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 400 }), (commands) => {
        const lists = new Lists();
        for (const step of commands) {
          lists.run(step);
          lists.compare();
        }
      }),
      { numRuns: 60 },
    );
  });
});
