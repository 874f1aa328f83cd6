/** Carries out what a person decided about a process, whoever its parent is. */
import { HubCode, type ProcessAct, type ProcessRow } from "../../contracts/hub.ts";
import { act as rootAct, startKeeper } from "../../contracts/root.ts";
import { BusError } from "../../errors.ts";
import { consequenceOf } from "./consequence.ts";
import { runningShells } from "./keepers.ts";
import type { HubParts } from "./parts.ts";
import { findRow } from "./rows.ts";

/** What was asked for. */
export interface ActInput {
  readonly name: string;
  readonly act: ProcessAct;
  readonly endShells: boolean;
}

/**
 * Does it and says what it did.
 * @throws BusError `hub/no-such-process`, `hub/not-offered`, `hub/needs-end-shells`, or what the root says.
 */
export async function actOn(parts: HubParts, input: ActInput): Promise<string> {
  await parts.keeper.look();
  const row = findRow(parts, input.name);
  if (row === undefined) {
    throw new BusError(HubCode.noSuchProcess, `there is no process "${input.name.slice(0, 100)}"`);
  }
  const { sentence, offered } = consequenceOf(parts, row, input.act);
  if (!offered) {
    const acts = row.acts.length === 0 ? "nothing" : row.acts.join(", ");
    throw new BusError(
      HubCode.notOffered,
      `${input.act} is not offered for ${row.name} while it is ${row.state}; offered: ${acts}`,
    );
  }
  parts.log.write("hub", `info ${input.act} ${row.name} was asked for`);
  await carryOut(parts, row, input);
  return sentence;
}

async function carryOut(parts: HubParts, row: ProcessRow, input: ActInput): Promise<void> {
  switch (row.kind) {
    case "actor":
    case "runner":
    case "mcp":
      if (!parts.supervisor.act(row.name, input.act)) {
        throw new BusError(HubCode.notOffered, `${row.name} moved on meanwhile, look again`);
      }
      return;
    case "keeper":
      await actOnKeeper(parts, input);
      return;
    case "shell": {
      const session = row.name.slice(row.name.indexOf("/") + 1);
      await parts.keeper.linkOf(session).endSession(session);
      return;
    }
    case "hub":
    case "window":
    case "page":
      await parts.peer.request(
        rootAct,
        { name: row.name, act: rootWord(input.act) },
        { timeoutMs: 5000 },
      );
      return;
    case "root":
    case "client":
      throw new BusError(HubCode.notOffered, `${row.name} has no acts`);
  }
}

async function actOnKeeper(parts: HubParts, input: ActInput): Promise<void> {
  if (input.act === "retry") {
    await parts.peer.request(startKeeper, {}, { timeoutMs: 10_000 });
    return;
  }
  if (input.act === "resume") {
    await parts.peer.request(rootAct, { name: "keeper", act: "resume" }, { timeoutMs: 5000 });
    return;
  }
  const other = parts.keeper.others().find(({ name }) => name === input.name)?.link;
  const keeper = other ?? parts.keeper;
  if (!input.endShells) {
    const shells = runningShells(keeper.last());
    throw new BusError(
      HubCode.needsEndShells,
      `killing ${input.name} ends ${shells} ${shells === 1 ? "shell" : "shells"}: say so with --end-shells`,
    );
  }
  if (keeper.silence() === "") await keeper.shutdown();
  // One that does not answer cannot be asked.
  else await parts.peer.request(rootAct, { name: input.name, act: "kill" }, { timeoutMs: 5000 });
}

function rootWord(act: ProcessAct): "kill" | "restart" | "park" | "retry" | "freeze" | "resume" {
  if (act === "suspend")
    throw new BusError(HubCode.notOffered, "suspend is for processes of the hub");
  return act;
}
