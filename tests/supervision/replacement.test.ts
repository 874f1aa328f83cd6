/** A process is replaced while it serves: on a simulated clock, with every way in which it can go wrong. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { initialTransition, transition } from "xstate";
import {
  DRAIN_MS,
  type ReplacementEvent,
  replacementMachine,
} from "../../bus/supervision/replacement.ts";
import { type Rig, rig, spec } from "./rig.ts";

const CHANGE = {
  sandbox: { profile: "guard", reads: [], writes: ["/etc"] },
  env: { OUTSIDE: "[]" },
} as const;

/** A guard that serves, an editor that needs it, and a replacement under way. */
function begun(): { readonly at: Rig; readonly done: Promise<string> } {
  const at = rig([spec("guard"), spec("editor", { dependsOn: ["guard"] })]);
  at.bringUp();
  const done = at.supervisor.replace("guard", CHANGE).then(
    () => "done",
    (error: Error) => error.message,
  );
  return { at, done };
}

const settle = (): Promise<void> => new Promise((wake) => setImmediate(wake));
const epochs = ({ launched }: Rig): Array<readonly [string, number, boolean]> =>
  launched.map(({ name, epoch, alive }) => [name, epoch, alive]);

describe("the machine", () => {
  it("is what its table says, and knows nothing else", () => {
    const source = readFileSync(
      join(import.meta.dirname, "../../bus/supervision/replacement.ts"),
      "utf8",
    );
    const rows = [
      ...source.matchAll(/^ \* \| ([a-z-]+) +\| ([A-Z_]+) +\| ([a-z-]+) +\| (.*?) +\|$/gm),
    ];
    const events: ReplacementEvent[] = [
      "START",
      "READY",
      "NEXT_ENDED",
      "LATE",
      "TAKEN",
      "OLD_ENDED",
    ];
    const [initial] = initialTransition(replacementMachine);
    const told = new Set(rows.map(([, state, event]) => `${state} ${event}`));
    expect(rows.length).toBe(10);
    for (const [, state = "", event = "", next, effects] of rows) {
      const from = replacementMachine.resolveState({ value: state, context: {} });
      const [to, actions] = transition(replacementMachine, from, {
        type: event as ReplacementEvent,
      });
      expect([to.value, actions.map(({ type }) => type).join(", ")]).toEqual([next, effects]);
    }
    for (const state of ["idle", "starting", "handing-over", "draining"]) {
      for (const type of events) {
        const from = replacementMachine.resolveState({ value: state, context: {} });
        expect(from.can({ type })).toBe(told.has(`${state} ${type}`));
      }
    }
    expect(initial.value).toBe("idle");
  });
});

describe("a replacement", () => {
  it("starts the new process beside the old one, which serves until the new one has taken over", async () => {
    const { at, done } = begun();
    expect(epochs(at)).toEqual([
      ["guard", 1, true],
      ["editor", 1, true],
      ["guard-next", 2, true],
    ]);
    expect(at.launched[2]?.env).toEqual({ OUTSIDE: "[]", BULKHEAD_BESIDE: "1" });
    expect(at.swaps).toEqual([]);
    at.ready("guard-next");
    expect(await done).toBe("done");
    expect(at.swaps).toEqual([["guard", "guard-next"]]);
    expect(at.state("guard")).toBe("ready");
    expect(at.supervisor.child("guard")).toMatchObject({ epoch: 2, restarts: 1 });
    expect(at.controls).toMatchObject([["guard-next", { op: "stop" }]]);
    at.running("guard").end({ code: 0 });
    expect(epochs(at).filter(([, , alive]) => alive)).toEqual([
      ["editor", 1, true],
      ["guard-next", 2, true],
    ]);
    expect(at.state("editor")).toBe("ready");
    expect(at.tales).toEqual([]);
  });

  it("gives the old process 2 s for what it has begun, then ends it", async () => {
    const { at, done } = begun();
    at.busy = 1;
    at.ready("guard-next");
    await done;
    at.clock.advance(DRAIN_MS - 100);
    expect(at.controls).toEqual([]);
    at.clock.advance(200);
    expect(at.controls).toMatchObject([["guard-next", { op: "stop" }]]);
    at.clock.advance(1_100);
    expect(at.launched[0]?.signals).toEqual(["SIGKILL"]);
    expect(at.state("guard")).toBe("ready");
  });

  it("is over for the old process as soon as nothing is asked of it", async () => {
    const { at, done } = begun();
    at.busy = 1;
    at.ready("guard-next");
    await done;
    at.busy = 0;
    at.clock.advance(40);
    expect(at.controls).toHaveLength(1);
  });

  it.each([
    ["ends", (at: Rig) => at.running("guard-next").end({ code: 78 }), "ended: 78"],
    ["is silent", (at: Rig) => at.clock.advance(20_000), "was not ready within 20000 ms"],
  ])("leaves everything as it was when the new process %s", async (_what, go, says) => {
    const { at, done } = begun();
    go(at);
    expect(await done).toContain(says);
    expect(at.state("guard")).toBe("ready");
    expect(at.supervisor.child("guard")).toMatchObject({ epoch: 1, restarts: 0 });
    expect(at.supervisor.child("guard")?.spec.sandbox).toEqual({ open: "" });
    expect(epochs(at).filter(([, , alive]) => alive)).toHaveLength(2);
    const again = at.supervisor.replace("guard", CHANGE);
    at.ready("guard-next");
    await again;
  });

  it("does not switch when the old process cannot hand over", async () => {
    const { at, done } = begun();
    at.handOver = () => Promise.reject(new Error("silent"));
    at.ready("guard-next");
    expect(await done).toContain("could not hand over");
    expect(at.swaps).toEqual([]);
    expect(at.running("guard").epoch).toBe(1);
  });

  it("becomes a plain restart, with the new spec, when the old process dies meanwhile", async () => {
    const { at, done } = begun();
    at.running("guard").end({ signal: "SIGSEGV" });
    expect(await done).toBe("done");
    at.clock.advance(1_000);
    expect(at.running("guard").env).toEqual({ OUTSIDE: "[]" });
    expect(at.launched.filter(({ name, alive }) => name === "guard-next" && alive)).toEqual([]);
    at.ready("guard");
    expect(at.state("guard")).toBe("ready");
  });

  it("is no excuse for the new process: its end after the switch is an end like any other", async () => {
    const { at, done } = begun();
    at.ready("guard-next");
    await done;
    at.running("guard").end({ code: 0 });
    at.running("guard-next").end({ signal: "SIGSEGV" });
    expect(at.crashes).toMatchObject([{ name: "guard", epoch: 2, class: "signal" }]);
    at.clock.advance(1_000);
    expect(at.running("guard")).toMatchObject({ epoch: 3, env: { OUTSIDE: "[]" } });
  });

  it("is made one at a time, and again afterwards", async () => {
    const { at, done } = begun();
    await expect(at.supervisor.replace("guard", CHANGE)).rejects.toThrow("being replaced already");
    at.ready("guard-next");
    await done;
    await expect(at.supervisor.replace("guard", CHANGE)).rejects.toThrow("being replaced already");
    at.running("guard").end({ code: 0 });
    const second = at.supervisor.replace("guard", CHANGE);
    at.ready("guard-next");
    await second;
    expect(at.supervisor.child("guard")).toMatchObject({ epoch: 3, restarts: 2 });
    await settle();
  });

  it("leaves no process when the hub ends meanwhile", async () => {
    const { at } = begun();
    const stopped = at.supervisor.stop("quit");
    expect(at.launched[2]?.signals).toEqual(["SIGKILL"]);
    for (const one of at.launched) one.end({ code: 0 });
    at.clock.advance(100);
    await settle();
    for (const one of at.launched) one.end({ code: 0 });
    at.clock.advance(10_000);
    await stopped;
  });
});
