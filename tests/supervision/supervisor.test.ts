/** The supervisor on a simulated clock: starts, ends, dependencies, acts, the orderly stop. */
import { describe, expect, test } from "vitest";
import { CHILDREN } from "../../bus/supervision/children.ts";
import { DEFAULT_POLICY } from "../../bus/supervision/policy.ts";
import { dependentsOf, lintSpecs } from "../../bus/supervision/spec.ts";
import { rig, spec } from "./rig.ts";

/** Lets promises that are settled already go on. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("starting", () => {
  test("a process is served only once it said ready", () => {
    const one = rig([spec("a")]);
    one.supervisor.start();
    expect(one.state("a")).toBe("starting");
    one.ready("a");
    expect(one.state("a")).toBe("ready");
    expect(one.states).toEqual([
      ["a", "absent"],
      ["a", "starting"],
      ["a", "ready"],
    ]);
  });

  test("a dependent waits for what it needs", () => {
    const one = rig([spec("a"), spec("b", { dependsOn: ["a"] })]);
    one.supervisor.start();
    expect([one.state("a"), one.state("b")]).toEqual(["starting", "dormant"]);
    one.ready("a");
    expect(one.state("b")).toBe("starting");
  });

  test("one that may start later does so, with what it needs, and sooner when a message comes", () => {
    const later = { startDelayMs: 2_500 };
    const specs = [spec("a", later), spec("b", { ...later, dependsOn: ["a"] }), spec("c", later)];
    const one = rig(specs);
    one.supervisor.start();
    one.clock.advance(2_499);
    expect(one.launched).toEqual([]);
    one.supervisor.need("c");
    expect(one.launched.map((started) => started.name)).toEqual(["c"]);
    one.clock.advance(1);
    one.ready("a");
    expect(one.launched.map((started) => started.name)).toEqual(["c", "a", "b"]);
  });

  test("one that was to start later does not when the hub stops before", async () => {
    const one = rig([spec("a", { startDelayMs: 2_500 })]);
    one.supervisor.start();
    await one.supervisor.stop("quit");
    one.clock.advance(10_000);
    expect(one.launched).toEqual([]);
  });

  test("a lazy process starts when it is needed, with what it needs", () => {
    const one = rig([spec("a", { lazy: true }), spec("b", { lazy: true, dependsOn: ["a"] })]);
    one.supervisor.start();
    expect(one.launched).toEqual([]);
    one.supervisor.need("b");
    expect(one.state("a")).toBe("starting");
    one.ready("a");
    expect(one.state("b")).toBe("starting");
  });

  test("a process that is not ready in time is killed with its stack taken", async () => {
    const one = rig([spec("a", { startTimeoutMs: 500 })]);
    one.supervisor.start();
    one.clock.advance(500);
    await settle();
    expect(one.crashes[0]).toMatchObject({ class: "start-timeout", stack: "at spin (x.js:1:1)" });
    expect(one.state("a")).toBe("backing-off");
  });

  test("a process that cannot be started backs off with the reason", () => {
    const one = rig([spec("a")]);
    one.failLaunch = "no such file";
    one.supervisor.start();
    one.clock.advance(0);
    expect(one.supervisor.child("a")?.reason).toBe("could not be started: no such file");
    one.failLaunch = undefined;
    one.clock.advance(250);
    expect(one.state("a")).toBe("starting");
  });
});

describe("an end", () => {
  test("is followed by a start at once when it had been ready 10 s", () => {
    const one = rig([spec("a")]);
    one.bringUp();
    one.clock.advance(10_000);
    one.running("a").end({ signal: "SIGSEGV" });
    expect(one.state("a")).toBe("backing-off");
    one.clock.advance(0);
    expect(one.state("a")).toBe("starting");
  });

  test("is told when the process is back, with the measured time", () => {
    const one = rig([spec("a")]);
    one.bringUp();
    one.clock.advance(10_000);
    one.running("a").end({ signal: "SIGSEGV" });
    one.clock.advance(140);
    one.ready("a");
    expect(one.tales).toEqual([
      expect.objectContaining({
        type: "restarted",
        durationMs: 140,
        class: "signal",
        crash: "crash-1",
      }),
    ]);
  });

  test("of a process that keeps crashing parks it, once", () => {
    const one = rig([spec("a")]);
    one.supervisor.start();
    for (let round = 0; round < 6; round += 1) {
      one.running("a").end({ code: 1 });
      one.clock.advance(round < 5 ? 250 * 2 ** round : 0);
    }
    expect(one.state("a")).toBe("parked");
    one.clock.advance(3_600_000);
    expect(one.launched.length).toBe(6);
    expect(one.tales).toEqual([
      expect.objectContaining({ type: "parked", why: "6 crashes in 30 s" }),
    ]);
  });

  test("that a drill makes from outside never parks", () => {
    const one = rig([spec("a")], { drill: true });
    one.bringUp();
    for (let round = 0; round < 20; round += 1) {
      one.running("a").end({ signal: "SIGKILL" });
      one.clock.advance(0);
      one.ready("a");
    }
    expect(one.state("a")).toBe("ready");
  });

  test("stops dependents in order and starts them after it", () => {
    const one = rig([spec("a"), spec("b", { dependsOn: ["a"] }), spec("c")]);
    one.supervisor.start();
    for (const name of ["a", "b", "c"]) one.ready(name);
    one.clock.advance(10_000);
    one.running("a").end({ signal: "SIGSEGV" });
    expect([one.state("a"), one.state("b"), one.state("c")]).toEqual([
      "backing-off",
      "stopping",
      "ready",
    ]);
    one.running("b").end({ code: 0 });
    one.clock.advance(0);
    expect(one.state("b")).toBe("backing-off");
    one.ready("a");
    expect(one.state("b")).toBe("starting");
    one.ready("b");
    expect(one.tales.map((tale) => tale.name)).toEqual(["a"]);
  });

  test("of one that has done its work is no recovery to tell of when it is needed again", () => {
    const policy = { ...DEFAULT_POLICY, restart: "transient" } as const;
    const one = rig([spec("a", { lazy: true, policy })]);
    one.supervisor.start();
    for (let round = 0; round < 10; round++) {
      one.supervisor.need("a");
      one.ready("a");
      one.running("a").end({ code: 0 });
      expect(one.state("a")).toBe("dormant");
    }
    expect(one.tales).toEqual([]);
  });
});

describe("silence", () => {
  test("of 5 checks takes the stack, of 10 kills, right after the start too", async () => {
    const one = rig([spec("a")]);
    one.answers = false;
    one.bringUp();
    // The first check pings; the next five find no answer.
    one.clock.advance(6000);
    expect(one.state("a")).toBe("unresponsive");
    await settle();
    one.clock.advance(5000);
    expect(one.crashes[0]).toMatchObject({ class: "watchdog", stack: "at spin (x.js:1:1)" });
  });

  test("that ends in time is forgotten", async () => {
    const one = rig([spec("a")]);
    one.answers = false;
    one.bringUp();
    one.clock.advance(6000);
    await settle();
    one.answers = true;
    one.supervisor.pulse("a", { lagMs: 6000 });
    expect(one.state("a")).toBe("ready");
    one.clock.advance(4000);
    expect(one.crashes).toEqual([]);
  });

  test("before it is ready is left to its start timeout", () => {
    const one = rig([spec("a")]);
    one.answers = false;
    one.supervisor.start();
    one.clock.advance(19_000);
    expect([one.state("a"), one.pings]).toEqual(["starting", []]);
    one.ready("a");
    one.clock.advance(6000);
    expect(one.state("a")).toBe("unresponsive");
  });

  test("of a paused or frozen process is none", () => {
    const one = rig([spec("a"), spec("b")]);
    one.answers = false;
    one.bringUp();
    one.supervisor.act("a", "suspend");
    one.supervisor.act("b", "freeze");
    one.clock.advance(600_000);
    expect([one.state("a"), one.state("b")]).toEqual(["suspended", "frozen"]);
    expect(one.running("b").signals).toEqual(["SIGSTOP"]);
  });
});

describe("memory", () => {
  test("over the soft limit sends shed once, over the hard limit kills and says so", () => {
    const one = rig([spec("a")]);
    one.bringUp();
    one.rss = 150;
    one.clock.advance(10_000);
    expect(one.controls).toEqual([["a", { op: "shed", rssBytes: 150, limitBytes: 100 }]]);
    one.rss = 250;
    one.clock.advance(5000);
    expect(one.crashes[0]).toMatchObject({ class: "out-of-memory" });
    expect(one.crashes[0]?.memory.at(-1)?.rssBytes).toBe(250);
  });
});

describe("a person", () => {
  test("kills as often as they like", () => {
    const one = rig([spec("a")]);
    one.bringUp();
    for (let round = 0; round < 50; round += 1) {
      expect(one.supervisor.act("a", "kill")).toBe(true);
      one.clock.advance(0);
      one.ready("a");
    }
    expect(one.state("a")).toBe("ready");
    expect(one.crashes).toEqual([]);
  });

  test("parks a process through STOP, SIGTERM and SIGKILL", () => {
    const one = rig([spec("a")]);
    one.bringUp();
    one.supervisor.act("a", "park");
    expect(one.controls).toEqual([
      ["a", { op: "stop", graceMs: 5000, reason: "stopped by a person" }],
    ]);
    const process = one.running("a");
    one.clock.advance(5000);
    expect(process.signals).toEqual(["SIGTERM"]);
    one.clock.advance(2000);
    // The last one is for what it leaves behind in its group.
    expect(process.signals).toEqual(["SIGTERM", "SIGKILL", "SIGKILL"]);
    expect(one.state("a")).toBe("parked");
  });

  test("starts a backing-off process now", () => {
    const one = rig([spec("a")]);
    one.supervisor.start();
    one.running("a").end({ code: 1 });
    expect(one.supervisor.act("a", "retry")).toBe(true);
    expect(one.state("a")).toBe("starting");
    one.clock.advance(10_000);
    expect(one.launched.length).toBe(2);
  });

  test("gets false for what a state does not offer, and nothing happens", () => {
    const one = rig([spec("a")]);
    one.bringUp();
    expect(one.supervisor.act("a", "resume")).toBe(false);
    expect(one.supervisor.act("nobody", "kill")).toBe(false);
    expect(one.state("a")).toBe("ready");
  });
});

describe("the orderly stop", () => {
  test("ends those that others need last, and starts nothing any more", async () => {
    const one = rig([spec("a"), spec("b", { dependsOn: ["a"] })]);
    one.supervisor.start();
    one.ready("a");
    one.ready("b");
    const stopped = one.supervisor.stop("quit");
    expect(one.controls.map(([name]) => name)).toEqual(["b"]);
    one.running("b").end({ code: 0 });
    one.clock.advance(20);
    await settle();
    expect(one.controls.map(([name]) => name)).toEqual(["b", "a"]);
    one.running("a").end({ code: 0 });
    one.clock.advance(20);
    await stopped;
    expect([one.state("a"), one.state("b")]).toEqual(["dormant", "dormant"]);
    expect(one.supervisor.act("a", "retry")).toBe(false);
    expect(one.clock.pending).toBe(0);
  });

  test("does not wait for a process that is still starting", async () => {
    const one = rig([spec("a")]);
    one.supervisor.start();
    const process = one.running("a");
    const stopped = one.supervisor.stop("quit");
    one.clock.advance(0);
    expect(process.signals).toEqual(["SIGTERM"]);
    process.end({ signal: "SIGTERM" });
    one.clock.advance(20);
    await stopped;
  });

  test("is bounded when a process cannot be killed", async () => {
    const one = rig([spec("a")]);
    one.bringUp();
    const process = one.running("a");
    process.end = () => undefined;
    const stopped = one.supervisor.stop("quit");
    one.clock.advance(8020);
    await stopped;
    expect(process.signals).toEqual(["SIGTERM", "SIGKILL"]);
  });
});

describe("what outlives the hub", () => {
  test("windows and epochs go on, a parked process stays parked", () => {
    const first = rig([spec("a"), spec("b")]);
    first.bringUp();
    first.running("a").end({ code: 1 });
    first.supervisor.act("b", "park");
    first.running("b").end({ code: 0 });
    const saved = first.saved();
    expect(saved.children["a"]).toMatchObject({ attempt: 1, restarts: 1, epoch: 1, parked: null });
    const second = rig([spec("a"), spec("b")], { saved });
    second.supervisor.start();
    expect([second.state("a"), second.state("b")]).toEqual(["starting", "parked"]);
    expect(second.running("a").epoch).toBe(2);
    expect(second.supervisor.child("a")?.history.endsMs.length).toBe(1);
  });
});

describe("the specs", () => {
  test("of the hub have nothing wrong", () => {
    expect(lintSpecs(CHILDREN)).toEqual([]);
  });

  test("that cannot work are refused with every problem named", () => {
    const bad = [
      spec("a", { dependsOn: ["b"] }),
      spec("a", { memory: { softBytes: 5, hardBytes: 5 }, startTimeoutMs: 0 }),
      spec("c", { policy: { ...DEFAULT_POLICY, limits: [] } }),
    ];
    expect(() => rig(bad)).toThrow(
      'processes refused: a: dependsOn "b" does not stand before it; a: the name is used twice; ' +
        "a: memory.softBytes 5 must lie between 0 and 5; a: startTimeoutMs is 0, expected more than 0; " +
        "c: limits is empty, expected at least one",
    );
  });

  test("give the dependents of a process, also through others", () => {
    const specs = [
      spec("a"),
      spec("b", { dependsOn: ["a"] }),
      spec("c", { dependsOn: ["b"] }),
      spec("d"),
    ];
    expect(dependentsOf(specs, "a")).toEqual(["b", "c"]);
  });
});
