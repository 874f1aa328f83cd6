/** Sixteen bytes as digits and characters: `68 69 0a ...  hi.` */

const ROW = 16;
const HALF = 8;

export function hexRow(bytes: Uint8Array): string {
  const part = [...bytes.subarray(0, ROW)];
  const digits = part.map((byte) => byte.toString(16).padStart(2, "0"));
  const halves = `${digits.slice(0, HALF).join(" ")}  ${digits.slice(HALF).join(" ")}`;
  const signs = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : "."));
  return `${halves.padEnd(49)}  ${signs.join("")}`;
}
