/** From the guard that serves to the one that takes over, through the hub: grants, and what can be taken back. */
import * as contract from "../../bus/contracts/file-guard.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import type { CallContext } from "../../bus/peer.ts";
import type { ServiceOptions } from "./asking.ts";
import type { GrantTeller } from "./grants.ts";
import type { Asker } from "./native.ts";

const OWN: Asker = { principal: "actor", actor: "file-guard" };

/** Registers both sides. */
export function serveHandover({ peer, guard }: ServiceOptions, grants: GrantTeller): void {
  peer.handle(contract.handOver, async (_input, call) => {
    onlyTheHub(call);
    const { value } = await guard.ask({ op: "hand-over" }, OWN);
    return { guard: value, grants: [...grants.live()] };
  });
  peer.handle(contract.takeOver, async (state, call) => {
    onlyTheHub(call);
    await guard.ask({ op: "take-over", from: state.guard }, OWN);
    for (const grant of state.grants) grants.given(grant);
    return {};
  });
}

function onlyTheHub({ source }: CallContext): void {
  if (source !== "hub") throw new BusError(BusCode.denied, `${source} replaces no guard`);
}
