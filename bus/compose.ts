/** Builds outgoing frames: header, extension and value in one piece where they fit. */
import { encodeValue, RESERVE_BYTES_MAX } from "./codec.ts";
import {
  checkFrameBytes,
  composeFrame,
  type HeaderFields,
  NO_BYTES,
  writeHeader,
} from "./frame.ts";
import { HEADER_BYTES } from "./protocol.ts";

/**
 * Slices of a frame with a MessagePack payload; `undefined` is no payload.
 * @throws BusError `bus/invalid` when the value cannot be encoded, `bus/limit` when the frame is too long.
 */
export function frameOfValue(
  fields: HeaderFields,
  extension: Uint8Array,
  value: unknown,
): Uint8Array[] {
  const headBytes = HEADER_BYTES + extension.length;
  if (value === undefined) return composeFrame(fields, extension, []);
  if (headBytes > RESERVE_BYTES_MAX) return composeFrame(fields, extension, [encodeValue(value)]);
  const frame = encodeValue(value, headBytes);
  checkFrameBytes(frame.length);
  writeHeader(frame, fields, { length: frame.length, extensionBytes: extension.length });
  if (extension.length > 0) frame.set(extension, HEADER_BYTES);
  return [frame];
}

/** Slices of a frame whose payload is already bytes. */
export function frameOfBytes(fields: HeaderFields, payload: Uint8Array): Uint8Array[] {
  return composeFrame(fields, NO_BYTES, payload.length === 0 ? [] : [payload]);
}
