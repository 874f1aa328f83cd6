/** For actors whose work is not built yet: they run, say so, and refuse everything else clearly. */
import type { AnyContract, MethodContract } from "../../bus/contracts/define.ts";
import { BusCode, BusError } from "../../bus/errors.ts";
import type { ActorContext } from "./context.ts";

type StatusContract = MethodContract<object, { built: boolean; says: string }>;

/**
 * Serves `contracts.status` with `says` and answers every other method of the file with
 * `bus/not-implemented`.
 */
export function serveNotBuilt(
  ctx: ActorContext,
  contracts: { readonly status: StatusContract } & Readonly<Record<string, unknown>>,
  says: string,
): void {
  ctx.peer.handle(contracts.status, () => ({ built: false, says }));
  for (const contract of Object.values(contracts)) {
    if (contract === contracts.status || !isMethod(contract)) continue;
    ctx.peer.handle(contract, () => {
      throw new BusError(BusCode.notImplemented, `${contract.subject}: ${says}`);
    });
  }
}

function isMethod(value: unknown): value is MethodContract<unknown, unknown> {
  return (value as AnyContract | null)?.type === "method";
}
