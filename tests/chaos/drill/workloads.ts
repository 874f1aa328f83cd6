/** Which workloads run while a victim is killed. */
import type { Victim } from "./victim.ts";
import type { Workload } from "./workload.ts";
import { numbered } from "./workloads/numbered.ts";

export const WORKLOADS: readonly Workload[] = [numbered];

/** In the order they take turns. */
export function workloadsOf(_victim: Victim): readonly Workload[] {
  return WORKLOADS;
}
