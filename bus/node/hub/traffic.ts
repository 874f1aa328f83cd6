/** The middle of the hub: broker with its flight recorder, and the hub's own peer that serves taps. */
import { type Broker, createBroker } from "../../broker/index.ts";
import { systemClock } from "../../clock.ts";
import { tap } from "../../contracts/hub.ts";
import type { Peer } from "../../peer.ts";
import { Recorder } from "../../recorder.ts";
import { serveRecorder } from "../../tap.ts";

/** Recorded frames in a crash report. */
const CRASH_FRAMES_MAX = 64;

/** What the hub does when the broker tells something. */
export interface TrafficEvents {
  /** A message came for an actor that does not run. */
  needed(name: string): void;
  peersChanged(): void;
  /** The hub itself failed over a frame of `peer`, whose link is closed for it. */
  fault(peer: string, error: unknown): void;
}

/** Broker and peer. The broker is closed by whoever made this. */
export interface Traffic {
  readonly broker: Broker;
  readonly peer: Peer;
  /** Last frames from and to a process, oldest first, at most 64. */
  lastFrames(name: string): readonly unknown[];
}

/** Starts the broker of hub number `hubEpoch`. */
export async function startTraffic(hubEpoch: number, events: TrafficEvents): Promise<Traffic> {
  const recorder = new Recorder({
    clock: systemClock,
    names: {
      peer: (id) => broker.nameOf(id),
      subject: (id) => broker.subjects.nameOf(id),
    },
  });
  const broker: Broker = createBroker({
    hubEpoch,
    observer: recorder,
    // Not in this turn: the broker is in the middle of routing the message that needs it.
    onActorNeeded: (name) => queueMicrotask(() => events.needed(name)),
    onPeersChanged: () => events.peersChanged(),
    onFault: (name, error) => events.fault(name, error),
  });
  const peer = await broker.connectHub();
  // A tap that showed itself would never end.
  const subject = broker.subjects.intern(tap.subject);
  if (typeof subject === "object") recorder.hide(subject.id);
  const epochMs = Date.now() - systemClock.now();
  serveRecorder(peer, { recorder, clock: systemClock, epochMs, hubEpoch });
  return {
    broker,
    peer,
    lastFrames(name) {
      const id = broker.idOf(name);
      return id === undefined ? [] : recorder.lastFrames(id, CRASH_FRAMES_MAX);
    },
  };
}
