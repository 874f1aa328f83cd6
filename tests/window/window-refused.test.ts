/** A window that cannot be opened: told at the first start, tried again once one has worked. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Display, startDisplay } from "./harness/display.ts";
import { DIST, makePlace, type Place } from "./harness/place.ts";
import { end, eventually, isAlive, nameOf, type Running, start } from "./harness/processes.ts";

let place: Place;
let display: Display;
let root: Running | undefined;

beforeEach(async () => {
  place = makePlace();
  display = await startDisplay(place.env);
});
afterEach(async () => {
  if (root !== undefined) await end(root);
  root = undefined;
  await place.end();
  await display.end();
});

/** Opens an instance whose window ends with the code of a display that is not there, once for each such file. */
function open(refuse: string): Running {
  const real = join(DIST, "bin/bulkhead-window");
  const refusal = `rm ${refuse}; echo "the display cannot be opened" >&2; exit 78`;
  const window = `#!/bin/sh\nif [ -e ${refuse} ]; then ${refusal}; fi\nexec ${real} "$@"\n`;
  const BULKHEAD_HOME = place.fakeHome({ "bin/bulkhead-window": window });
  const env = { ...display.env, BULKHEAD_HOME, BULKHEAD_FOREGROUND: "1" };
  root = start([place.program, "open", place.workspace], { env, cwd: place.workspace });
  return root;
}

const windows = (): number[] =>
  place.pids().filter((pid) => nameOf(pid) === "bulkhead-window" && isAlive(pid));

/** Whether the page has come: then the window counts as one that works. */
const pages = (): number[] => place.pids().filter((pid) => nameOf(pid) === "WebKitWebProces");

test("at the first start it ends the instance with the reason", async () => {
  const refuse = join(place.base, "refuse");
  writeFileSync(refuse, "");
  const { pid, stderr } = open(refuse);
  await eventually("the root has ended", () => (isAlive(pid) ? undefined : true));
  expect(stderr()).toContain("the display cannot be opened");
});

test("after one that worked it is tried again, and the instance lives", async () => {
  const refuse = join(place.base, "refuse");
  const { pid } = open(refuse);
  const [first] = await eventually("a window with its page", () =>
    pages().length > 0 ? windows() : undefined,
  );
  writeFileSync(refuse, "");
  process.kill(first as number, "SIGKILL");
  await eventually("it was refused", () => (existsSync(refuse) ? undefined : true));
  await eventually("another window is there", () =>
    windows().some((one) => one !== first) && pages().length > 0 ? true : undefined,
  );
  expect(isAlive(pid)).toBe(true);
  rmSync(refuse, { force: true });
});
