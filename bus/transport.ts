/** What a link needs of the runtime below it. Node sockets, WebSockets, the window bridge and memory each give one. */

/** A byte pipe in both directions, already connected. Owned by the peer or broker that takes it. */
export interface Transport {
  /**
   * Queues the slices of one or more whole frames, in order. Slices must not be changed afterwards.
   * Never throws; a dead link reports through `onClose`.
   * @returns false when the receiver should pause: more than the transport's high-water mark waits.
   */
  write(slices: readonly Uint8Array[]): boolean;
  /** Bytes written and not yet taken by the operating system or the page. */
  readonly pendingBytes: number;
  /** Receives bytes in any slicing. Set once, before the first turn of the event loop. */
  onData: (chunk: Uint8Array) => void;
  /** Called when the queue has drained after `write` returned false. */
  onDrain: () => void;
  /** Called once. `error` is undefined for an orderly end. */
  onClose: (error: Error | undefined) => void;
  /** Stops or restarts the flow of incoming bytes, for back-pressure. */
  pause(): void;
  resume(): void;
  /** Flushes what is queued, then closes. Idempotent. */
  close(): void;
}
