/** Bytes as offsets, hexadecimal digits and characters. */
import type { JSX } from "solid-js";
import { hexLines } from "./hex-lines.ts";

/** Bytes shown; the recorder keeps 4 KiB of a payload, more are cut here. */
const BYTES_MAX = 16_384;

export function HexView(props: { bytes: Uint8Array }): JSX.Element {
  return (
    <pre class="hex" tabindex="0" aria-label="Bytes">
      {hexLines(props.bytes.subarray(0, BYTES_MAX)).join("\n")}
    </pre>
  );
}
