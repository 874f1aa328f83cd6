/** `bulkhead quit [--all]`: ends the instance and waits until it is gone. */
import { hub } from "../../contracts/index.ts";
import { BusCode, isBusError } from "../../errors.ts";
import type { Invocation } from "../arguments.ts";
import { CommandError, Exit } from "../exit.ts";
import { isAlive } from "../runtime-dir.ts";
import type { Session } from "../session.ts";

/** An orderly stop takes 5 s, TERM 2 s more; then KILL. */
const GONE_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 50;

/** Asks the hub to end everything; returns when the root has ended. */
export async function quit(session: Session, from: Invocation): Promise<void> {
  const all = from.flags.has("all");
  const pid = session.instance?.pid;
  try {
    await session.peer.request(hub.quit, { all }, session.callOptions);
  } catch (error) {
    // The hub may be gone before its answer is; what counts is the root.
    const gone = isBusError(error, BusCode.closed) || isBusError(error, BusCode.down);
    if (pid === undefined || !gone) throw error;
  }
  if (pid !== undefined) await untilGone(session, pid);
  if (session.json) session.outJson({ ended: true, shellsEnded: all });
  else session.out(all ? "Ended, with all shells." : "Ended. Shells go on.");
}

async function untilGone(session: Session, pid: number): Promise<void> {
  const until = session.world.now() + GONE_WITHIN_MS;
  while (isAlive(pid)) {
    if (session.world.now() > until) {
      throw new CommandError(
        Exit.deadline,
        `the root (pid ${pid}) has not ended within ${GONE_WITHIN_MS / 1000} s`,
      );
    }
    await session.world.wait(LOOK_EVERY_MS);
  }
}
