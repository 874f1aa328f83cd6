/** The hostile drills, in the order they are run. */
import type { Soak } from "../soak/soak.ts";
import {
  hubCrowd,
  hubFlood,
  hubFrames,
  keeperCrowd,
  keeperFlood,
  keeperFrames,
} from "./attack-drills.ts";
import { httpCrowd, httpRequests } from "./http-drills.ts";
import { hubDeath } from "./hub-drills.ts";
import { orphansAtStart, orphansAtWork } from "./orphan-drills.ts";
import { rootLink } from "./root-drills.ts";

export const hostileDrills: readonly Soak[] = [
  hubFrames,
  keeperFrames,
  hubFlood,
  keeperFlood,
  hubCrowd,
  keeperCrowd,
  httpRequests,
  httpCrowd,
  orphansAtStart,
  orphansAtWork,
  hubDeath,
  rootLink,
];
