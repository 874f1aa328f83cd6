/** The hook of the flight recorder. */
import type { Frame } from "../frame.ts";
import type { DeadLetter } from "../protocol.ts";

/** When a frame left, and how long it had waited in the hub. Reused for the next frame: copy what is kept. */
export interface SendNote {
  readonly nowMs: number;
  readonly waitMs: number;
}

/** What the flight recorder and the taps are told. Called for every frame: must be quick and must not throw. */
export interface FrameObserver {
  /** A frame leaves the hub; its header is as the receiver sees it. */
  onSent(frame: Frame, receiverId: number, note: SendNote): void;
  /** A frame ends in the hub itself: hello, subscribe, pong, an event nobody listens to. */
  onTaken(frame: Frame, sourceId: number, nowMs: number): void;
  /** A frame was not delivered. */
  onDead(frame: Frame, letter: DeadLetter, nowMs: number): void;
}
