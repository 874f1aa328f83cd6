/** `bulkhead open` and `serve` beside a running instance: it takes over. */
import { existsSync, realpathSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { hub } from "../../contracts/index.ts";
import { type Invocation, wholeNumberFlag } from "../arguments.ts";
import { CommandError, Exit, usageError } from "../exit.ts";
import type { Session } from "../session.ts";
import type { Surroundings } from "../surroundings.ts";

/** What the running instance shall show. */
export interface OpenRequest {
  /** Absolute; empty for a folder, which gets a window. */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly newWindow: boolean;
  /** Whether to return only when the file is closed again. */
  readonly wait: boolean;
}

const PORT_MAX = 65_535;

/**
 * Reads `[DIR | FILE[:LINE[:COL]]]`. A path that exists as written is taken as written.
 * @throws CommandError with exit 1 that names what does not exist, with 2 when a folder shall be waited for
 */
export function readOpenRequest(from: Invocation, cwd: string): OpenRequest {
  const wait = from.flags.has("wait");
  wholeNumberFlag(from, "port", { min: 1, max: PORT_MAX });
  const place = readPlace(from.words[0] ?? ".", (path) => existsSync(resolve(cwd, path)));
  const path = resolve(cwd, place.path);
  if (!existsSync(path)) throw new CommandError(Exit.failed, `no such file or folder: ${path}`);
  if (!statSync(path).isDirectory()) {
    return { ...place, path: realpathSync(path), newWindow: false, wait };
  }
  if (wait) throw usageError(`open --wait: a file is needed, ${path} is a folder`);
  return { path: "", line: 0, column: 0, newWindow: from.command === "open", wait };
}

/** Hands over, with the environment for the shells of a new window, and prints where the instance is. */
export async function open(
  session: Session,
  request: OpenRequest,
  env: Surroundings["env"],
): Promise<void> {
  const { wait, ...place } = request;
  const input = { ...place, env: definedOnly(env) };
  const { url, windows } = await session.peer.request(hub.open, input, session.callOptions);
  if (session.json) {
    session.outJson({ url, socket: session.socket, pid: session.instance?.pid ?? null });
  } else if (wait) {
    // An editor prints nothing: what started it owns the terminal.
  } else if (url !== "") session.out(url);
  else
    session.out(
      `Shown in the running instance (${windows} ${windows === 1 ? "window" : "windows"}).`,
    );
}

function definedOnly(env: Surroundings["env"]): Record<string, string> {
  const entries = Object.entries(env).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Record<string, string>;
}

interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

/** The longest reading of `FILE[:LINE[:COL]]` whose file is there; without one, the shortest. */
function readPlace(word: string, isThere: (path: string) => boolean): Place {
  const places: Place[] = [{ path: word, line: 0, column: 0 }];
  const line = /^(.+):(\d{1,9})$/.exec(word);
  if (line?.[1] !== undefined) places.push({ path: line[1], line: Number(line[2]), column: 0 });
  const both = /^(.+):(\d{1,9}):(\d{1,9})$/.exec(word);
  if (both?.[1] !== undefined) {
    places.push({ path: both[1], line: Number(both[2]), column: Number(both[3]) });
  }
  return (
    places.find(({ path }) => isThere(path)) ?? places.at(-1) ?? { path: word, line: 0, column: 0 }
  );
}
