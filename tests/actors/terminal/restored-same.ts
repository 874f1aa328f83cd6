/** A session fed to a terminal that sees everything, and to one that is restored: both must look the same. */
import { readScreen, storeScreen } from "../../../actors/terminal/checkpoint.ts";
import { ScreenStore } from "../../../actors/terminal/screen-store.ts";
import { SimulatedClock } from "../../../bus/clock.ts";
import { Onlooker, type Picture } from "./terminal-picture.ts";

const encoder = new TextEncoder();

function store(cols: number, rows: number, clock: SimulatedClock): ScreenStore {
  const quiet = { bell: () => undefined, osc: () => undefined };
  return new ScreenStore({ offset: 0, cols, rows, screen: null, clock }, quiet);
}

/** What happens to a session, in order. */
export interface Step {
  readonly text?: string;
  readonly size?: readonly [cols: number, rows: number];
  /** Write the screen down here, so that the next one builds on it, or on the terminal that still stands. */
  readonly checkpoint?: "standing" | "thrown away";
}

/** Both pictures of a session of 80 by 24: of a terminal that saw all, and of one restored at the end. */
export async function seenAndShown(
  steps: readonly Step[],
  scrollback = 0,
): Promise<{ readonly seen: Picture; readonly shown: Picture }> {
  const witness = new Onlooker(80, 24);
  const clock = new SimulatedClock();
  const kept = store(80, 24, clock);
  for (const step of steps) {
    if (step.text !== undefined) {
      await witness.write(step.text);
      kept.append(encoder.encode(step.text));
    }
    if (step.size !== undefined) {
      witness.resize(...step.size);
      kept.resized(...step.size);
    }
    if (step.checkpoint !== undefined) await kept.write();
    if (step.checkpoint === "thrown away") clock.advance(2000);
  }
  const screen = await kept.write();
  const stored = storeScreen(screen);
  const read = stored === undefined ? undefined : readScreen(stored);
  const restored = new Onlooker(screen.cols, screen.rows);
  await restored.write(read?.text ?? "");
  for (const slice of kept.history.slices(screen.offset)) await restored.write(slice);
  const pictures = {
    seen: await witness.look(scrollback),
    shown: await restored.look(scrollback),
  };
  witness.dispose();
  restored.dispose();
  kept.dispose();
  return pictures;
}
