/** The table in machine.ts is the machine: every row holds, and every event that has no row does nothing. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type ChildEvent,
  childMachine,
  initialSnapshot,
  stateOf,
  step,
} from "../../bus/supervision/machine.ts";

interface Row {
  readonly state: string;
  readonly event: ChildEvent;
  readonly next: string;
  readonly effects: readonly string[];
}

const source = readFileSync(new URL("../../bus/supervision/machine.ts", import.meta.url), "utf8");
const rows: Row[] = [
  ...source.matchAll(/^ \* \| ([a-z-]+) +\| ([A-Z]+) +\| ([a-z-]+) +\| ([a-zA-Z, ]+?) +\|$/gm),
].map(([, state = "", event = "", next = "", effects = ""]) => ({
  state,
  event: event as ChildEvent,
  next,
  effects: effects.split(", "),
}));
const EVENTS: readonly ChildEvent[] = [
  "START",
  "READY",
  "MISSED",
  "ANSWERED",
  "SUSPEND",
  "RESUME",
  "FREEZE",
  "STOP",
  "RESTART",
  "PARK",
  "REST",
];

/** A snapshot in `state`, reached by walking the table. */
function reach(state: string) {
  const queue = [{ state: "dormant", path: [] as ChildEvent[] }];
  const seen = new Set(["dormant"]);
  for (let at = queue.shift(); at !== undefined; at = queue.shift()) {
    if (at.state === state) {
      return at.path.reduce((snapshot, event) => step(snapshot, event).snapshot, initialSnapshot());
    }
    for (const row of rows.filter((one) => one.state === at.state && !seen.has(one.next))) {
      seen.add(row.next);
      queue.push({ state: row.next, path: [...at.path, row.event] });
    }
  }
  throw new Error(`the table never reaches ${state}`);
}

test("the table names every state of the machine", () => {
  expect(new Set(rows.map((row) => row.state))).toEqual(new Set(Object.keys(childMachine.states)));
});

test.each(rows)("$state on $event goes to $next", ({ state, event, next, effects }) => {
  const moved = step(reach(state), event);
  expect(stateOf(moved.snapshot)).toBe(next);
  expect(moved.effects).toEqual(effects);
});

test("an event without a row changes nothing and has no effects", () => {
  for (const state of Object.keys(childMachine.states)) {
    const snapshot = reach(state);
    for (const event of EVENTS) {
      if (rows.some((row) => row.state === state && row.event === event)) continue;
      const moved = step(snapshot, event);
      expect({ state, event, next: stateOf(moved.snapshot), effects: moved.effects }).toEqual({
        state,
        event,
        next: state,
        effects: [],
      });
    }
  }
});

test("no sequence of events leaves the table", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 50 }), (events) => {
      let snapshot = initialSnapshot();
      for (const event of events) {
        const from = stateOf(snapshot);
        snapshot = step(snapshot, event).snapshot;
        const row = rows.find((one) => one.state === from && one.event === event);
        expect(stateOf(snapshot)).toBe(row?.next ?? from);
      }
    }),
  );
});
