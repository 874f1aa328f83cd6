/** The long drills, in the order they are run. */
import { farOffsets } from "./far-offsets.ts";
import { fastExits } from "./fast-exits.ts";
import { flood } from "./flood.ts";
import { openClose } from "./open-close.ts";
import type { Soak } from "./soak.ts";

export type { Soak, SoakOptions, SoakResult } from "./soak.ts";

export const soaks: readonly Soak[] = [fastExits, openClose, flood, farOffsets];
