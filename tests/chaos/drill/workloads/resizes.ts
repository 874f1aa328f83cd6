/** A storm of resizes while a program prints. */
import { pause } from "../wait.ts";
import type { Scene, Workload } from "../workload.ts";
import { slowLines } from "./numbered.ts";
import { start } from "./start.ts";

const SIZES = 18;
const PAUSE_MS = 110;
const HOME = { width: 1000, height: 640 };

export const resizes: Workload = {
  name: "resizes",
  spanMs: SIZES * PAUSE_MS,
  // Lines are folded at other moments in page and mirror; what was printed is compared all the same.
  hasScreen: false,
  async begin(scene) {
    const first = scene.number * 1_000;
    await start(scene, slowLines(first, SIZES * 20, 6), `slow ${first}\r`);
  },
  async during({ seat, random }) {
    for (let count = 0; count < SIZES; count += 1) {
      const [width, height] = [random.between(520, 1300), random.between(360, 800)];
      await seat.stage.resize(width, height).catch(() => undefined);
      await pause(random.next() * PAUSE_MS);
    }
  },
  async finish(scene) {
    const { seat } = scene;
    await seat.stage.resize(HOME.width, HOME.height);
    await seat.atPrompt();
    await sameSize(scene);
    // A fresh screen on both sides for the drills that follow.
    await seat.run("printf '\\033c'");
    await seat.atPrompt();
  },
};

/** The program's terminal has the size of the page's. */
async function sameSize({ seat }: Scene): Promise<void> {
  await seat.focused();
  for (let attempt = 1; ; attempt += 1) {
    const from = seat.log.size;
    await seat.run("stty size");
    const told = /\u0007(\d+) (\d+)\r/;
    await seat.written("the size", () => told.test(seat.log.text(from)));
    const [, rows, cols] = told.exec(seat.log.text(from)) ?? [];
    await seat.atPrompt();
    const [wantedCols, wantedRows] = await seat.size();
    if (Number(rows) === wantedRows && Number(cols) === wantedCols) return;
    // The last size travels for a moment: the page waits until it is settled.
    if (attempt === 10)
      throw new Error(`stty says ${rows} ${cols}, the page ${wantedRows} ${wantedCols}`);
    await pause(200);
  }
}
