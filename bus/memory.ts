/** A link inside one process: two ends, each the other's transport. Delivery is asynchronous, in order. */
import type { Transport } from "./transport.ts";

/** Queued bytes above which `write` asks for a pause. */
const HIGH_WATER_BYTES = 256 * 1024;

/** Two connected ends. What is written to one arrives at the other in a later microtask. */
export function memoryLink(): [Transport, Transport] {
  const left = new MemoryEnd();
  const right = new MemoryEnd();
  left.join(right);
  right.join(left);
  return [left, right];
}

class MemoryEnd implements Transport {
  onData: (chunk: Uint8Array) => void = () => {};
  onDrain: () => void = () => {};
  onClose: (error: Error | undefined) => void = () => {};
  #other: MemoryEnd | undefined;
  #queue: Uint8Array[] = [];
  #pendingBytes = 0;
  #paused = false;
  #scheduled = false;
  #wantsDrain = false;
  #state: "open" | "closing" | "closed" = "open";

  join(other: MemoryEnd): void {
    this.#other = other;
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  get isClosed(): boolean {
    return this.#state === "closed";
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  write(slices: readonly Uint8Array[]): boolean {
    if (this.#state !== "open") return true;
    for (const slice of slices) {
      if (slice.length === 0) continue;
      this.#queue.push(slice);
      this.#pendingBytes += slice.length;
    }
    this.#schedule();
    this.#wantsDrain = this.#pendingBytes > HIGH_WATER_BYTES;
    return !this.#wantsDrain;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#other?.wake();
  }

  close(): void {
    if (this.#state !== "open") return;
    this.#state = "closing";
    this.#schedule();
  }

  /** The other end reads again. */
  wake(): void {
    if (this.#queue.length > 0 || this.#state === "closing") this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    const other = this.#other;
    while (other !== undefined && !other.isPaused && this.#queue.length > 0) {
      const batch = this.#queue;
      this.#queue = [];
      this.#deliverBatch(batch, other);
    }
    if (this.#wantsDrain && this.#pendingBytes === 0) {
      this.#wantsDrain = false;
      this.onDrain();
    }
    if (this.#state === "closing" && this.#queue.length === 0) {
      this.end();
      other?.end();
    }
  }

  #deliverBatch(batch: Uint8Array[], other: MemoryEnd): void {
    for (const [index, slice] of batch.entries()) {
      if (other.isClosed) return;
      if (other.isPaused) {
        this.#queue = [...batch.slice(index), ...this.#queue];
        return;
      }
      this.#pendingBytes -= slice.length;
      other.onData(slice);
    }
  }

  /** Both directions are over. */
  end(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#queue = [];
    this.#pendingBytes = 0;
    this.onClose(undefined);
  }
}
