import { describe, expect, it } from "vitest";
import { COME_BACK_MS, ShownFiles } from "../../../actors/editor-sync/shown.ts";
import { SimulatedClock } from "../../../bus/clock.ts";

const never = new AbortController().signal;

function start() {
  const clock = new SimulatedClock();
  const shown = new ShownFiles(clock);
  clock.advance(COME_BACK_MS);
  const wait = (seen: "pending" | "open", timeoutMs = 25_000) =>
    shown.wait("/a", seen, { timeoutMs, signal: never });
  return { clock, shown, wait };
}

/** What a promise has settled with by now. */
async function now<T>(promise: Promise<T>): Promise<T | "not yet"> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  return Promise.race([promise, Promise.resolve("not yet" as const)]);
}

describe("a file that is waited for", () => {
  it("is pending until it is shown, and closed as soon as its tab is", async () => {
    const { shown, wait } = start();
    const first = wait("pending");
    expect(await now(first)).toBe("not yet");
    shown.came("/a");
    expect(await now(first)).toBe("open");
    const second = wait("open");
    expect(await now(second)).toBe("not yet");
    shown.went("/a", "closed");
    expect(await now(second)).toBe("closed");
  });

  it("stays open while a view that vanished may come back", async () => {
    const { clock, shown, wait } = start();
    shown.came("/a");
    const first = wait("open");
    shown.went("/a", "vanished");
    clock.advance(COME_BACK_MS - 1);
    expect(await now(first)).toBe("not yet");
    shown.came("/a");
    clock.advance(COME_BACK_MS);
    expect(await now(first)).toBe("not yet");
    shown.went("/a", "vanished");
    clock.advance(COME_BACK_MS);
    expect(await now(first)).toBe("closed");
  });

  it("is still open for one who saw it so when this process has just started", async () => {
    const clock = new SimulatedClock();
    const shown = new ShownFiles(clock);
    const wait = shown.wait("/a", "open", { timeoutMs: 25_000, signal: never });
    expect(await now(wait)).toBe("not yet");
    clock.advance(COME_BACK_MS);
    expect(await now(wait)).toBe("closed");
  });

  it("is answered as it is when the time of the call is over, or its caller went", async () => {
    const { clock, shown, wait } = start();
    const late = wait("pending", 1000);
    clock.advance(1000);
    expect(await now(late)).toBe("pending");
    const gone = new AbortController();
    const left = shown.wait("/a", "pending", { timeoutMs: 25_000, signal: gone.signal });
    gone.abort();
    expect(await now(left)).toBe("pending");
  });
});
