/**
 * The real app on a display of its own: root, hub, keeper, window, page, driven through WebKitWebDriver. Folders, bus
 * and display are the test's; `end` leaves no process and no file.
 */
import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Display, startDisplay } from "./display.ts";
import { type Driver, openSession } from "./driver.ts";
import { DIST, makePlace, type Place } from "./place.ts";
import { eventually, nameOf } from "./processes.ts";
import { evaluateIn, pressCloseIn } from "./remote.ts";

const PARTS = ["bin/bulkhead", "bin/bulkhead-window", "bin/bulkhead-keeper", "bin/bulkhead-launch"];
const BUNDLES = ["node/hub.mjs", "node/cli.mjs", "node/terminal.mjs", "ui/index.html"];
/** Longest run of the command line program, milliseconds. */
const COMMAND_MS = 30_000;

/** The page of ours, drawn: a frame only comes once the window is shown. */
const IS_SHOWN = `return document.getElementById("boot") !== null
  && document.visibilityState === "visible" && document.querySelector(".rail") !== null`;

/** How the app is started. */
export interface AppOptions {
  /** Content of settings.json. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Variables over the harness's own. */
  readonly env?: NodeJS.ProcessEnv;
}

/** A running app. `end` must be called whatever happens. */
export interface WindowApp extends Driver {
  /** Folder the shells start in. */
  readonly workspace: string;
  readonly runtimeDir: string;
  readonly stateDir: string;
  /** Variables for further programs on the same display. */
  readonly env: NodeJS.ProcessEnv;
  /** Pids of the app's processes by the kernel's name: `bulkhead`, `bulkhead-window`, `WebKitWebProces`. */
  pidsOf(name: string): number[];
  /**
   * Runs a function body in the page of `window/N` (1) beside WebDriver, whose session ends with the page's process.
   * It may return a promise.
   */
  evaluate<T>(body: string, window?: number): Promise<T>;
  /** The close button of `window/N` (1). */
  pressClose(window?: number): Promise<void>;
  /** Runs `bulkhead ARGS` on this instance and gives its output. */
  cli(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** What root, hub and window wrote into `root.log`. */
  log(): string;
  end(): Promise<void>;
}

/** Starts the app and waits until its page runs and its window is on the screen: before that it takes no click. */
export async function startApp(options: AppOptions = {}): Promise<WindowApp> {
  for (const part of [...PARTS, ...BUNDLES]) {
    const path = join(DIST, part);
    if (!existsSync(path)) throw new Error(`${path} is missing: npm run build`);
  }
  const place = makePlace(options.settings);
  let display: Display | undefined;
  try {
    const automation = { BULKHEAD_AUTOMATION: "1", BULKHEAD_FOREGROUND: "1" };
    display = await startDisplay({ ...place.env, ...automation, ...options.env });
    const driver = await openSession(display.driver, {
      binary: place.program,
      args: ["open", place.workspace],
    });
    const app = appOf(place, display, driver);
    await eventually("the window is on the screen", () =>
      app
        .execute<boolean>(IS_SHOWN)
        .then((booted) => booted || undefined)
        .catch(() => undefined),
    );
    return app;
  } catch (error) {
    await tearDown(place, display);
    throw error;
  }
}

function appOf(place: Place, display: Display, driver: Driver): WindowApp {
  const { runtimeDir, stateDir, workspace } = place;
  const socketOf = (window: number): string => join(runtimeDir, `test-window-${window}.sock`);
  return {
    ...driver,
    workspace,
    runtimeDir,
    stateDir,
    env: display.env,
    pidsOf: (name) => place.pids().filter((pid) => nameOf(pid) === name),
    evaluate: (body, window = 1) => evaluateIn(socketOf(window), body),
    pressClose: (window = 1) => pressCloseIn(socketOf(window)),
    cli: (...args) => runCommand(place, args, display.env),
    log: () => readFileSync(join(stateDir, "root.log"), "utf8"),
    async end() {
      await driver.quit().catch(() => undefined);
      await tearDown(place, display);
    },
  };
}

function runCommand(
  place: Place,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const options = { env, cwd: place.workspace, timeout: COMMAND_MS };
    execFile(place.program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      done({ code, stdout, stderr });
    });
  });
}

/** The instance with its shells, the display, then whatever is still there. */
async function tearDown(place: Place, display: Display | undefined): Promise<void> {
  await runCommand(place, ["quit", "--all"], display?.env ?? place.env);
  await display?.end();
  await place.end();
}
