/**
 * How git is called: behind the launcher's wall, and with every setting off by which a repository runs a program. The
 * wall is what holds (git can make no process there); the settings are off so that git need not fail at it.
 */
import { delimiter, join } from "node:path";

/** What a command needs to know of this instance. */
export interface Around {
  readonly workspace: string;
  /** Folder that holds `bin`. */
  readonly home: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Whether the launcher may leave out what this kernel lacks of the wall for actors. */
  readonly isDegraded?: boolean;
}

/** What the runner is asked to start. */
export interface Command {
  readonly argv: string[];
  readonly cwd: string;
  readonly env: Record<string, string>;
}

/** Settings that name a program, or a place from which git takes one. Later ones win, and nothing is later. */
const OFF: readonly string[] = [
  "core.alternateRefsCommand=",
  "core.askPass=",
  "core.editor=false",
  "core.fsmonitor=false",
  "core.gitProxy=",
  "core.hooksPath=/dev/null",
  "core.pager=cat",
  "core.sshCommand=false",
  "core.untrackedCache=false",
  "credential.helper=",
  "diff.external=",
  "gc.auto=0",
  "gpg.program=false",
  "gpg.ssh.program=false",
  "gpg.x509.program=false",
  "log.showSignature=false",
  "maintenance.auto=false",
  "protocol.allow=never",
  // A repository inside the workspace that nobody has made with `git init` is none.
  "safe.bareRepository=explicit",
  // Whose files they are is of no account where nothing of them is run.
  "safe.directory=*",
  "sequence.editor=false",
  "status.submoduleSummary=false",
  "submodule.recurse=false",
];
const OPTIONS = ["--no-optional-locks", "--no-pager", "--literal-pathspecs"];
/** Beside what the launcher passes by itself. */
const VARIABLES: Readonly<Record<string, string>> = {
  GIT_NO_LAZY_FETCH: "1",
  GIT_TERMINAL_PROMPT: "0",
};
const PASSED = [
  "HOME",
  "LOGNAME",
  "USER",
  "BULKHEAD_WORKSPACE",
  "BULKHEAD_CONFIG_DIR",
  "BULKHEAD_STATE_DIR",
];
/** Drivers of filters that are turned off by name; those of a repository with more are stopped by the wall alone. */
const FILTERS_MAX = 32;

/** Names of the programs that the settings call filters. */
export const LIST_FILTERS = [
  "config",
  "--null",
  "--name-only",
  "--get-regexp",
  "^filter\\..*\\.(clean|smudge|process|required)$",
];
/** The folder of the workspace in its repository, with a slash at its end. */
export const SHOW_PREFIX = ["rev-parse", "--show-prefix"];
export const STATUS = [
  "status",
  "--porcelain=v2",
  "-z",
  "--branch",
  "--ahead-behind",
  "--untracked-files=all",
  "--ignore-submodules=all",
  "--find-renames",
  "--",
  ".",
];
/** Fields of a commit, each ended by a zero byte. No signature is looked at: that would run a program. */
const COMMIT_FIELDS = "--format=%H%x00%ct%x00%an%x00%s%x00";
/** Commits that changed a file: four fields each, see `history.ts`. */
export function historyArgs(path: string, most: number): string[] {
  const plain = ["--no-show-signature", "--no-notes", "--no-decorate", "--encoding=UTF-8"];
  return ["log", ...plain, COMMIT_FIELDS, `--max-count=${most}`, "HEAD", "--", path];
}
/** Asked for objects by name on stdin. */
export const SHOW_OBJECTS = ["cat-file", "--batch"];

/** The call of git with these arguments. `filters` are drivers, as `filterDrivers` gives them. */
export function gitCommand(
  around: Around,
  args: readonly string[],
  filters: readonly string[] = [],
): Command {
  const kept = Object.keys(VARIABLES).flatMap((name) => ["--keep", name]);
  const settings = [...OFF, ...filters.flatMap(withoutFilter)].flatMap((one) => ["-c", one]);
  const launcher = [join(around.home, "bin", "bulkhead-launch"), "--parent", "caller"];
  const degraded = around.isDegraded === true ? ["--allow-degraded"] : [];
  const wall = ["--profile", "git-read", ...kept, ...degraded, "--"];
  return {
    argv: [...launcher, ...wall, "git", ...OPTIONS, ...settings, ...args],
    cwd: around.workspace,
    env: environment(around),
  };
}

/** Drivers among names such as `filter.lfs.clean`, each once. */
export function filterDrivers(names: readonly string[]): string[] {
  const drivers = names.map((name) => /^filter\.(.+)\.[^.]+$/s.exec(name)?.[1]);
  // Git takes what is behind the first sign of equality for the value.
  const plain = drivers.filter((name) => name !== undefined && !/[=\n\0]/.test(name));
  return [...new Set(plain.filter((name) => name !== undefined))].slice(0, FILTERS_MAX);
}

function withoutFilter(driver: string): string[] {
  const keys = ["clean=", "smudge=", "process=", "required=false"];
  return keys.map((key) => `filter.${driver}.${key}`);
}

function environment({ workspace, variables }: Around): Record<string, string> {
  const env: Record<string, string> = {
    ...VARIABLES,
    LC_ALL: "C",
    PATH: pathOutside(workspace, variables),
  };
  for (const name of PASSED) {
    const value = variables[name];
    if (value !== undefined) env[name] = value;
  }
  return env;
}

/** A workspace may bring a program called git, and a folder of it may lie in PATH. */
function pathOutside(workspace: string, variables: Around["variables"]): string {
  const folders = (variables["PATH"] ?? "").split(delimiter);
  const outside = folders.filter(
    (folder) =>
      folder.startsWith("/") && folder !== workspace && !folder.startsWith(`${workspace}/`),
  );
  return outside.length > 0 ? outside.join(delimiter) : "/usr/local/bin:/usr/bin:/bin";
}
