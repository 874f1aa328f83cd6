/**
 * The real app on a display of its own: root, hub, keeper, window, page, driven through WebKitWebDriver. Folders, bus
 * and display are the test's; `end` leaves no process and no file.
 */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { type Display, startDisplay } from "./display.ts";
import { type Driver, openSession } from "./driver.ts";
import { eventually, isAlive, nameOf, withVariable } from "./processes.ts";
import { evaluateIn } from "./remote.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");
const PARTS = ["bin/bulkhead", "bin/bulkhead-window", "bin/bulkhead-keeper", "bin/bulkhead-launch"];
const BUNDLES = ["node/hub.mjs", "node/cli.mjs", "node/terminal.mjs", "ui/index.html"];
/** Longest run of the command line program, milliseconds. */
const COMMAND_MS = 30_000;

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
  /** Runs `bulkhead ARGS` on this instance and gives its output. */
  cli(...args: readonly string[]): Promise<{ code: number; stdout: string; stderr: string }>;
  /** What root, hub and window wrote into `root.log`. */
  log(): string;
  end(): Promise<void>;
}

/** Starts the app and waits until its page runs. */
export async function startApp(options: AppOptions = {}): Promise<WindowApp> {
  for (const part of [...PARTS, ...BUNDLES]) {
    const path = join(CHECKOUT, "dist", part);
    if (!existsSync(path)) throw new Error(`${path} is missing: npm run build`);
  }
  const folders = makeFolders(options);
  let display: Display | undefined;
  try {
    display = await startDisplay({ ...environment(folders), ...options.env });
    const driver = await openSession(display.driver, {
      binary: join(CHECKOUT, "dist/bin/bulkhead"),
      args: ["open", folders.workspace, "--runtime-dir", folders.runtimeDir],
    });
    const app = appOf(folders, display, driver);
    await eventually("the page has booted", () =>
      app
        .execute<true | undefined>("return document.getElementById('boot') ? true : undefined")
        .catch(() => undefined),
    );
    return app;
  } catch (error) {
    await tearDown(folders, display);
    throw error;
  }
}

interface Folders {
  readonly base: string;
  readonly workspace: string;
  readonly runtimeDir: string;
  readonly stateHome: string;
}

function makeFolders({ settings = {} }: AppOptions): Folders {
  const base = mkdtempSync(join(tmpdir(), "bh-w-"));
  for (const name of ["run", "config/bulkhead", "home", "orbit"]) {
    mkdirSync(join(base, name), { recursive: true, mode: 0o700 });
  }
  writeFileSync(join(base, "config/bulkhead/settings.json"), JSON.stringify(settings));
  writeFileSync(join(base, "home/.bashrc"), "PS1='$ '\n");
  return {
    base,
    workspace: join(base, "orbit"),
    runtimeDir: join(base, "run/one"),
    stateHome: join(base, "state"),
  };
}

/** Built up from nothing: what the person's own session exports must not change a test. */
function environment({ base, stateHome }: Folders): NodeJS.ProcessEnv {
  const node = dirname(process.execPath);
  return {
    PATH: `${node}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    HOME: join(base, "home"),
    LANG: "C.UTF-8",
    SHELL: "/bin/bash",
    XDG_RUNTIME_DIR: join(base, "run"),
    XDG_STATE_HOME: stateHome,
    XDG_CONFIG_HOME: join(base, "config"),
    XDG_CACHE_HOME: join(base, "cache"),
    XDG_DATA_HOME: join(base, "data"),
    BULKHEAD_AUTOMATION: "1",
    BULKHEAD_FOREGROUND: "1",
    BULKHEAD_NODE: process.execPath,
  };
}

function appOf(folders: Folders, display: Display, driver: Driver): WindowApp {
  const { runtimeDir, workspace, base } = folders;
  const ours = (): number[] => withVariable("XDG_RUNTIME_DIR", join(base, "run"));
  return {
    ...driver,
    workspace,
    runtimeDir,
    stateDir: stateDirOf(folders),
    env: display.env,
    pidsOf: (name) => ours().filter((pid) => nameOf(pid) === name),
    evaluate: (body, window = 1) =>
      evaluateIn(join(runtimeDir, `test-window-${window}.sock`), body),
    cli: (...args) => runCommand([...args, "--runtime-dir", runtimeDir], display.env, workspace),
    log: () => readFileSync(join(stateDirOf(folders), "root.log"), "utf8"),
    async end() {
      await driver.quit().catch(() => undefined);
      await tearDown(folders, display);
    },
  };
}

function stateDirOf({ stateHome, workspace }: Folders): string {
  const id = createHash("sha256").update(realpathSync(workspace)).digest("hex").slice(0, 16);
  return join(stateHome, "bulkhead", id);
}

function runCommand(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  cwd: string,
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done) => {
    const program = join(CHECKOUT, "dist/bin/bulkhead");
    execFile(program, args, { env, cwd, timeout: COMMAND_MS }, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === "number" ? error.code : 1;
      done({ code, stdout, stderr });
    });
  });
}

/** The instance with its shells, then whatever is still there with our runtime dir, then the folders. */
async function tearDown(folders: Folders, display: Display | undefined): Promise<void> {
  const { base, runtimeDir, workspace } = folders;
  const env = display?.env ?? environment(folders);
  await runCommand(["quit", "--all", "--runtime-dir", runtimeDir], env, workspace);
  await display?.end();
  for (const pid of withVariable("XDG_RUNTIME_DIR", join(base, "run"))) {
    if (isAlive(pid)) process.kill(pid, "SIGKILL");
  }
  rmSync(base, { recursive: true, force: true, maxRetries: 5 });
}
