/** Waits of drills: always for a condition, always with an end. */

export { eventually } from "../../eventually.ts";

/** A length of time that is part of a drill, such as the moment of a kill. */
export function pause(ms: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, ms));
}
