/** How a shell is started so that it reports its folder and commands, after all of the person's own files. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { kindOf, type ShellKind } from "./shells.ts";

type Env = Readonly<Record<string, string>>;

/** Program, arguments and environment of a start. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Env;
  readonly integration: ShellKind;
}

/** Folder of the scripts: beside this file, in the checkout as in the bundle. */
export const SCRIPTS_DIR: string = fileURLToPath(new URL("./integration/", import.meta.url));

/**
 * The start with integration, or unchanged when the arguments ask for anything but an interactive shell,
 * or the scripts are not there.
 */
export function integrate(
  argv: readonly string[],
  env: Env,
  scripts: string = SCRIPTS_DIR,
): Launch {
  const [program = "", ...args] = argv;
  const kind = kindOf(basename(program));
  const unchanged: Launch = { argv, env, integration: "none" };
  if (!existsSync(scripts)) return unchanged;
  const flags = new Set(args);
  const isLogin = flags.delete("-l") || flags.delete("--login");
  flags.delete("-i");
  flags.delete("--interactive");
  if (flags.size > 0) return unchanged;
  switch (kind) {
    case "none":
      return unchanged;
    case "bash":
      return bash(program, { ...env, ...(isLogin ? { BULKHEAD_BASH_LOGIN: "1" } : {}) }, scripts);
    case "zsh":
      return zsh(argv, env, scripts);
    case "fish":
      return fish(argv, scripts, env);
  }
}

/** `--rcfile` takes the place of ~/.bashrc; the script reads that first, or the login files. */
function bash(program: string, env: Env, scripts: string): Launch {
  const argv = [program, "--rcfile", join(scripts, "bash.sh"), "-i"];
  return { argv, env, integration: "bash" };
}

/** ZDOTDIR leads to our .zshenv, which puts it back before anything else is read. */
function zsh(argv: readonly string[], env: Env, scripts: string): Launch {
  const own = env["ZDOTDIR"];
  return {
    argv,
    env: {
      ...env,
      ...(own === undefined ? {} : { BULKHEAD_ZDOTDIR: own }),
      ZDOTDIR: join(scripts, "zsh"),
    },
    integration: "zsh",
  };
}

/** `--init-command` runs after the person's configuration. */
function fish(argv: readonly string[], scripts: string, env: Env): Launch {
  const script = join(scripts, "fish.fish").replaceAll("\\", "\\\\").replaceAll("'", "\\'");
  return { argv: [...argv, "--init-command", `source '${script}'`], env, integration: "fish" };
}
