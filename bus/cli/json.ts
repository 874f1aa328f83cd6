/** Values of the bus as JSON: what JSON lacks is written in a readable form. */

/** One line of JSON. Bytes become `{"base64": ...}`, a BigInt its digits as text. */
export function toJsonLine(value: unknown): string {
  return JSON.stringify(value ?? null, spell);
}

/** The same over several lines, for people. */
export function toJsonText(value: unknown): string {
  return JSON.stringify(value ?? null, spell, 2);
}

function spell(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return { base64: Buffer.from(value).toString("base64") };
  return typeof value === "bigint" ? value.toString() : value;
}
