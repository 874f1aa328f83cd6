/** Which program a terminal starts, and what to say when it is not there. */
import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { userInfo } from "node:os";
import { basename, delimiter, isAbsolute, join, resolve } from "node:path";
import { TerminalCode } from "../../bus/contracts/terminal.ts";
import { BusError } from "../../bus/errors.ts";

/** Kinds of shells that integration scripts exist for. */
export type ShellKind = "none" | "bash" | "zsh" | "fish";

type Env = Readonly<Record<string, string>>;

const SHELL_NAMES: ReadonlySet<string> = new Set([
  "sh",
  "bash",
  "dash",
  "zsh",
  "fish",
  "ksh",
  "mksh",
  "tcsh",
  "csh",
  "nu",
  "elvish",
  "xonsh",
  "pwsh",
]);

/** The person's shell: `SHELL` of the asking window, else the password database, else /bin/sh. */
export function loginShell(env: Env): string {
  const named = env["SHELL"];
  if (named !== undefined && isAbsolute(named)) return named;
  return userInfo().shell ?? "/bin/sh";
}

/** Whether a program of this base name waits at a prompt when nothing runs in it. */
export function isShell(name: string): boolean {
  return SHELL_NAMES.has(name.replace(/^-/u, ""));
}

/** The integration that fits a program's base name. */
export function kindOf(name: string): ShellKind {
  const plainName = name.replace(/^-/u, "");
  return plainName === "bash" || plainName === "zsh" || plainName === "fish" ? plainName : "none";
}

/**
 * The absolute path of `program`, looked up in PATH and in `folder`.
 * @throws `terminal/shell-not-found` naming it and the shells that are there.
 */
export function findProgram(program: string, env: Env, folder: string): string {
  const candidates = program.includes("/")
    ? [resolve(folder, program)]
    : (env["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
        .split(delimiter)
        .map((part) => resolve(folder, join(part === "" ? "." : part, program)));
  const found = candidates.find(isProgram);
  if (found !== undefined) return found;
  const there = installedShells();
  const others =
    there.length === 0 ? "No shell of /etc/shells is here." : `Here are: ${there.join(", ")}.`;
  throw new BusError(
    TerminalCode.shellNotFound,
    `${program} is not here or cannot be run. ${others}`,
    { data: { program, shells: there } },
  );
}

/** Shells of /etc/shells that can be run, one path for each base name. */
export function installedShells(): string[] {
  const byName = new Map<string, string>();
  for (const path of shellList()) {
    if (!byName.has(basename(path)) && isProgram(path)) byName.set(basename(path), path);
  }
  return [...byName.values()];
}

function shellList(): string[] {
  try {
    const lines = readFileSync("/etc/shells", "utf8").split("\n");
    return lines.map((line) => line.trim()).filter((line) => line.startsWith("/"));
  } catch {
    return ["/bin/bash", "/bin/zsh", "/usr/bin/fish", "/bin/sh"];
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
