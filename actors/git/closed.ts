/** Which changed files a rule keeps closed: the file guard is asked, git's own copies are closed with them. */
import * as fileGuard from "../../bus/contracts/file-guard.ts";
import type { Change } from "../../bus/contracts/git.ts";
import { BusError } from "../../bus/errors.ts";
import type { CallContext, Peer } from "../../bus/peer.ts";

/** Questions under way at once. */
const ASKED_MAX = 256;

/** The denial of reading this path, if there is one. */
export async function denialOf(
  peer: Peer,
  path: string,
  within: CallContext,
): Promise<fileGuard.Denial | null> {
  const { denial } = await peer.request(fileGuard.check, { path, op: "read" }, { within });
  return denial;
}

/** @throws BusError `file-guard/denied`, as the file guard would. */
export async function mustBeOpen(peer: Peer, path: string, within: CallContext): Promise<void> {
  const denial = await denialOf(peer, path, within);
  if (denial === null) return;
  const text = `${path} is kept closed by ${denial.rule}, also in git's copies.`;
  throw new BusError("file-guard/denied", text, { data: denial });
}

/** The changes with what is closed marked; for an agent or a server without them. */
export async function markClosed(
  peer: Peer,
  changes: readonly Change[],
  within: CallContext,
): Promise<Change[]> {
  const paths = new Set(
    changes.flatMap(({ path, from }) => (from === undefined ? path : [path, from])),
  );
  const denials = await askAll([...paths], (path) => denialOf(peer, path, within));
  const isPerson = within.principal === undefined || within.principal === "person";
  const marked = changes.map((change) => {
    const denial = denials.get(change.path) ?? denials.get(change.from ?? change.path) ?? null;
    if (denial === null) return change;
    return { ...change, closed: denial.rule, liftable: denial.liftable };
  });
  return isPerson ? marked : marked.filter((change) => change.closed === undefined);
}

async function askAll<T>(
  paths: readonly string[],
  ask: (path: string) => Promise<T>,
): Promise<Map<string, T>> {
  const answers = new Map<string, T>();
  const rest = paths.values();
  const asker = async (): Promise<void> => {
    for (const path of rest) answers.set(path, await ask(path));
  };
  await Promise.all(Array.from({ length: Math.min(ASKED_MAX, paths.length) }, asker));
  return answers;
}
