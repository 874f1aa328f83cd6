/** A good client that goes on working while somebody else attacks. */

/** Between two calls, milliseconds: it must not be the load itself. */
const PAUSE_MS = 5;

/** What it saw. */
export interface Sight {
  readonly calls: number;
  readonly slowestMs: number;
  readonly failures: readonly string[];
}

/** Repeats `call` until `stop`; a call that throws is a failure, and it goes on. */
export function startBystander(call: (turn: number) => Promise<void>): {
  stop(): Promise<Sight>;
} {
  const failures: string[] = [];
  let calls = 0;
  let slowestMs = 0;
  let isOver = false;
  const run = async (): Promise<void> => {
    while (!isOver) {
      const fromMs = performance.now();
      try {
        await call(calls);
      } catch (error) {
        if (failures.length < 10) failures.push(`call ${calls}: ${String(error)}`);
      }
      calls += 1;
      slowestMs = Math.max(slowestMs, performance.now() - fromMs);
      await new Promise((wake) => setTimeout(wake, PAUSE_MS));
    }
  };
  const running = run();
  return {
    async stop() {
      isOver = true;
      await running;
      return { calls, slowestMs, failures };
    },
  };
}
