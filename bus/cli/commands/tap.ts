/** `bulkhead tap`: frames as JSON lines while they pass. */
import * as v from "valibot";
import { decodeValue } from "../../codec.ts";
import { hub } from "../../contracts/index.ts";
import { TAP_QUEUE_BYTES_MAX } from "../../limits.ts";
import { type Invocation, wholeNumberFlag } from "../arguments.ts";
import { CommandError, Exit } from "../exit.ts";
import type { Session } from "../session.ts";

/** A tap as typed. */
export interface TapRequest {
  readonly filter: string;
  readonly past: boolean;
  /** 0 is endless. */
  readonly count: number;
}

const LENGTH_BYTES = 4;
const COUNT_MAX = 1_000_000_000;

/** Reads `[--filter EXPR] [--count N] [--past]`. */
export function readTapRequest(from: Invocation): TapRequest {
  return {
    filter: from.flags.get("filter") ?? "",
    past: from.flags.has("past"),
    count: wholeNumberFlag(from, "count", { min: 1, max: COUNT_MAX }) ?? 0,
  };
}

/** Prints until the count is reached, the hub ends or a person presses Ctrl+C. */
export async function tap(session: Session, request: TapRequest): Promise<void> {
  const { signal } = session.callOptions;
  const stream = await session.peer.open(hub.tap, request, session.callOptions);
  const stop = (): void => stream.reset({ code: "cli/stopped", message: "the person stopped it" });
  signal.addEventListener("abort", stop, { once: true });
  // Its end is told by the loop below; unheard it would be an unhandled rejection.
  stream.done.catch(() => undefined);
  try {
    await printRecords(session, stream, request.count || Number.POSITIVE_INFINITY);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function printRecords(
  session: Session,
  stream: AsyncIterable<Uint8Array>,
  count: number,
): Promise<void> {
  const batches = new BatchReader();
  let left = count;
  let missed = 0;
  for await (const chunk of stream) {
    for (const batch of batches.push(chunk)) {
      if (batch.missed > missed) {
        session.world.err(`${batch.missed - missed} frames were not captured`);
        missed = batch.missed;
      }
      for (const record of batch.records.slice(0, left)) session.outJson(record);
      left -= Math.min(left, batch.records.length);
      // No credit is granted while stdout is full: the hub drops and counts instead of us queueing.
      await session.world.drained();
    }
    if (left === 0) return;
  }
}

/** Cuts the byte stream of a tap into batches: `u32 little-endian length` and MessagePack. */
export class BatchReader {
  #waiting: Uint8Array = new Uint8Array(0);

  /**
   * Takes bytes in any slicing and returns the batches that are whole now.
   * @throws CommandError when a batch is longer than a tap's queue can hold
   */
  push(chunk: Uint8Array): hub.TapBatch[] {
    this.#waiting = Buffer.concat([this.#waiting, chunk]);
    const batches: hub.TapBatch[] = [];
    for (;;) {
      const bytes = this.#next();
      if (bytes === undefined) return batches;
      batches.push(v.parse(hub.TapBatch, decodeValue(bytes)));
    }
  }

  #next(): Uint8Array | undefined {
    const { byteOffset, byteLength, buffer } = this.#waiting;
    if (byteLength < LENGTH_BYTES) return undefined;
    const length = new DataView(buffer, byteOffset, byteLength).getUint32(0, true);
    if (length > TAP_QUEUE_BYTES_MAX) {
      throw new CommandError(
        Exit.failed,
        `tap: a batch of ${length} bytes, at most ${TAP_QUEUE_BYTES_MAX} are allowed`,
      );
    }
    const end = LENGTH_BYTES + length;
    if (byteLength < end) return undefined;
    const batch = this.#waiting.subarray(LENGTH_BYTES, end);
    this.#waiting = this.#waiting.subarray(end);
    return batch;
  }
}
