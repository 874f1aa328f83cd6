/** What keeps the window from opening is shown in a dialog: started from the desktop nobody reads stderr. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Display, startDisplay } from "./harness/display.ts";
import { makePlace, type Place } from "./harness/place.ts";
import { eventually } from "./harness/processes.ts";

let place: Place;
let display: Display | undefined;

beforeEach(() => {
  place = makePlace();
});
afterEach(async () => {
  await display?.end();
  display = undefined;
  await place.end();
});

/** Puts a program first in the PATH that writes its words into a file. */
function fakeProgram(name: string) {
  const [folder, words] = [join(place.base, "fakes"), join(place.base, `${name}.words`)];
  mkdirSync(folder, { recursive: true });
  const script = `#!/bin/sh\nprintf '%s\\n' "$@" > ${words}.new\nmv ${words}.new ${words}\n`;
  writeFileSync(join(folder, name), script, { mode: 0o755 });
  return {
    env: { PATH: `${folder}:/usr/bin:/bin` },
    said: () =>
      eventually(`${name} was asked to show something`, () =>
        existsSync(words) ? readFileSync(words, "utf8").replaceAll("\n", " ") : undefined,
      ),
  };
}

function open(env: NodeJS.ProcessEnv) {
  return spawnSync(place.program, ["open", place.workspace], {
    env: { ...place.env, ...env },
    cwd: place.workspace,
    encoding: "utf8",
    timeout: 60_000,
  });
}

/** A Node of another version, and no other to be found. */
function oldNode(): NodeJS.ProcessEnv {
  const node = join(place.base, "node");
  writeFileSync(node, "#!/bin/sh\necho v20.1.0\n", { mode: 0o755 });
  return { BULKHEAD_NODE: node, PATH: "/usr/bin:/bin" };
}

test("a Node that is too old is shown with the fix, and the caller is not kept waiting", async () => {
  display = await startDisplay(place.env);
  const { env } = display;
  const failed = open({ ...env, ...oldNode(), BULKHEAD_HOME: place.fakeHome({}) });
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("node is version 20");
  const xdotool = (...args: string[]) =>
    spawnSync("xdotool", args, { env, encoding: "utf8" }).stdout.trim();
  const dialogs = () => xdotool("search", "--onlyvisible", "--name", "^Bulkhead$");
  const dialog = await eventually("the dialog", () => dialogs().split("\n")[0] || undefined);
  xdotool("windowfocus", "--sync", dialog, "key", "--window", dialog, "Return");
  await eventually("it closes", () => (dialogs() === "" ? true : undefined));
});

test("a missing webview is named by whatever can show it", async () => {
  const linker = "error while loading shared libraries: libsoup-3.0.so.0: cannot open";
  const stub = `#!/bin/sh\necho "bulkhead-window: ${linker}" >&2\nexit 127\n`;
  const zenity = fakeProgram("zenity");
  const failed = open({
    ...zenity.env,
    BULKHEAD_HOME: place.fakeHome({ "bin/bulkhead-window": stub }),
    DISPLAY: ":61999",
  });
  expect(failed.status).toBe(1);
  for (const words of [failed.stderr, await zenity.said()]) {
    expect(words).toContain("webview (libsoup-3.0.so.0) is missing");
    expect(words).toContain("apt-get install libwebkit2gtk-4.1-0");
  }
});

test("a display that cannot be opened is named at once", () => {
  const failed = open({ DISPLAY: ":61999" });
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain(
    'the window cannot be opened: the display ":61999" cannot be opened. In a browser: bulkhead serve',
  );
});

test("without a display open names serve, and a desktop that shows notices is told", async () => {
  const notify = fakeProgram("notify-send");
  const failed = open(notify.env);
  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("bulkhead serve");
  expect(await notify.said()).toContain("there is no display here");
});
