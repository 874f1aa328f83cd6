/** A program that draws as coding agents do: on the normal screen, synchronized, with pastes and focus reports. */
import { join } from "node:path";
import { Typist } from "../typist.ts";
import { pause } from "../wait.ts";
import type { Scene, Workload } from "../workload.ts";
import { start } from "./start.ts";

const PROGRAM = join(import.meta.dirname, "../../../fixtures/programs/agent-screen.ts");
const FRAMES = 40;
const FRAME_MS = 83;
/** Its screen changes between the normal and the alternate one so often. */
const TURNS = 6;
const LOOKED_BYTES = 65_536;
const PASTED = "two\nlines";

export const agent: Workload = {
  name: "agent",
  spanMs: FRAMES * FRAME_MS,
  hasScreen: true,
  begin: (scene) => start(scene, `node ${PROGRAM} ${FRAMES}`, "frame 1"),
  async during({ seat, random }) {
    for (let turn = 0; turn < TURNS; turn += 1) {
      await pause(random.next() * FRAMES * (FRAME_MS / TURNS));
      // Into a page that is just gone nobody can type.
      await seat.stage.type(turn % 2 === 0 ? "t" : "i").catch(() => undefined);
    }
  },
  async finish(scene) {
    const { seat } = scene;
    // Until a word is shown keys may be set aside, the one for the normal screen among them.
    await new Typist(seat).sign("end", "");
    await seat.stage.type("i");
    await told(scene, `done ${FRAMES}`);
    await seat.caughtUp();
    for (const problem of await seat.screenProblems()) scene.tell(`in the program: ${problem}`);
    await reports(scene);
    await seat.stage.type("q");
    // Once asked, once answered: a screen that is rebuilt asks nothing again.
    await told(scene, `pasted ${PASTED.length}, answers 1\r\n`);
    await seat.atPrompt();
  },
};

/** Modes that came back: the focus is reported, and a paste of two lines is taken as one, without a question. */
async function reports(scene: Scene): Promise<void> {
  const { stage, session } = scene.seat;
  let from = scene.seat.log.size;
  await stage.evaluate(() => (document.activeElement as HTMLElement | null)?.blur(), 0);
  await told(scene, "focus out", from);
  from = scene.seat.log.size;
  await stage.focus(session);
  await told(scene, "focus in", from);
  await stage.evaluate((text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", text);
    const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(event);
  }, PASTED);
  await told(scene, `pasted ${PASTED.length}`);
}

/** Waits until the program has written it behind this byte, or near the end. */
function told({ seat }: Scene, words: string, from = seat.log.size - LOOKED_BYTES): Promise<void> {
  const look = () => seat.log.text(Math.max(0, from)).includes(words);
  return seat.written(`"${words}"`, look);
}
