/**
 * Repositories that want to run a program when somebody looks at them. Each is shown to work against a git that minds
 * nothing, then the actor is asked, and the wall alone is tried without the settings that turn each off.
 */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, utimesSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import * as contract from "../../../bus/contracts/git.ts";
import { openScene, type Scene } from "./scene.ts";

const LAUNCHER = resolve(import.meta.dirname, "../../../dist/bin/bulkhead-launch");

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});
afterEach(() => scene.end());

/** Asks everything that the actor serves; whether it answers is not looked at. */
async function askAll(): Promise<string> {
  const { peer } = scene.hub;
  const answers = await Promise.allSettled([
    peer.request(contract.status, {}),
    peer.request(contract.headText, { path: "open.txt" }),
    peer.request(contract.indexText, { path: "open.txt" }),
  ]);
  return JSON.stringify(answers);
}

/** Git behind the wall, with the repository's settings as they are. */
function bare(...args: string[]): void {
  const words = ["--parent", String(process.pid), "--profile", "git-read", "--", "git", ...args];
  const { error } = spawnSync(LAUNCHER, words, {
    cwd: scene.workspace,
    timeout: 20_000,
    env: {
      PATH: process.env["PATH"],
      HOME: scene.home,
      BULKHEAD_WORKSPACE: scene.workspace,
      BULKHEAD_CONFIG_DIR: join(scene.home, "..", "hub/c"),
    },
  });
  if (error !== undefined) throw error;
}

interface Attack {
  readonly name: string;
  /** Prepares the repository and gives the command by which a plain git runs the trap. */
  set(trap: string): string[];
}

const config = (key: string, value: string): void => void scene.git("config", key, value);
/** Makes git look into the file again. */
const touch = (path: string): void => utimesSync(join(scene.workspace, path), 1, 1);

function setting(key: string, ...command: string[]): (trap: string) => string[] {
  return (trap) => {
    config(key, trap);
    return command;
  };
}

function filter(key: string): (trap: string) => string[] {
  return (trap) => {
    scene.write(".gitattributes", "*.txt filter=evil\n");
    config(`filter.evil.${key}`, trap);
    touch("open.txt");
    return ["status"];
  };
}

function hook(name: string): (trap: string) => string[] {
  return (trap) => {
    mkdirSync(join(scene.workspace, ".git/hooks"), { recursive: true });
    symlinkSync(trap, join(scene.workspace, ".git/hooks", name));
    touch("open.txt");
    return ["status"];
  };
}

const ATTACKS: readonly Attack[] = [
  { name: "core.fsmonitor", set: setting("core.fsmonitor", "status") },
  { name: "filter.*.clean", set: filter("clean") },
  { name: "filter.*.process", set: filter("process") },
  {
    name: "filter.*.clean of a driver whose name has a sign of equality",
    set: (trap) => {
      scene.write(".git/info/attributes", "*.txt filter=a=b\n");
      config("filter.a=b.clean", trap);
      config("filter.a=b.required", "true");
      touch("open.txt");
      return ["status"];
    },
  },
  {
    name: "filter.*.smudge",
    set: (trap) => {
      filter("smudge")(trap);
      return ["cat-file", "--filters", "HEAD:open.txt"];
    },
  },
  { name: "hook post-index-change", set: hook("post-index-change") },
  {
    name: "core.hooksPath",
    set: (trap) => {
      config("core.hooksPath", join(scene.workspace, "traps"));
      chmodSync(trap, 0o755);
      symlinkSync(trap, join(scene.workspace, "traps/post-index-change"));
      touch("open.txt");
      return ["status"];
    },
  },
  {
    name: "diff.external",
    set: (trap) => {
      config("diff.external", trap);
      scene.write("open.txt", "other\n");
      return ["diff"];
    },
  },
  {
    name: "diff.*.command",
    set: (trap) => {
      scene.write(".gitattributes", "*.txt diff=evil\n");
      config("diff.evil.command", trap);
      scene.write("open.txt", "other\n");
      return ["diff"];
    },
  },
  {
    name: "diff.*.textconv",
    set: (trap) => {
      scene.write(".gitattributes", "*.txt diff=evil\n");
      config("diff.evil.textconv", trap);
      scene.write("open.txt", "other\n");
      return ["diff"];
    },
  },
  {
    name: "alias",
    set: (trap) => {
      config("alias.look", `!${trap}`);
      return ["look"];
    },
  },
  {
    name: "core.pager",
    set: (trap) => {
      config("core.pager", trap);
      // It pages only on a terminal.
      config("alias.page", "!script -qec 'git --paginate log' /dev/null");
      return ["page"];
    },
  },
  {
    name: "core.editor",
    set: setting("core.editor", "commit", "--allow-empty"),
  },
  {
    name: "gpg.program",
    set: (trap) => {
      config("gpg.program", trap);
      return ["commit", "--allow-empty", "--gpg-sign", "--message=x"];
    },
  },
  {
    name: "core.sshCommand of a promised object",
    set: (trap) => {
      config("core.sshCommand", trap);
      config("remote.origin.url", "ssh://localhost/x");
      config("remote.origin.promisor", "true");
      config("extensions.partialClone", "origin");
      config("core.repositoryFormatVersion", "1");
      return ["fetch", "origin"];
    },
  },
  {
    name: "protocol ext",
    set: (trap) => {
      config("protocol.ext.allow", "always");
      config("remote.origin.url", `ext::${trap} %S`);
      return ["fetch", "origin"];
    },
  },
  {
    name: "credential.helper",
    set: (trap) => {
      config("credential.helper", trap);
      return ["credential", "fill"];
    },
  },
  {
    name: "core.alternateRefsCommand",
    set: (trap) => {
      config("core.alternateRefsCommand", trap);
      scene.git("clone", "--quiet", "--shared", ".", "traps/other");
      config("remote.origin.url", join(scene.workspace, "traps/other"));
      scene.write(".git/objects/info/alternates", `${scene.workspace}/traps/other/.git/objects\n`);
      scene.write("traps/other/.git/objects/info/alternates", "");
      return ["fetch", "origin"];
    },
  },
  {
    name: "a setting that is included",
    set: (trap) => {
      scene.write("more.config", `[core]\n\tfsmonitor = ${trap}\n`);
      config("include.path", "../more.config");
      return ["status"];
    },
  },
  {
    name: "a repository inside as a module",
    set: (trap) => {
      scene.git("init", "--quiet", "inner");
      scene.git("-C", "inner", "commit", "--quiet", "--allow-empty", "--message=x");
      scene.git("add", "inner");
      scene.git("-C", "inner", "config", "core.fsmonitor", trap);
      return ["status"];
    },
  },
];

test.each(ATTACKS)("$name runs nothing", async ({ set }) => {
  const command = set(scene.trap("trap"));
  scene.wasRun();
  scene.naive(...command);
  expect(scene.wasRun()).toBe(true);
  for (const path of ["open.txt", "src/main.ts"]) touch(path);
  await askAll();
  expect(scene.wasRun()).toBe(false);
  bare(...command);
  bare("status");
  expect(scene.wasRun()).toBe(false);
});

test("a program called git in the workspace is not taken for git", async () => {
  const trap = scene.trap("git");
  bare("--exec-path=traps", "evil");
  expect(trap).toContain("/traps/git");
  await askAll();
  expect(scene.wasRun()).toBe(false);
});

test("a repository that points at folders of secrets shows nothing of them", async () => {
  for (const place of ["worktree", "excludesFile", "attributesFile"]) {
    config(`core.${place}`, place === "worktree" ? scene.home : join(scene.home, ".npmrc"));
  }
  config("include.path", join(scene.home, ".ssh/id_ed25519"));
  scene.write(".git/objects/info/alternates", `${scene.home}/.ssh\n`);
  expect(await askAll()).not.toContain("SECRET");
});

test("a setting that is a pipe does not hold it for ever", async () => {
  spawnSync("mkfifo", [join(scene.workspace, "pipe")]);
  config("include.path", "../pipe");
  const asked = scene.hub.peer.request(contract.status, {}, { timeoutMs: 45_000 });
  await expect(asked).rejects.toMatchObject({ code: contract.GitCode.timeout });
}, 55_000);
