/**
 * Gives back what a start has left. Node lets its heap grow while modules load and collects nothing before it is full
 * again, which in a quiet process is never: 3 to 4 MB of each. One full collection in a quiet second ends that.
 */
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Clock, systemClock } from "../clock.ts";

/** First look after the start, when it is over for sure, milliseconds. */
const FIRST_LOOK_MS = 5_000;
/** Between two looks, milliseconds. */
const LOOK_MS = 1_000;
/** Looks before a process that is never quiet is left alone. */
const LOOKS_MAX = 60;
/** Share of the time between two looks in which a quiet process may have run. */
const QUIET_SHARE = 0.25;

/** What giving back needs of the process. */
export interface GiveBackPorts {
  readonly clock: Clock;
  /** Processor time used so far, milliseconds. */
  cpuMs(): number;
  /** Collects everything; the event loop stands for 20 to 30 ms. */
  collect(): void;
}

const REAL: GiveBackPorts = {
  clock: systemClock,
  cpuMs() {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1_000;
  },
  collect() {
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    if (typeof collect === "function") collect({ type: "major", flavor: "last-resort" });
  },
};

/** Collects once, in the first quiet second from 5 s after the call on. @returns a function that calls it off. */
export function giveBackLater(ports: GiveBackPorts = REAL): () => void {
  let looks = 0;
  let beforeMs = Number.NEGATIVE_INFINITY;
  const look = (): void => {
    const nowMs = ports.cpuMs();
    if (nowMs - beforeMs <= QUIET_SHARE * LOOK_MS) return ports.collect();
    beforeMs = nowMs;
    looks++;
    if (looks < LOOKS_MAX) cancel = ports.clock.setTimer(LOOK_MS, look);
  };
  let cancel = ports.clock.setTimer(FIRST_LOOK_MS, look);
  return () => cancel();
}
