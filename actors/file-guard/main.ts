/** The file-guard actor's process: wires its parts, decides nothing. */
import { join } from "node:path";
import { isBusError } from "../../bus/errors.ts";
import { type ActorContext, PermanentError, runActor } from "../runtime/index.ts";
import { audited, serveAudit, tellAuditHead } from "./audit.ts";
import { loadNativeGuard, type NativeGuard } from "./native.ts";
import { followPolicy } from "./policy.ts";
import { serveFileGuard } from "./service.ts";
import { serveStreams } from "./streams.ts";

runActor({ name: "file-guard", start });

function start(ctx: ActorContext): void {
  const { peer, log, env, clock } = ctx;
  const bare = load(ctx);
  const teller = tellAuditHead(peer, bare, clock);
  const guard = audited(bare, teller);
  const policy = followPolicy(ctx, guard);
  const begins = env.variables["BULKHEAD_BESIDE"] === "1" ? "beside another" : "alone";
  const wallMs = (): number => Date.now();
  const options = { peer, guard, clock, wallMs, says: policy.says, begins } as const;
  serveFileGuard(options);
  serveStreams(options);
  serveAudit(peer, guard);
  log.info("the wall is up", { workspace: env.workspace, readyMs: Math.round(performance.now()) });
}

/** A guard that cannot prove itself stays down: a new attempt would find the same hole. */
function load({ env }: ActorContext): NativeGuard {
  const variables: Record<string, string> = {};
  for (const [name, value] of Object.entries(env.variables)) {
    if (value !== undefined) variables[name] = value;
  }
  try {
    return loadNativeGuard(join(env.home, "node", "guard.node"), variables);
  } catch (error) {
    if (isBusError(error)) throw new PermanentError(error.message, { cause: error });
    throw error;
  }
}
