/** Opens the stage a victim is killed on, and ends what is open when the run itself is ended. */
import { openBrowserStage } from "./browser-stage.ts";
import type { Stage } from "./stage.ts";
import type { Victim } from "./victim.ts";
import { openWindowStage } from "./window-stage.ts";

/** Exit code of a run that was ended from outside, as a shell gives it for Ctrl+C. */
const INTERRUPTED = 130;

const open = new Set<Promise<Stage>>();

/** `endStage` must be called whatever happens. */
export function openStage(victim: Victim): Promise<Stage> {
  const opening = victim.stage === "browser" ? openBrowserStage() : openWindowStage();
  open.add(opening);
  opening.catch(() => open.delete(opening));
  return opening;
}

export async function endStage(stage: Stage): Promise<void> {
  await stage.end();
  for (const opening of open) {
    if ((await opening.catch(() => stage)) === stage) open.delete(opening);
  }
}

/** Ctrl+C and TERM leave no process of a drill behind. Once. */
export function endWithProcess(): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => void endAll());
  }
}

async function endAll(): Promise<void> {
  for (const opening of open) await opening.then(endStage).catch(() => undefined);
  process.exit(INTERRUPTED);
}
