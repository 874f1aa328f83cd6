/** An opened instance in the real window, on a display of its own. Keys and clicks are the X server's. */
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Folders, makeFolders } from "../../bench/app/folders.ts";
import { type Instance, startInstance } from "../../bench/app/instance.ts";
import { type Display, startDisplay } from "../../window/harness/display.ts";
import { isAlive, nameOf, withVariable } from "../../window/harness/processes.ts";
import { evaluateIn } from "../../window/harness/remote.ts";
import { killQuietly } from "../hostile/whole.ts";
import { descendants } from "./census.ts";
import { makeLoggingShell } from "./shell-log.ts";
import { callOf, type Parts, type Stage } from "./stage.ts";
import { eventually, pause } from "./wait.ts";

const run = promisify(execFile);
/** Between two keys, milliseconds: what xdotool needs so that none is lost on its way to the X server. */
const KEY_MS = 4;
/** Longest answer of a page, milliseconds; one that dies meanwhile never answers. */
const ANSWER_MS = 5_000;
const X_NAMES: Readonly<Record<string, string>> = {
  Control: "ctrl",
  Enter: "Return",
  Shift: "shift",
  Alt: "alt",
  ArrowDown: "Down",
  ArrowUp: "Up",
  PageDown: "Next",
  Backspace: "BackSpace",
};

/** Starts `bulkhead open` under Xvfb; its first shell may not be there yet. */
export async function openWindowStage(): Promise<Stage> {
  const folders = makeFolders();
  const logs = join(folders.base, "shell");
  const shell = makeLoggingShell(logs);
  let display: Display | undefined;
  let desk: Desk | undefined;
  const end = async (): Promise<void> => {
    await desk?.end();
    await display?.end();
    folders.remove();
  };
  try {
    // Without the instance's mark: these processes are the drill's.
    display = await startDisplay({ PATH: folders.env["PATH"], HOME: folders.env["HOME"] });
    const { DISPLAY, DBUS_SESSION_BUS_ADDRESS } = display.env;
    const screen = { DISPLAY, DBUS_SESSION_BUS_ADDRESS };
    const quiet = { LIBGL_ALWAYS_SOFTWARE: "1", NO_AT_BRIDGE: "1", GDK_BACKEND: "x11" };
    desk = new Desk(folders, { ...screen, ...quiet, BULKHEAD_DRILL: "1", SHELL: shell });
    await desk.open();
    return stageOf(desk, { folders, logs, end });
  } catch (error) {
    await end();
    throw error;
  }
}

function stageOf(desk: Desk, rest: Pick<Stage, "folders" | "logs" | "end">): Stage {
  return {
    kind: "window",
    ...rest,
    get pages() {
      return desk.pages;
    },
    evaluate: (...call) => desk.evaluate(...call),
    async type(text) {
      await desk.xdotool("type", "--delay", String(KEY_MS), "--", text);
    },
    async chord(keys) {
      const names = keys.split("+").map((key) => X_NAMES[key] ?? key.replace(/^[A-Z]$/, lower));
      await desk.xdotool("key", "--delay", String(KEY_MS), names.join("+"));
    },
    async focus(session) {
      await desk.evaluate((id) => {
        const view = document.querySelector(`[data-testid="terminal-${id}"]`);
        view?.querySelector("textarea")?.focus();
      }, session);
    },
    async resize(width, height) {
      await desk.xdotool("windowsize", await desk.window(), String(width), String(height));
    },
    async click(session, at) {
      const [x = 0, y = 0] = await desk.evaluate(pointOf, { session, ...at });
      const place = [String(Math.round(x)), String(Math.round(y))];
      await desk.xdotool("mousemove", "--window", await desk.window(), ...place);
      await desk.xdotool("click", "1");
    },
    crashPage: () => desk.kill("WebKitWebProces"),
    killWindow: () => desk.kill("bulkhead-window"),
    killRoot: () => desk.killRoot((root) => [root]),
    killAll: () => desk.killRoot((root) => descendants(root, isKeeper)),
    said: () => desk.said(),
  };
}

function lower(letter: string): string {
  return letter.toLowerCase();
}

/** Runs inside of the page: where this part of the terminal lies. */
function pointOf(wish: { session: string; x: number; y: number }): number[] {
  const view = document.querySelector(`[data-testid="terminal-${wish.session}"] .xterm-screen`);
  const box = view?.getBoundingClientRect();
  if (box === undefined) throw new Error("the terminal is not on the screen");
  return [box.x + wish.x * box.width, box.y + wish.y * box.height];
}

/** A child of the root at first, and the parent of the shells. */
function isKeeper(pid: number): boolean {
  return nameOf(pid) === "bulkhead-keeper";
}

/** The instance and its window, one after the other. */
class Desk {
  pages = 0;
  readonly #folders: Folders;
  readonly #env: NodeJS.ProcessEnv;
  #instance: Instance | undefined;
  #window: string | undefined;

  constructor(folders: Folders, env: NodeJS.ProcessEnv) {
    this.#folders = folders;
    this.#env = env;
  }

  async open(): Promise<void> {
    this.#instance = startInstance("open", this.#folders, this.#env);
    await this.#newPage();
  }

  evaluate<A, T, P extends Parts>(
    body: (argument: A, parts: P) => T,
    argument: A,
    parts?: P,
  ): Promise<T> {
    const call = `return ${callOf(body, argument, parts)}`;
    const socket = join(this.#folders.runtimeDir, "test-window-1.sock");
    const late = pause(ANSWER_MS).then(() => {
      throw new Error(`the page did not answer in ${ANSWER_MS} ms`);
    });
    // In JSON nothing is null.
    const answer = evaluateIn<T | null>(socket, call).then((value) => value ?? (undefined as T));
    return Promise.race([answer, late]);
  }

  async xdotool(...args: readonly string[]): Promise<string> {
    const env = { ...process.env, DISPLAY: this.#env["DISPLAY"] };
    return (await run("xdotool", args, { env })).stdout.trim();
  }

  /** The window's number at the X server. */
  async window(): Promise<string> {
    this.#window ??= await eventually("the window is on the screen", async () => {
      const found = await this.xdotool("search", "--onlyvisible", "--name", "Bulkhead").catch(
        () => "",
      );
      return found.split("\n").at(-1) || undefined;
    });
    return this.#window;
  }

  /** Kills by the kernel's name of the process; another page comes. */
  async kill(name: string): Promise<number> {
    const [pid] = this.#pids(name);
    if (pid === undefined) throw new Error(`${name} does not run`);
    const killedMs = Date.now();
    process.kill(pid, "SIGKILL");
    this.pages += 1;
    await eventually(`${name} ${pid} has ended`, () => (isAlive(pid) ? undefined : true));
    await this.#newPage();
    return killedMs;
  }

  /** Kills these at once, waits until all of the root's children are gone, and opens the instance again. */
  async killRoot(victims: (root: number) => readonly number[]): Promise<number> {
    const root = this.#instance?.root.pid;
    if (root === undefined) throw new Error("the root does not run");
    const pids = victims(root);
    const killedMs = Date.now();
    for (const pid of pids) killQuietly(pid);
    this.pages += 1;
    await eventually("hub and window end with the root", () =>
      [...this.#pids("bulkhead-window"), ...this.#pids("WebKitWebProces")].length === 0
        ? true
        : undefined,
    );
    await this.open();
    return killedMs;
  }

  said(): string {
    const names = withVariable("XDG_RUNTIME_DIR", this.#folders.marker).map(
      (pid) => `${nameOf(pid)} ${pid}`,
    );
    return `running: ${names.join(", ")}; root: ${this.#instance?.root.stderr() ?? ""}`;
  }

  async end(): Promise<void> {
    await this.#instance?.end();
  }

  async #newPage(): Promise<void> {
    this.pages += 1;
    this.#window = undefined;
    await eventually("the page runs", () =>
      this.evaluate(() => (globalThis.bulkheadDrill === undefined ? undefined : true), 0).catch(
        () => undefined,
      ),
    );
    // There is no window manager that would give it the keys.
    await eventually("the window has the keys", async () => {
      const focus = await this.xdotool("windowfocus", "--sync", await this.window()).catch(() => {
        this.#window = undefined;
      });
      return focus === undefined ? undefined : true;
    });
  }

  #pids(name: string): number[] {
    const all = withVariable("XDG_RUNTIME_DIR", this.#folders.marker);
    return all.filter((pid) => nameOf(pid) === name && isAlive(pid));
  }
}
