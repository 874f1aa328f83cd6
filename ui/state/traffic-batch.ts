/** Bytes of a tap cut into batches: `u32 little-endian length` and a MessagePack value, in any slicing. */
import { decodeValue } from "../../bus/codec.ts";
import type { FrameRecord, TapBatch } from "../../bus/contracts/hub.ts";
import { BATCH_BYTES_MAX } from "./traffic-limits.ts";

export interface BatchReader {
  /**
   * The batches that are whole with this chunk.
   * @throws Error when a length is over its bound or a batch is not what the contract says.
   */
  push(chunk: Uint8Array): readonly TapBatch[];
}

export function createBatchReader(): BatchReader {
  let rest = new Uint8Array(0);
  return {
    push: (chunk) => {
      const bytes = rest.length === 0 ? chunk : joined(rest, chunk);
      const batches: TapBatch[] = [];
      let at = 0;
      while (bytes.length - at >= 4) {
        const length = new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0, true);
        if (length > BATCH_BYTES_MAX) {
          throw new Error(
            `a tap batch has at most ${BATCH_BYTES_MAX} bytes, this one says ${length}`,
          );
        }
        if (bytes.length - at - 4 < length) break;
        batches.push(toBatch(decodeValue(bytes.subarray(at + 4, at + 4 + length))));
        at += 4 + length;
      }
      rest = bytes.slice(at);
      return batches;
    },
  };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

/** Checked by hand: the schema library takes longer for 50,000 records than a second has. */
function toBatch(value: unknown): TapBatch {
  if (!isObject(value)) throw new Error("a tap batch is not an object");
  const { missed, total, records } = value;
  if (typeof missed !== "number" || typeof total !== "number" || !Array.isArray(records)) {
    throw new Error("a tap batch lacks missed, total or records");
  }
  return { missed, total, records: records.map(toRecord) };
}

function toRecord(value: unknown): FrameRecord {
  if (!isFrameRecord(value)) throw new Error("a record of a tap batch does not fit its contract");
  return value;
}

/** Whether a value has the fields of a frame record in their types. */
export function isFrameRecord(value: unknown): value is FrameRecord {
  return (
    isObject(value) &&
    typeof value["record"] === "number" &&
    typeof value["atMs"] === "number" &&
    typeof value["source"] === "string" &&
    typeof value["destination"] === "string" &&
    typeof value["kind"] === "string" &&
    typeof value["subject"] === "string" &&
    typeof value["correlation"] === "number" &&
    typeof value["bytes"] === "number" &&
    typeof value["waitMs"] === "number" &&
    typeof value["status"] === "string" &&
    typeof value["trace"] === "string"
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
