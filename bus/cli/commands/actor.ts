/** `bulkhead actor ACT NAME`: supervision by hand. */
import { hub } from "../../contracts/index.ts";
import { isBusError } from "../../errors.ts";
import type { Invocation } from "../arguments.ts";
import { type ActorAct, actorActs } from "../command-table.ts";
import { CommandError, Exit, usageError } from "../exit.ts";
import type { Session } from "../session.ts";

/** An act on a process, checked before anything is connected. */
export interface ActorRequest {
  readonly act: ActorAct;
  readonly name: string;
  readonly endShells: boolean;
}

/** Reads `ACT NAME [--end-shells]`. Throws a usage error that names the word. */
export function readActorRequest(from: Invocation): ActorRequest {
  const [word = "", name = ""] = from.words;
  const act = actorActs.find((known) => known === word);
  if (act === undefined) {
    throw usageError(`actor: unknown act: ${word} (known: ${actorActs.join(", ")})`);
  }
  const endShells = from.flags.has("end-shells");
  if (endShells && (act !== "kill" || !/^keeper(\/\d+)?$/.test(name))) {
    throw usageError("--end-shells: only with actor kill keeper");
  }
  return { act, name, endShells };
}

/** Whether the act is one that also starts a parked hub, which cannot be asked itself. */
export function startsHub({ act, name }: ActorRequest): boolean {
  return name === "hub" && (act === "retry" || act === "restart");
}

/** Prints that the root has started its parked hub again. */
export function tellHubStarted(session: Session, { act, name }: ActorRequest): void {
  const sentence = "The hub was parked and is started again.";
  if (session.json) session.outJson({ act, name, sentence });
  else session.out(sentence);
}

/** Does it and prints what it did. */
export async function actor(session: Session, request: ActorRequest): Promise<void> {
  try {
    const { sentence } = await session.peer.request(hub.act, request, session.callOptions);
    if (session.json) session.outJson({ act: request.act, name: request.name, sentence });
    else session.out(sentence);
  } catch (error) {
    if (!isBusError(error, hub.HubCode.needsEndShells)) throw error;
    throw new CommandError(
      Exit.failed,
      `${error.message}\nTo end every shell as well: bulkhead actor kill ${request.name} --end-shells`,
      { cause: error },
    );
  }
}
