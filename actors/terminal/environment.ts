/** The environment and folder a terminal's program starts with. */
import { statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";
import { TerminalCode } from "../../bus/contracts/terminal.ts";
import { BusError } from "../../bus/errors.ts";

type Env = Readonly<Record<string, string>>;

/** What every terminal of this instance has in common. */
export interface Surroundings {
  /** Environment of the actor: what a request without one gets. */
  readonly env: Env;
  readonly runtimeDir: string;
  /** Folder with `bin`, `node` and `ui`. */
  readonly home: string;
  readonly version: string;
  readonly workspace: string;
}

/** Names that mean nothing, or something wrong, in a shell; all of BULKHEAD_ besides. */
const PRIVATE_NAMES: ReadonlySet<string> = new Set([
  "NODE_CHANNEL_FD",
  "NODE_OPTIONS",
  "NODE_UNIQUE_ID",
  "COLUMNS",
  "LINES",
  "TERMCAP",
]);

/** The whole environment of a new terminal: that of the asking window and what names this one. */
export function shellEnvironment(asked: Env, around: Surroundings, session: string): Env {
  const source = Object.keys(asked).length > 0 ? asked : around.env;
  const env: Record<string, string> = {};
  for (const [name, value] of Object.entries(source)) {
    if (PRIVATE_NAMES.has(name) || name.startsWith("BULKHEAD_") || !isVariable(name, value))
      continue;
    env[name] = value;
  }
  return {
    ...env,
    PATH: withCommand(env["PATH"], join(around.home, "bin")),
    TERM: "xterm-256color",
    COLORTERM: "truecolor",
    TERM_PROGRAM: "bulkhead",
    TERM_PROGRAM_VERSION: around.version,
    BULKHEAD_SESSION: session,
    BULKHEAD_RUNTIME_DIR: around.runtimeDir,
  };
}

/**
 * The folder a terminal starts in: the asked one, or the first of `others` that is still there.
 * @throws `terminal/no-folder` when an asked folder is none.
 */
export function startFolder(asked: string, others: readonly string[]): string {
  if (asked !== "") {
    if (isAbsolute(asked) && isFolder(asked)) return asked;
    const why = isAbsolute(asked) ? "is no folder or is gone" : "is not an absolute path";
    throw new BusError(TerminalCode.noFolder, `${asked} ${why}`, { data: { folder: asked } });
  }
  return others.find((folder) => isAbsolute(folder) && isFolder(folder)) ?? "/";
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Last in PATH: it hides nothing of the person's. */
function withCommand(path: string | undefined, folder: string): string {
  const parts = (path ?? "/usr/local/bin:/usr/bin:/bin").split(delimiter);
  return parts.includes(folder) ? parts.join(delimiter) : [...parts, folder].join(delimiter);
}

function isVariable(name: string, value: string): boolean {
  return name !== "" && !name.includes("=") && !name.includes("\0") && !value.includes("\0");
}
