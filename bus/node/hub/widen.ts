/**
 * Files outside the workspace that a person opens: each one widens the profile of the file guard by its folder, and its
 * rules by the file alone, through a second guard that takes over from the first.
 */
import { realpath, stat } from "node:fs/promises";
import { dirname, isAbsolute } from "node:path";
import { check, handOver, takeOver } from "../../contracts/file-guard.ts";
import { HubCode, widen } from "../../contracts/hub.ts";
import { BusError } from "../../errors.ts";
import type { CallContext, Peer } from "../../peer.ts";
import type { HubParts } from "./parts.ts";

/** Files open at a time; the one opened longest ago goes. */
const FILES_MAX = 32;
/** Widenings that wait for each other. */
const WAITING_MAX = 64;
const HAND_OVER_MS = 2_000;
const GUARD = "file-guard";
const OUTSIDE = "built-in/outside-workspace";

/** Serves `hub.widen`. One guard is replaced at a time. */
export function serveWiden({ peer, supervisor, log }: HubParts): void {
  let opened: readonly string[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  const open = async (path: string, call: CallContext): Promise<void> => {
    const { denial } = await peer.request(check, { path, op: "read" }, { within: call });
    if (denial === null) return;
    if (denial.rule !== OUTSIDE && denial.level === "fixed") throw notWidened(path, denial.why);
    if (opened.includes(path)) return;
    const files = [...opened, path].slice(-FILES_MAX);
    const folders = [...new Set(files.map((file) => dirname(file)))];
    await supervisor.replace(GUARD, {
      sandbox: { profile: GUARD, reads: [], writes: folders },
      env: { BULKHEAD_OUTSIDE: JSON.stringify(files) },
    });
    opened = files;
    log.write("hub", `info the file guard may also open ${path}`);
  };
  peer.handle(widen, async ({ path }, call) => {
    if (call.principal !== "person") throw notWidened(path, "only a person can");
    const real = await realFile(path);
    if (waiting >= WAITING_MAX) throw notWidened(path, `${WAITING_MAX} others wait for it`);
    waiting += 1;
    const mine = turn.then(() => open(real, call));
    turn = mine.catch(() => undefined);
    try {
      await mine;
    } catch (error) {
      throw error instanceof BusError ? error : notWidened(path, String(error));
    } finally {
      waiting -= 1;
    }
    return { path: real };
  });
}

/** What the guard that serves knows, given to the one beside it. */
export async function handOverGuard(peer: Peer): Promise<void> {
  const options = { timeoutMs: HAND_OVER_MS };
  const state = await peer.request(handOver, {}, options);
  await peer.request(takeOver, state, options);
}

async function realFile(path: string): Promise<string> {
  if (!isAbsolute(path)) throw notWidened(path, "the path must be absolute");
  try {
    const real = await realpath(path);
    if (!(await stat(real)).isFile()) throw notWidened(path, "it is no regular file");
    return real;
  } catch (error) {
    if (error instanceof BusError) throw error;
    throw notWidened(path, error instanceof Error ? error.message : String(error));
  }
}

function notWidened(path: string, why: string): BusError {
  const text = `${path.slice(0, 300)} cannot be opened from outside the workspace: ${why}`;
  return new BusError(HubCode.notWidened, text);
}
