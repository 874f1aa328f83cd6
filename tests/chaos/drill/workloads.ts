/** Which workloads run while a victim is killed. */
import type { Workload } from "./workload.ts";
import { agent } from "./workloads/agent.ts";
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
];
