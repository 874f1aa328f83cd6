/** A real instance, opened or served as a person does it, and the means to look into its page. */
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { eventually, isAlive, withVariable } from "../../window/harness/processes.ts";
import { evaluateIn } from "../../window/harness/remote.ts";
import { DIST, type Folders } from "./folders.ts";
import { endProgram, type Program, startProgram } from "./program.ts";

/** Longest time of `bulkhead quit --all`, milliseconds. */
const QUIT_MS = 20_000;

/** A running instance. `end` must be called whatever happens; the folders stay. */
export interface Instance {
  readonly root: Program;
  /** Address of the browser mode. Waits until it is printed. */
  url(): Promise<string>;
  end(): Promise<void>;
}

/** Starts `bulkhead open` or `bulkhead serve` on the folders. `env` comes over theirs. */
export function startInstance(
  mode: "open" | "serve",
  folders: Folders,
  env: NodeJS.ProcessEnv = {},
): Instance {
  const program = join(DIST, "bin/bulkhead");
  const all = { ...folders.env, ...env };
  const args = [mode, folders.workspace, "--runtime-dir", folders.runtimeDir];
  const root = startProgram(program, args, all);
  return {
    root,
    url: () => eventually("the address is known", () => addressOf(root)),
    async end() {
      await quit(program, folders, all);
      await endProgram(root);
      for (const pid of withVariable("XDG_RUNTIME_DIR", folders.marker)) {
        if (isAlive(pid)) process.kill(pid, "SIGKILL");
      }
    },
  };
}

/** Starts the window's process alone, without root and hub. */
export function startWindow(folders: Folders, env: NodeJS.ProcessEnv): Program {
  const args = ["--runtime-dir", folders.runtimeDir, "--name", "window/1"];
  return startProgram(join(DIST, "bin/bulkhead-window"), args, { ...folders.env, ...env });
}

/** Waits until the window's page exists, then runs `body` in it. */
export async function inPage<T>(runtimeDir: string, body: string): Promise<T> {
  const socket = join(runtimeDir, "test-window-1.sock");
  const isThere = "return document.getElementById('boot') !== null";
  await eventually("the page is loaded", async () => {
    if (!existsSync(socket)) return undefined;
    const loaded = await evaluateIn<boolean>(socket, isThere).catch(() => false);
    return loaded || undefined;
  });
  return evaluateIn<T>(socket, body);
}

function addressOf(root: Program): string | undefined {
  return /^http:\S+$/m.exec(root.stdout())?.[0];
}

function quit(program: string, folders: Folders, env: NodeJS.ProcessEnv): Promise<void> {
  const args = ["quit", "--all", "--runtime-dir", folders.runtimeDir];
  return new Promise((resolve) => {
    execFile(program, args, { env, cwd: folders.workspace, timeout: QUIT_MS }, () => resolve());
  });
}
