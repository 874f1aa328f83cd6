/** `bulkhead open FILE --wait`: returns when the file is closed again, which makes it an `$EDITOR`. */
import type * as v from "valibot";
import { editorSync } from "../../contracts/index.ts";
import { BusCode, isBusError } from "../../errors.ts";
import { CommandError, Exit } from "../exit.ts";
import type { Session } from "../session.ts";
import type { Surroundings } from "../surroundings.ts";

/** A file that no window has shown by then will not be, milliseconds. */
const SHOWN_WITHIN_MS = 60_000;
/** One question is answered within 25 s, whatever happens. */
const CALL_MS = 35_000;
/** The part that was asked died: asked again after this time, milliseconds. */
const AGAIN_MS = 250;
/** Deaths in a row after which it is given up. */
const DEATHS_MAX = 20;

/** Runs one piece of work in a session of its own: the hub may be another one each time. */
export type WithSession = <T>(work: (session: Session) => Promise<T>) => Promise<T>;

/**
 * Waits until the file was shown and closed.
 * @throws CommandError 124 when nobody shows it, 1 when it was closed with edits that were not saved
 */
export async function waitUntilClosed(
  path: string,
  world: Surroundings,
  within: WithSession,
): Promise<void> {
  const startedMs = world.now();
  let seen: Answer["state"] = "pending";
  let deaths = 0;
  while (seen !== "closed") {
    const answer = await ask(path, seen, within);
    if (world.signal.aborted) throw new CommandError(Exit.failed, "interrupted");
    if (answer === undefined) await pause(++deaths, world);
    else {
      deaths = 0;
      seen = answer.state;
      if (seen === "closed" && answer.isDirty) throw unsaved(path);
    }
    if (seen === "pending" && world.now() - startedMs > SHOWN_WITHIN_MS) throw notShown(path);
  }
}

async function pause(deaths: number, world: Surroundings): Promise<void> {
  if (deaths > DEATHS_MAX) throw new CommandError(Exit.failed, "the editor's process stays away");
  await world.wait(AGAIN_MS);
}

function unsaved(path: string): CommandError {
  const says = "closed without saving; the edits are kept and shown when it is opened again";
  return new CommandError(Exit.failed, `${path}: ${says}`);
}

function notShown(path: string): CommandError {
  const seconds = SHOWN_WITHIN_MS / 1000;
  return new CommandError(Exit.deadline, `no window has shown ${path} within ${seconds} s`);
}

type Answer = v.InferOutput<typeof editorSync.wait.output>;

/** Undefined when whoever should answer died meanwhile. */
async function ask(
  path: string,
  seen: "pending" | "open",
  within: WithSession,
): Promise<Answer | undefined> {
  try {
    return await within(({ peer, world }) =>
      peer.request(editorSync.wait, { path, seen }, { timeoutMs: CALL_MS, signal: world.signal }),
    );
  } catch (error) {
    if (isBusError(error, BusCode.down) || isBusError(error, BusCode.closed)) return undefined;
    throw error;
  }
}
