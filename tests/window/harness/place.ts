/** Folders and variables of one test, apart from everything of the person's; `end` leaves no process and no file. */
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { isAlive, withVariable } from "./processes.ts";

const CHECKOUT = resolve(import.meta.dirname, "../../..");
/** What is built; see `npm run build`. */
export const DIST = join(CHECKOUT, "dist");

/** Where an app of a test lives. */
export interface Place {
  readonly base: string;
  readonly workspace: string;
  /** The one the root chooses by itself. */
  readonly runtimeDir: string;
  readonly stateDir: string;
  readonly env: NodeJS.ProcessEnv;
  /** The root's program. */
  readonly program: string;
  /** Every process with this place's variables. */
  pids(): number[];
  /** A `BULKHEAD_HOME` like the real one, but for these files. */
  fakeHome(files: Readonly<Record<string, string>>): string;
  /** Kills what is left and removes the folders. */
  end(): Promise<void>;
}

/** Makes the folders, with this settings.json. */
export function makePlace(settings: Readonly<Record<string, unknown>> = {}): Place {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "bh-w-")));
  for (const name of ["run", "config/bulkhead", "home", "orbit"]) {
    mkdirSync(join(base, name), { recursive: true, mode: 0o700 });
  }
  writeFileSync(join(base, "config/bulkhead/settings.json"), JSON.stringify(settings));
  writeFileSync(join(base, "home/.bashrc"), "PS1='$ '\n");
  const workspace = join(base, "orbit");
  const id = createHash("sha256").update(workspace).digest("hex").slice(0, 16);
  const pids = (): number[] => withVariable("XDG_RUNTIME_DIR", join(base, "run"));
  return {
    base,
    workspace,
    runtimeDir: join(base, "run/bulkhead", id),
    stateDir: join(base, "state/bulkhead", id),
    env: environment(base),
    program: join(DIST, "bin/bulkhead"),
    pids,
    fakeHome: (files) => fakeHome(base, files),
    async end() {
      for (const pid of pids().filter(isAlive)) process.kill(pid, "SIGKILL");
      rmSync(base, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Built up from nothing: what the person's own session exports must not change a test. */
function environment(base: string): NodeJS.ProcessEnv {
  return {
    PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
    HOME: join(base, "home"),
    LANG: "C.UTF-8",
    SHELL: "/bin/bash",
    XDG_RUNTIME_DIR: join(base, "run"),
    XDG_STATE_HOME: join(base, "state"),
    XDG_CONFIG_HOME: join(base, "config"),
    XDG_CACHE_HOME: join(base, "cache"),
    XDG_DATA_HOME: join(base, "data"),
    BULKHEAD_NODE: process.execPath,
  };
}

function fakeHome(base: string, files: Readonly<Record<string, string>>): string {
  const home = join(base, "home-of-bulkhead");
  for (const folder of ["bin", "node"]) {
    mkdirSync(join(home, folder), { recursive: true });
    for (const name of readdirSync(join(DIST, folder))) {
      const path = `${folder}/${name}`;
      if (!(path in files)) symlinkSync(join(DIST, path), join(home, path));
    }
  }
  for (const [path, text] of Object.entries(files)) {
    writeFileSync(join(home, path), text, { mode: 0o755 });
  }
  return home;
}
