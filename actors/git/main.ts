/** The git actor's process: tells what git knows of the workspace, and changes nothing. */
import * as contract from "../../bus/contracts/git.ts";
import type { CallContext } from "../../bus/peer.ts";
import { type ActorContext, runActor } from "../runtime/index.ts";
import { markClosed, mustBeOpen } from "./closed.ts";
import { noticeIdle } from "./idle.ts";
import { type From, Repository } from "./repository.ts";
import { Programs } from "./run.ts";

runActor({ name: "git", start });

function start({ peer, clock, env, log }: ActorContext): void {
  const { workspace, home, variables } = env;
  const repository = new Repository(new Programs(peer, clock), { workspace, home, variables });
  const busy = noticeIdle(clock, () => {
    log.info("nobody asks; it ends until somebody does");
    peer.close();
  });
  const text = async (from: From, path: string, call: CallContext): Promise<contract.Side> => {
    await mustBeOpen(peer, path, call);
    return repository.text(from, path, call.signal);
  };
  peer.handle(contract.status, (_, call) =>
    busy(async () => {
      const { branch, changes, isCut } = await repository.status();
      return { ...branch, changes: await markClosed(peer, changes, call), isCut };
    }),
  );
  peer.handle(contract.headText, ({ path }, call) => busy(() => text("head", path, call)));
  peer.handle(contract.indexText, ({ path }, call) => busy(() => text("index", path, call)));
  peer.handle(contract.commitText, ({ path, commit }, call) =>
    busy(() => text({ commit }, path, call)),
  );
  peer.handle(contract.fileHistory, ({ path }, call) =>
    busy(async () => {
      await mustBeOpen(peer, path, call);
      return repository.history(path, call.signal);
    }),
  );
}
