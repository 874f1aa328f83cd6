/** Opens the stage a victim is killed on. */
import { openBrowserStage } from "./browser-stage.ts";
import type { Stage } from "./stage.ts";
import type { Victim } from "./victim.ts";
import { openWindowStage } from "./window-stage.ts";

export async function openStage(victim: Victim): Promise<Stage> {
  switch (victim.stage) {
    case "browser":
      return await openBrowserStage();
    case "window":
      return await openWindowStage();
  }
}
