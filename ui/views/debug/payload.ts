/** The payload behind a row, or in words why there is none. */
import { decodeValue } from "../../../bus/codec.ts";
import { HubCode, recordPayload } from "../../../bus/contracts/hub.ts";
import { isBusError } from "../../../bus/errors.ts";
import { Codec } from "../../../bus/protocol.ts";
import type { Connection } from "../../bus.ts";
import type { Mask } from "../../state/traffic-row.ts";
import { bytesWords } from "../../state/traffic-words.ts";

export type Payload =
  | { readonly type: "value"; readonly value: unknown; readonly bytes: Uint8Array }
  | { readonly type: "bytes"; readonly bytes: Uint8Array; readonly why: string }
  | { readonly type: "none"; readonly why: string; readonly canRecord: boolean };

export interface PayloadRequest {
  readonly record: number;
  readonly hubEpoch: number;
  readonly mask: Mask;
}

/** Never rejects. */
export async function fetchPayload(
  connection: Connection,
  request: PayloadRequest,
): Promise<Payload> {
  const current = connection.ready()?.hubEpoch;
  if (request.mask === "secret") {
    return { type: "none", why: "Masked: what is typed is never recorded.", canRecord: false };
  }
  if (current !== undefined && request.hubEpoch !== current) {
    return {
      type: "none",
      why: "Recorded by an earlier hub, whose memory is gone.",
      canRecord: false,
    };
  }
  try {
    const { payload, codec, wholeBytes } = await connection.request(recordPayload, {
      record: request.record,
    });
    if (payload.length === 0) return empty(wholeBytes, request.mask);
    return toPayload(payload, codec, wholeBytes);
  } catch (error) {
    if (!isBusError(error, HubCode.notRecorded))
      return { type: "none", why: messageOf(error), canRecord: false };
    return empty(-1, request.mask);
  }
}

/** Decodes what was recorded; what was cut off can only be shown as bytes. */
export function toPayload(bytes: Uint8Array, codec: number, wholeBytes: number): Payload {
  if (bytes.length < wholeBytes) {
    const why = `The first ${bytesWords(bytes.length)} of ${bytesWords(wholeBytes)} were recorded.`;
    return { type: "bytes", bytes, why };
  }
  if (codec === Codec.raw)
    return { type: "bytes", bytes, why: `${bytesWords(bytes.length)}, raw.` };
  try {
    const value: unknown =
      codec === Codec.json ? JSON.parse(new TextDecoder().decode(bytes)) : decodeValue(bytes);
    return { type: "value", value, bytes };
  } catch (error) {
    return { type: "bytes", bytes, why: `It cannot be decoded: ${messageOf(error)}` };
  }
}

function empty(wholeBytes: number, mask: Mask): Payload {
  if (wholeBytes === 0) return { type: "none", why: "No payload.", canRecord: false };
  if (mask === "content")
    return { type: "none", why: "Contents of this kind are not recorded.", canRecord: true };
  return {
    type: "none",
    why: "Overwritten in the recorder, or without payload.",
    canRecord: false,
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
