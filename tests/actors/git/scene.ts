/** A repository in a yard, the git actor over it in a real hub, and a git that minds nothing. */
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { type HubUnderTest, QUICK, startHub } from "../../system/hub-harness.ts";
import { makeYard, type Yard } from "../file-guard/real-guard.ts";

/** Everything of one test. */
export interface Scene extends Yard {
  readonly hub: HubUnderTest;
  /** Runs git as anybody would, and gives what it wrote. */
  git(...args: string[]): string;
  /** The same where git may fail. */
  naive(...args: string[]): void;
  /** A program that leaves a mark when it is run: its absolute path. */
  trap(name: string): string;
  /** Whether a trap was run since the last question. */
  wasRun(): boolean;
  end(): Promise<void>;
}

const IDENTITY = [
  "-c",
  "user.name=t",
  "-c",
  "user.email=t@localhost",
  "-c",
  "commit.gpgsign=false",
];

/** When the files of the first commit were written: long before it, seconds since 1970. */
const WRITTEN_S = 1_700_000_000;

/** A workspace with a first commit: `open.txt`, `src/main.ts`, `.env`. */
export async function openScene(): Promise<Scene> {
  const yard = makeYard();
  rmSync(join(yard.workspace, ".git"), { recursive: true });
  rmSync(join(yard.workspace, "second.txt"));
  const input = "protocol=https\nhost=localhost\n\n";
  const mark = join(yard.workspace, "was-run");
  const env = { ...process.env, HOME: yard.home, GIT_CONFIG_NOSYSTEM: "1" };
  const git = (...args: string[]): string =>
    execFileSync("git", [...IDENTITY, ...args], {
      cwd: yard.workspace,
      env,
      stdio: "pipe",
    }).toString();
  git("init", "--quiet", "--initial-branch=main");
  yard.write(".git/info/exclude", "was-run\ntraps/\n");
  // What is as young as the index git compares by its text, and the text of .env is closed to it.
  for (const path of [".env", "open.txt", "src/main.ts"]) {
    utimesSync(join(yard.workspace, path), WRITTEN_S, WRITTEN_S);
  }
  git("add", "--all", "--force");
  git("commit", "--quiet", "--message=one");
  const dir = join(yard.home, "..", "hub");
  mkdirSync(join(dir, "c"), { recursive: true });
  const hub = await startHub({
    drill: { timings: QUICK, children: [], only: ["file-guard", "git", "runner"] },
    dir,
    env: { HOME: yard.home, BULKHEAD_WORKSPACE: yard.workspace },
  });
  return {
    ...yard,
    hub,
    git,
    naive: (...args) => {
      spawnSync("git", [...IDENTITY, ...args], { cwd: yard.workspace, env, input, timeout: 5_000 });
    },
    trap: (name) => {
      yard.write(`traps/${name}`, `#!/bin/sh\necho x >> ${mark}\ncat\n`);
      chmodSync(join(yard.workspace, "traps", name), 0o755);
      return join(yard.workspace, "traps", name);
    },
    wasRun: () => {
      const was = existsSync(mark);
      rmSync(mark, { force: true });
      return was;
    },
    end: async () => {
      await hub.end();
      yard.remove();
    },
  };
}
