import fc from "fast-check";
import { expect, test } from "vitest";
import { FLOOD_BYTES, floodGate } from "../../ui/terminal/flood-gate.ts";

/** A gate before a parser that is run by hand. */
function gate() {
  const parser: Array<{ bytes: Uint8Array; done: () => void }> = [];
  const tasks: Array<() => void> = [];
  const write = floodGate(
    (bytes, done) => parser.push({ bytes, done }),
    (run) => tasks.push(run),
  );
  return {
    write: (length: number, done: () => void = () => undefined) =>
      write(new Uint8Array(length), done),
    sizes: () => parser.map(({ bytes }) => bytes.length),
    runTasks: () => {
      for (const run of tasks.splice(0)) run();
    },
    parse: () => {
      for (const { done } of parser.splice(0)) done();
    },
  };
}

test("an echo goes to the parser at once", () => {
  const { write, sizes } = gate();
  write(3);
  write(FLOOD_BYTES - 1);
  expect(sizes()).toEqual([3, FLOOD_BYTES - 1]);
});

test("the first chunk of a flood waits a task, and what comes meanwhile waits behind it", () => {
  const { write, sizes, runTasks, parse } = gate();
  write(FLOOD_BYTES);
  write(1);
  write(FLOOD_BYTES);
  expect(sizes()).toEqual([]);
  runTasks();
  expect(sizes()).toEqual([FLOOD_BYTES, 1, FLOOD_BYTES]);
  write(FLOOD_BYTES);
  expect(sizes()).toHaveLength(4);
  parse();
  write(FLOOD_BYTES);
  expect(sizes()).toEqual([]);
});

test("whatever comes when, everything reaches the parser in order and is told of once", () => {
  const step = fc.oneof(
    fc.integer({ min: 1, max: 2 * FLOOD_BYTES }),
    fc.constantFrom("tasks" as const, "parse" as const),
  );
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const { write, runTasks, parse } = gate();
      const told: number[] = [];
      let written = 0;
      for (const one of steps) {
        if (one === "tasks") runTasks();
        else if (one === "parse") parse();
        else {
          const number = written++;
          write(one, () => told.push(number));
        }
      }
      for (let round = 0; round < 2; round++) {
        runTasks();
        parse();
      }
      expect(told).toEqual(Array.from({ length: written }, (_, index) => index));
    }),
  );
});
