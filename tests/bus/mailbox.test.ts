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
    fc.assert(
      fc.property(fc.array(command, { maxLength: 400 }), (commands) => {
        const box = new Mailbox({ messages: 1e6, bytes: 1e9 });
        const control: Letter[] = [];
        const data: Letter[] = [];
        for (const step of commands) {
          if (step.do === "put") {
            const letter = letterOf(step.source, step);
            box.put(letter);
            (step.control ? control : data).push(letter);
          } else if (step.do === "take") {
            const expected = control.shift() ?? (step.lanes === "all" ? data.shift() : undefined);
            expect(box.take(step.lanes)).toBe(expected);
          } else {
            const all = [...control, ...data];
            const letter = all[step.index % Math.max(1, all.length)];
            if (letter === undefined) continue;
            box.remove(letter);
            for (const list of [control, data])
              if (list.includes(letter)) list.splice(list.indexOf(letter), 1);
          }
          expect([...box.letters()]).toEqual([...control, ...data]);
          expect(box.messages).toBe(control.length + data.length);
          expect(box.bytes).toBe([...control, ...data].reduce((sum, { bytes }) => sum + bytes, 0));
          expect(box.isEmpty("data")).toBe(data.length === 0);
        }
      }),
      { numRuns: 60 },
    );
  });
});
