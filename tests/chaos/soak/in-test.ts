/** A long drill made short for `npm test`. */
import type { SoakOptions } from "./soak.ts";

/** `count` of its unit, the seed fixed, its words dropped unless BULKHEAD_SOAK_WORDS is set. */
export function inTest(count: number): SoakOptions {
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  const isWanted = process.env["BULKHEAD_SOAK_WORDS"] !== undefined;
  return { count, seed: 1, report: isWanted ? report : () => undefined };
}
