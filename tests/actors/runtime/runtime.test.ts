/** The parts of the runtime that need no process: environment, log lines, the pulse. */
import { expect, test } from "vitest";
import { readActorEnvironment } from "../../../actors/runtime/environment.ts";
import { exitCodeFor, PermanentError } from "../../../actors/runtime/errors.ts";
import { createLogger } from "../../../actors/runtime/log.ts";
import { startPulseMeter } from "../../../actors/runtime/pulse.ts";
import { SimulatedClock } from "../../../bus/clock.ts";

const GIVEN = {
  BULKHEAD_RUNTIME_DIR: "/r",
  BULKHEAD_STATE_DIR: "/s",
  BULKHEAD_CONFIG_DIR: "/c",
  BULKHEAD_WORKSPACE: "/w",
  BULKHEAD_MODE: "window",
  BULKHEAD_HOME: "/h",
  BULKHEAD_NODE: "/n",
  BULKHEAD_VERSION: "0.1.0",
};

test("the environment is read whole", () => {
  expect(readActorEnvironment(GIVEN)).toMatchObject({
    runtimeDir: "/r",
    instanceStateDir: "/s",
    mode: "window",
    drill: false,
  });
});

test.each(Object.keys(GIVEN))("a missing %s is named", (name) => {
  expect(() => readActorEnvironment({ ...GIVEN, [name]: undefined })).toThrow(
    `${name} is not set: actors are started by the hub, not by hand`,
  );
});

test("a mode that is none is named with what it may be", () => {
  expect(() => readActorEnvironment({ ...GIVEN, BULKHEAD_MODE: "tty" })).toThrow(
    'BULKHEAD_MODE is "tty", expected "window" or "browser"',
  );
});

test("a log entry is one line with its fields, and bounded", () => {
  const lines: string[] = [];
  const log = createLogger((line) => lines.push(line));
  log.info("ready", { shells: 3, name: 'a "b"', gone: undefined });
  log.error("two\nlines");
  log.warn("x".repeat(10_000));
  expect(lines[0]).toBe('info ready shells=3 name="a \\"b\\""\n');
  expect(lines[1]).toBe("error two\n  lines\n");
  expect(lines[2]?.length).toBe(4001);
});

test("the pulse says the worst delay since the last one, then begins anew", () => {
  const clock = new SimulatedClock();
  let lateMs = 0;
  const late = { now: () => clock.now() + lateMs, setTimer: clock.setTimer.bind(clock) };
  const meter = startPulseMeter(late, () => 42);
  clock.advance(500);
  expect(meter.take()).toEqual({ lagMs: 0, heapBytes: 42 });
  lateMs = 300;
  clock.advance(500);
  expect(meter.take().lagMs).toBe(300);
  expect(meter.take().lagMs).toBe(0);
  meter.stop();
  expect(clock.pending).toBe(0);
});

test("an error that another attempt cannot mend ends with code 78, any other with 1", () => {
  expect([
    exitCodeFor(new PermanentError("policy.json")),
    exitCodeFor(new Error("x")),
    exitCodeFor("x"),
  ]).toEqual([78, 1, 1]);
});
