/** From a call on the bus to a request of the addon: who asks, and for which path. */
import * as v from "valibot";
import type { Clock } from "../../bus/clock.ts";
import * as contract from "../../bus/contracts/file-guard.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import type { CallContext, Peer } from "../../bus/peer.ts";
import type { Asker, NativeGuard, NativeReply } from "./native.ts";

/** What the handlers need. */
export interface ServiceOptions {
  readonly peer: Peer;
  readonly guard: NativeGuard;
  readonly wallMs: () => number;
  readonly clock: Clock;
  /** Whether it will take over from another guard that serves meanwhile. Default alone. */
  readonly begins?: "alone" | "beside another";
  /** What is said of the guard: that its wall is up, or what is wrong with a policy file. */
  readonly says: () => string;
}

const encoder = new TextEncoder();

/** Actors that work for a program: without a principal they are the program. */
const FOR_PROGRAMS: ReadonlySet<string> = new Set(["model", "mcp", "runner"]);

/**
 * Who asks. An actor that acts for nobody but itself is judged like the person, without grants; one that works for
 * programs is judged like the agent.
 * @throws BusError when the hub has named a principal that is none.
 */
export function askerOf({ principal, source }: Pick<CallContext, "principal" | "source">): Asker {
  if (principal !== undefined && !/^(person|agent|mcp:.+)$/s.test(principal)) {
    throw new BusError(BusCode.denied, `${principal} is no principal that files are opened for.`);
  }
  const own = FOR_PROGRAMS.has(source) ? "agent" : "actor";
  return { principal: principal ?? own, actor: source };
}

/** A path of the contract as the bytes Rust takes. */
export function pathBytes(path: contract.Path): Uint8Array {
  return typeof path === "string" ? encoder.encode(path) : path;
}

/** Facts as Rust gives them. */
export function statOf({ value }: NativeReply): contract.Stat {
  return v.parse(contract.Stat, value);
}
