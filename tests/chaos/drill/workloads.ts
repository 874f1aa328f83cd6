/** Which workloads run while a victim is killed. */

import type { Victim } from "./victim.ts";
import type { Workload } from "./workload.ts";
import { agent } from "./workloads/agent.ts";
import { document } from "./workloads/document.ts";
import { commander, fullScreen, htop } from "./workloads/full-screen.ts";
import { numbered, slow } from "./workloads/numbered.ts";
import { resizes } from "./workloads/resizes.ts";
import { tabs } from "./workloads/tabs.ts";
import { editor, typedLines } from "./workloads/typed.ts";

/** In the order they take turns. */
export const WORKLOADS: readonly Workload[] = [
  numbered,
  typedLines,
  fullScreen,
  slow,
  editor,
  tabs,
  resizes,
  commander,
  htop,
  agent,
  document,
];

/** Those under which this victim is killed. */
export function workloadsOf(victim: Victim, among: readonly Workload[]): readonly Workload[] {
  return among.filter(({ of = "shells" }) => of === victim.under);
}
