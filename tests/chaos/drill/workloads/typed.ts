/** Typing: numbered lines into `cat`, and text into vim. What arrives is compared with what was typed. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Typist } from "../typist.ts";
import { pause } from "../wait.ts";
import type { Scene, Workload } from "../workload.ts";
import { start } from "./start.ts";

/** Lines of one drill: 28 drills make 1,000. */
const LINES = 36;
const LINE_PAUSE_MS = 60;
const SENTENCES = 20;
const SENTENCE_PAUSE_MS = 80;
const WORDS = ["lamp", "quartz", "window", "keeper", "byte", "(half)", "open;"] as const;

export const typedLines: Workload = {
  name: "typed",
  spanMs: LINES * LINE_PAUSE_MS,
  hasScreen: true,
  async begin(scene) {
    await start(scene, `echo rea""dy; cat > ${fileOf(scene)}`, "ready");
    typistOf.set(scene.seat, new Typist(scene.seat));
  },
  async during({ seat, random, number }) {
    const typist = typistOf.get(seat);
    for (let line = 0; line < LINES; line += 1) {
      await typist?.type(`${number * 1_000 + line}\n`);
      await pause(random.next() * LINE_PAUSE_MS);
    }
  },
  async finish(scene) {
    const { seat } = scene;
    await typistOf.get(seat)?.sign("end", "\n");
    await seat.stage.chord("Control+d");
    await seat.atPrompt();
    compare(scene, arrived(scene));
  },
};

export const editor: Workload = {
  name: "vim",
  spanMs: SENTENCES * SENTENCE_PAUSE_MS,
  hasScreen: true,
  async begin(scene) {
    await start(scene, `vim -u NONE -N -n -i NONE ${fileOf(scene)}`, "[New");
    await scene.seat.stage.type("i");
    typistOf.set(scene.seat, new Typist(scene.seat));
  },
  async during({ seat, random }) {
    const typist = typistOf.get(seat);
    for (let line = 0; line < SENTENCES; line += 1) {
      await typist?.type(`${line} ${random.pick(WORDS)} ${random.pick(WORDS)}\n`);
      await pause(random.next() * SENTENCE_PAUSE_MS);
    }
  },
  async finish(scene) {
    const { seat } = scene;
    await typistOf.get(seat)?.sign("end", "");
    await seat.caughtUp();
    for (const problem of await seat.screenProblems()) scene.tell(`in vim: ${problem}`);
    await seat.stage.chord("Escape");
    await seat.run(":wq");
    await seat.atPrompt();
    // vim ends the last line.
    compare(scene, arrived(scene).replace(/\n$/, ""));
  },
};

const typistOf = new WeakMap<Scene["seat"], Typist>();

function compare({ seat, tell }: Scene, got: string): void {
  const problem = typistOf.get(seat)?.problem(got);
  if (problem !== undefined) tell(problem);
}

function fileOf({ seat, number }: Scene): string {
  return join(seat.stage.folders.workspace, `typed-${number}`);
}

function arrived(scene: Scene): string {
  const path = fileOf(scene);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}
