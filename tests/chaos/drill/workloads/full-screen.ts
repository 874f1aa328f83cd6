/** Full-screen programs: a small one of our own that uses what is easily lost, and mc and htop. */
import { join } from "node:path";
import { pause } from "../wait.ts";
import type { Scene, Workload } from "../workload.ts";
import { start } from "./start.ts";

const FRAMES = 60;
const EVERY_MS = 30;
const PROGRAM = join(import.meta.dirname, "../../../fixtures/programs/full-screen.ts");
const KEYS = ["ArrowDown", "ArrowUp", "Tab", "PageDown", "Home"] as const;
const KEY_COUNT = 25;
const KEY_PAUSE_MS = 80;
/** How long htop runs, milliseconds. */
const HTOP_MS = 1_500;

export const fullScreen: Workload = {
  name: "full-screen",
  spanMs: FRAMES * EVERY_MS,
  hasScreen: true,
  begin: (scene) => start(scene, `node ${PROGRAM} ${FRAMES} ${EVERY_MS}`, "frame 1"),
  async finish(scene) {
    const { seat, random } = scene;
    const from = Math.max(0, seat.log.size - 65_536);
    await seat.written("all frames", () => seat.log.text(from).includes(`done ${FRAMES}`));
    await seat.caughtUp();
    await compareInside(scene);
    // Mouse mode and its encoding came back: a press is reported where it was.
    const [cols = 0, rows = 0] = await seat.size();
    // At the left, where no toast lies over it.
    const [column, row] = [random.between(2, Math.floor(cols / 3)), random.between(2, rows - 2)];
    // The middle of the cell: rows and columns of the page are no whole pixels.
    await seat.stage.click(seat.session, { x: (column - 0.5) / cols, y: (row - 0.5) / rows });
    const place = `pressed ${column};${row}`;
    await seat.written(`"${place}"`, () => seat.log.text(from).includes(place));
    await seat.stage.type("q");
    await seat.atPrompt();
  },
};

export const commander: Workload = {
  name: "mc",
  spanMs: KEY_COUNT * KEY_PAUSE_MS,
  hasScreen: true,
  begin: (scene) => start(scene, "mc --nosubshell /usr /etc", "\u001b[?1049h"),
  async during({ seat, random }) {
    for (let key = 0; key < KEY_COUNT; key += 1) {
      // Into a page that is just gone nobody can type.
      await seat.stage.chord(random.pick(KEYS)).catch(() => undefined);
      await pause(random.next() * KEY_PAUSE_MS);
    }
  },
  async finish(scene) {
    const { seat } = scene;
    await seat.focused();
    await seat.caughtUp();
    await compareInside(scene);
    // The way to F10 that no window manager takes, in one press: Escape and 0 apart must come within mc's second.
    await seat.stage.chord("Alt+0");
    await seat.atPrompt();
  },
};

export const htop: Workload = {
  name: "htop",
  spanMs: HTOP_MS,
  hasScreen: true,
  begin: (scene) => start(scene, "htop -d 2", "\u001b[?1049h"),
  async during() {
    await pause(HTOP_MS);
  },
  async finish(scene) {
    await scene.seat.focused();
    await compareInside(scene);
    await scene.seat.stage.type("q");
    await scene.seat.atPrompt();
  },
};

async function compareInside({ seat, tell }: Scene): Promise<void> {
  for (const problem of await seat.screenProblems()) tell(`in the program: ${problem}`);
}
