/** Folders and variables of one measured instance: nothing of the person's own session reaches it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** What is measured: the release build that `npm run bench` made. */
export const DIST: string = resolve(import.meta.dirname, "../../../dist");

/** Remove them with `remove`. */
export interface Folders {
  readonly base: string;
  readonly workspace: string;
  readonly runtimeDir: string;
  /** Only processes of this instance have it as XDG_RUNTIME_DIR. */
  readonly marker: string;
  readonly env: NodeJS.ProcessEnv;
  remove(): void;
}

/** Makes them. `node` is the Node the instance runs on; its folder is first in PATH. */
export function makeFolders(node: string = process.execPath): Folders {
  const base = mkdtempSync(join(tmpdir(), "bh-b-"));
  for (const name of ["run", "config/bulkhead", "home", "orbit"]) {
    mkdirSync(join(base, name), { recursive: true, mode: 0o700 });
  }
  writeFileSync(join(base, "config/bulkhead/settings.json"), "{}");
  writeFileSync(join(base, "home/.bashrc"), "PS1='$ '\n");
  const marker = join(base, "run");
  return {
    base,
    workspace: join(base, "orbit"),
    runtimeDir: join(marker, "one"),
    marker,
    env: {
      PATH: `${dirname(node)}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin`,
      HOME: join(base, "home"),
      LANG: "C.UTF-8",
      SHELL: "/bin/bash",
      XDG_RUNTIME_DIR: marker,
      XDG_STATE_HOME: join(base, "state"),
      XDG_CONFIG_HOME: join(base, "config"),
      XDG_CACHE_HOME: join(base, "cache"),
      XDG_DATA_HOME: join(base, "data"),
      BULKHEAD_AUTOMATION: "1",
      BULKHEAD_FOREGROUND: "1",
      BULKHEAD_NODE: node,
    },
    remove: () => rmSync(base, { recursive: true, force: true, maxRetries: 5 }),
  };
}
